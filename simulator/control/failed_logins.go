package control

import (
	"sync"
	"time"

	"mozartosim/simulator/clock"
)

// After maxFailed wrong tokens an address's wrong tokens are answered 429 until failedWindow after the first; at most maxAddresses are
// remembered.
const (
	maxFailed    = 20
	failedWindow = time.Minute
	maxAddresses = 4096
)

// failedLogins counts wrong admin tokens by address.
type failedLogins struct {
	mu        sync.Mutex
	addresses map[string]*failures
}

type failures struct {
	n     int
	since time.Time
}

func newFailedLogins() *failedLogins { return &failedLogins{addresses: map[string]*failures{}} }

// blocked returns for how long an address has no more tries, 0 when it has some.
func (l *failedLogins) blocked(address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.addresses[address]
	if f == nil || f.n < maxFailed {
		return 0
	}
	left := failedWindow - clock.Wall().Sub(f.since)
	if left <= 0 {
		delete(l.addresses, address)
		return 0
	}
	return left
}

// add counts a wrong token.
func (l *failedLogins) add(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := clock.Wall()
	f := l.addresses[address]
	if f == nil || now.Sub(f.since) > failedWindow {
		if len(l.addresses) >= maxAddresses {
			l.forget(now)
		}
		f = &failures{since: now}
		l.addresses[address] = f
	}
	f.n++
}

// forget drops the addresses whose window is over, and all of them when that is not enough.
func (l *failedLogins) forget(now time.Time) {
	for address, f := range l.addresses {
		if now.Sub(f.since) > failedWindow {
			delete(l.addresses, address)
		}
	}
	if len(l.addresses) >= maxAddresses {
		clear(l.addresses)
	}
}
