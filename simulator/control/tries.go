package control

import (
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"mozartosim/simulator/clock"
)

// How often an address may be wrong about the admin token, and how many addresses are remembered.
const (
	mostTries     = 20
	triesWindow   = time.Minute
	mostAddresses = 4096
)

// tries remembers which addresses have been wrong about the admin token, so that it can't be guessed at any speed.
type tries struct {
	mu     sync.Mutex
	failed map[string]*failures
}

type failures struct {
	n     int
	since time.Time
}

func newTries() *tries { return &tries{failed: map[string]*failures{}} }

// blocked says how long an address must wait before it may try again, 0 when it need not.
func (t *tries) blocked(address string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.failed[address]
	if f == nil || f.n < mostTries {
		return 0
	}
	left := triesWindow - clock.Wall().Sub(f.since)
	if left <= 0 {
		delete(t.failed, address)
		return 0
	}
	return left
}

// fail notes that an address was wrong.
func (t *tries) fail(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := clock.Wall()
	f := t.failed[address]
	if f == nil || now.Sub(f.since) > triesWindow {
		if len(t.failed) >= mostAddresses {
			t.forget(now)
		}
		f = &failures{since: now}
		t.failed[address] = f
	}
	f.n++
}

// forget makes room: those whose time is over go, and all of them when that is not enough.
func (t *tries) forget(now time.Time) {
	for address, f := range t.failed {
		if now.Sub(f.since) > triesWindow {
			delete(t.failed, address)
		}
	}
	if len(t.failed) >= mostAddresses {
		clear(t.failed)
	}
}

// paced keeps an address out for a while that has been wrong about the token too often; whoever knows it from elsewhere is
// not disturbed.
func (s *server) paced(may func(*http.Request) error) func(*http.Request) error {
	return func(r *http.Request) error {
		address, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || r.Header.Get("Authorization") == "" { // the console in this process, or nothing was tried
			return may(r)
		}
		if wait := s.tries.blocked(address); wait > 0 {
			return tooManyTries(wait)
		}
		if err := may(r); err != nil {
			s.tries.fail(address)
			return err
		}
		return nil
	}
}

// tooManyTries is for those who guess.
func tooManyTries(wait time.Duration) error {
	return &failure{
		status: http.StatusTooManyRequests, code: "rate_limited",
		message: "the admin token was wrong too often from this address: wait a minute",
		header:  [2]string{"Retry-After", strconv.Itoa(int(wait.Seconds()) + 1)},
	}
}
