package production

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/clock"
)

// Host is a URL's host as hosts are compared: lower case, no port, no dot at the end.
func Host(u *url.URL) string { return strings.TrimRight(strings.ToLower(u.Hostname()), ".") }

// transport keeps every call away from production, and the calls of the API at a pace.
type transport struct {
	next  http.RoundTripper
	known bool
	pace  *throttle
	host  string // of the API; calls of others, such as the providers' pages, are not delayed
}

// Transport makes next refuse production unless it is known to be just that, and send at most so many calls a
// second to a host; 0 = any number.
func Transport(next http.RoundTripper, known bool, host string, callsPerSecond float64) http.RoundTripper {
	return &transport{next, known, newThrottle(clock.New(), callsPerSecond), host}
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := Check(r.URL, t.known); err != nil {
		return nil, err
	}
	if Host(r.URL) == t.host {
		if err := t.pace.wait(r.Context()); err != nil {
			return nil, err
		}
	}
	return t.next.RoundTrip(r)
}

// throttle spaces calls evenly.
type throttle struct {
	clock *clock.Clock
	every time.Duration

	mu   sync.Mutex
	next time.Time // when the next call may go
}

func newThrottle(c *clock.Clock, perSecond float64) *throttle {
	t := &throttle{clock: c}
	if perSecond > 0 {
		t.every = time.Duration(float64(time.Second) / perSecond)
	}
	return t
}

// reserve takes the next free moment and returns how long it is until then.
func (t *throttle) reserve() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	if t.next.Before(now) {
		t.next = now
	}
	wait := t.next.Sub(now)
	t.next = t.next.Add(t.every)
	return wait
}

// wait waits for the call's moment. The error is ctx's.
func (t *throttle) wait(ctx context.Context) error {
	_, err := t.clock.Hold(ctx, t.reserve())
	return err
}
