package merchant_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mozartosim/fixtures"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/merchant"
	"mozartosim/simulator/simtest"
)

// order is a valid PAYONE pay-in.
func order(t *testing.T) merchant.Order {
	t.Helper()
	body, err := fixtures.Example("PAYONE", "PAYIN", "", "minimal")
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	fields["merchantReference"] = "order-1"
	body, err = json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return merchant.Order{Body: body}
}

// A company's credentials make the same tokens, whether its configuration or the simulator that runs has them; the simulator has its
// URL and its clock besides.
func TestCompany(t *testing.T) {
	t.Parallel()
	s := simtest.Start(t)
	running, err := merchant.Running(t.Context(), s.Client, s.AdminURL, "")
	if err != nil {
		t.Fatal(err)
	}
	all, err := simulator.Configured(simulator.Default())
	if err != nil {
		t.Fatal(err)
	}
	configured, err := merchant.Named(all, "")
	if err != nil {
		t.Fatal(err)
	}
	var tokens [2]adminapi.Tokens
	for i, c := range []*merchant.Company{running, configured} {
		if tokens[i], err = merchant.Tokens(c.Settings); err != nil {
			t.Fatal(err)
		}
	}
	if tokens[0] != tokens[1] || tokens[0].Company == "" || tokens[0].User == "" {
		t.Errorf("the simulator's tokens are %v, the configuration's %v", tokens[0], tokens[1])
	}
	if url, err := running.CashierURL(t.Context()); err != nil || url != s.URL {
		t.Errorf("the running simulator's URL is %q, %v; want %s", url, err, s.URL)
	}
	if url, err := configured.CashierURL(t.Context()); err != nil || url != merchant.DefaultURL {
		t.Errorf("the configuration's URL is %q, %v", url, err)
	}
	s.Advance(t, time.Hour)
	if now, err := running.Now(t.Context()); err != nil || !now.Equal(time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("the simulator's clock stands at %s, %v", now, err)
	}
	if _, err := merchant.Named(all, "dmo"); err == nil || err.Error() != `there is no company "dmo": use one of demo; did you mean demo?` {
		t.Errorf("got %v", err)
	}
}

// The payment is found by its reference, even when the answer is lost, and driven to an outcome while that can be chosen.
func TestSendAndDrive(t *testing.T) {
	t.Parallel()
	s := simtest.Start(t, simtest.ManualShopper())
	made, err := order(t).Send(t.Context(), losing{}, s.Demo)
	if err != nil || made.Payment == "" || !strings.Contains(made.Answer.Failure(), "it was lost") {
		t.Fatalf("got %+v, %v", made, err)
	}
	paid := func() adminapi.Payment {
		p, err := s.Demo.Payment(t.Context(), made.Payment)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for range 2 { // the second time there is nothing to decide
		if err := merchant.Drive(t.Context(), s.Demo, paid(), "approve", ""); err != nil || paid().Status != "approved" {
			t.Errorf("it is %s, %v", paid().Status, err)
		}
	}
	if err := merchant.Drive(t.Context(), s.Demo, paid(), "decline", ""); !merchant.IsFinal(err) {
		t.Errorf("an approved payment can't be declined: %v", err)
	}
}

// losing sends calls and loses their answers.
type losing struct{}

func (losing) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(errors.New("the line is cut"), answer.Body.Close())
}

// A call has the payment that it made, not one that another call made meanwhile; nor does a reference that is too long to list payments by
// hide why the call was refused.
func TestKept(t *testing.T) {
	t.Parallel()
	s := simtest.Start(t)
	for name, c := range map[string]struct{ change, says string }{
		"no reference":   {`"merchantReference":5`, "merchantReference must be a string"},
		"long reference": {`"merchantReference":"` + strings.Repeat("é", 257) + `"`, "merchantReference must be at most 256 characters"},
	} {
		o := order(t)
		o.Body = []byte(strings.Replace(string(o.Body), `"merchantReference":"order-1"`, c.change, 1))
		made, err := o.Send(t.Context(), paying{t, order(t), s.Demo}, s.Demo)
		if err != nil {
			t.Fatal(name, err)
		}
		kept, ok := made.Kept(t.Context(), s.Demo)
		if !ok || !strings.Contains(kept.Reason, c.says) || made.Payment != "" {
			t.Errorf("%s: got %+v, payment %q", name, kept, made.Payment)
		}
	}
	if _, ok := (&merchant.Call{}).Kept(t.Context(), s.Demo); ok {
		t.Error("a call without an answer is kept")
	}
}

// paying makes a payment of its own before each call.
type paying struct {
	t     *testing.T
	order merchant.Order
	at    *adminapi.CompanyClient
}

func (p paying) RoundTrip(r *http.Request) (*http.Response, error) {
	if made, err := p.order.Send(r.Context(), nil, p.at); err != nil || made.Payment == "" {
		p.t.Errorf("the payment meanwhile: %+v, %v", made, err)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Redirects are the answer unless they are to be followed.
func TestRedirect(t *testing.T) {
	t.Parallel()
	s := simtest.Start(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.URL+r.URL.Path, http.StatusPermanentRedirect)
	}))
	t.Cleanup(proxy.Close)
	o := order(t)
	o.URL = proxy.URL
	if made, err := o.Send(t.Context(), nil, s.Demo); err != nil || made.Answer.Status != http.StatusPermanentRedirect || made.Payment != "" {
		t.Errorf("got %+v, %v", made, err)
	}
	o.Follow = true
	if made, err := o.Send(t.Context(), nil, s.Demo); err != nil || made.Answer.Status != http.StatusOK || made.Payment == "" {
		t.Errorf("got %+v, %v", made, err)
	}
}

// A call that makes no payment says why, and what to do.
func TestRefusal(t *testing.T) {
	t.Parallel()
	s := simtest.Start(t)
	for name, c := range map[string]struct {
		change func(*merchant.Order)
		says   string
	}{
		"nobody there":  {func(o *merchant.Order) { o.URL = "http://127.0.0.1:1" }, "no Cashier API answers at http://127.0.0.1:1: say where it is with --url or MOZARTOSIM_URL ("},
		"the admin API": {func(o *merchant.Order) { o.URL = s.AdminURL }, "no payment was made: " + s.AdminURL + " answered 404: is this the admin API?"},
		"refused":       {func(o *merchant.Order) { o.Body = []byte("{}") }, "; why: mozartosim requests "},
		"no URL":        {func(o *merchant.Order) { o.URL = "http://a b" }, merchant.ErrURL.Error()},
	} {
		o := order(t)
		c.change(&o)
		made, err := o.Send(t.Context(), nil, s.Demo)
		if err == nil {
			err = made.Refusal()
		}
		if !strings.Contains(err.Error(), c.says) || made.Payment != "" {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := order(t).Send(ended, nil, s.Demo); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context has ended: %v", err)
	}
}
