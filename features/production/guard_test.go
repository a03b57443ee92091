package production

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mozartosim/fixtures"
	"mozartosim/simulator/clock"
)

type recorder struct{ hosts []string }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.hosts = append(r.hosts, request.URL.Host)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: request}, nil
}

// A page that an answer names doesn't lead to production either.
func TestNothingLeadsToProduction(t *testing.T) {
	t.Parallel()
	seen := &recorder{}
	g := Transport(seen, false, Sandbox, 2)
	for _, target := range []string{"https://backend.app.mozarto.io/pay", "https://Backend.App.Mozarto.io./"} {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := g.RoundTrip(request); err == nil {
			_ = answer.Body.Close()
			t.Errorf("%s was called", target)
		}
	}
	if len(seen.hosts) > 0 {
		t.Errorf("called: %v", seen.hosts)
	}
}

// Calls of the API are spaced evenly; those of other hosts are not held up.
func TestThrottle(t *testing.T) {
	t.Parallel()
	at := clock.NewManual(time.Unix(0, 0))
	th := newThrottle(at, 2)
	var waits []time.Duration
	for range 3 {
		waits = append(waits, th.reserve())
	}
	if waits[0] != 0 || waits[1] != 500*time.Millisecond || waits[2] != time.Second {
		t.Errorf("waits are %v", waits)
	}
	if err := at.MoveTo(time.Unix(100, 0)); err != nil {
		t.Fatal(err)
	}
	if wait := th.reserve(); wait != 0 {
		t.Errorf("a pause is not paid for: %v", wait)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := newThrottle(clock.New(), 0.01).wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Only published test cards are sent anywhere but to a simulator.
func TestCardGuard(t *testing.T) {
	t.Parallel()
	guard, err := CardCheck()
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		`{"card":{"pan":"4000000000000002"}}`, `{"card":{"pan":"4000 0000 0000 0002"}}`, `{"card":{"pan":"4000-0000-0000-0002"}}`,
		`{"card":{"pan":4000000000000002}}`, `{"card":{"pan":"123456789012"}}`, `{"cardNumber":"4000000000000003"}`,
	} {
		err := guard([]byte(body))
		if err == nil {
			t.Errorf("%s would be sent", body)
			continue
		}
		if strings.Contains(err.Error(), "4000000000000002") {
			t.Errorf("the error shows the number: %v", err)
		}
	}
	if err := guard([]byte(`{"voucherPin":"4000000000000002","merchantReference":"4000000000000002"}`)); err != nil {
		t.Errorf("what stands in no field for cards is refused: %v", err)
	}
	requests, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if err := guard(r.Body); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	u, err := url.Parse("https://A.example.:8443/x")
	if err != nil || Host(u) != "a.example" {
		t.Errorf("got %q, %v", Host(u), err)
	}
}
