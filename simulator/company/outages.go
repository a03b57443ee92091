package company

import (
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// Outages are a company's providers that are unavailable.
type Outages struct {
	mu    sync.Mutex
	byPSP map[string]Outage
}

// Outage is a provider's outage that is in force.
type Outage struct {
	scenario.Outage
	Until time.Time `json:"until,omitzero"` // zero = until it is ended
}

func (o Outage) over(now time.Time) bool { return !o.Until.IsZero() && !now.Before(o.Until) }

// start begins an outage, in place of the provider's last.
func (o *Outages) start(out scenario.Outage, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	started := Outage{Outage: out}
	if out.For > 0 {
		started.Until = now.Add(out.For)
	}
	o.byPSP[out.PSP] = started
}

// end ends a provider's outage; ok is false when there was none.
func (o *Outages) end(psp string, now time.Time) (ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	out, ok := o.byPSP[psp]
	delete(o.byPSP, psp)
	return ok && !out.over(now)
}

// Replace puts outages in the place of all that are in force.
func (o *Outages) Replace(all []Outage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byPSP = map[string]Outage{}
	for _, out := range all {
		o.byPSP[out.PSP] = out
	}
}

// List returns the outages in force, by provider.
func (o *Outages) List(now time.Time) []Outage {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []Outage{}
	for psp, out := range o.byPSP {
		if out.over(now) {
			delete(o.byPSP, psp)
			continue
		}
		all = append(all, out)
	}
	slices.SortFunc(all, func(a, b Outage) int { return strings.Compare(a.PSP, b.PSP) })
	return all
}

// Check returns what an outage does to a call now: an error, or a delay. draw returns the payment's random stream, where
// chance decides.
func (o *Outages) Check(psp string, now time.Time, draw func() *random.Stream) (delay time.Duration, err error) {
	o.mu.Lock()
	out, ok := o.byPSP[psp]
	o.mu.Unlock()
	if !ok || out.over(now) {
		return 0, nil
	}
	switch out.Kind {
	case scenario.SlowProvider:
		return out.Delay, nil
	case scenario.RateLimited:
		return 0, &provider.TransportError{Code: provider.RateLimited}
	case scenario.BadCredentials:
		return 0, &provider.TransportError{Code: provider.InvalidCredentials}
	case scenario.Flapping:
		if draw().Float64() < 0.5 {
			return 0, nil
		}
	}
	return 0, &provider.TransportError{Code: provider.Unavailable}
}
