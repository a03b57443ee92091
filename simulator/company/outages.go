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
	byPSP map[string]scenario.Outage
}

func over(out scenario.Outage, now time.Time) bool {
	return !out.Until.IsZero() && !now.Before(out.Until)
}

// start begins an outage, in place of the provider's last.
func (o *Outages) start(out scenario.Outage, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if out.For > 0 {
		out.Until = now.Add(out.For)
	}
	o.byPSP[out.PSP] = out
}

// end ends a provider's outage; ok is false when there was none.
func (o *Outages) end(psp string, now time.Time) (ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	out, ok := o.byPSP[psp]
	delete(o.byPSP, psp)
	return ok && !over(out, now)
}

// Replace puts outages in the place of all that are in force.
func (o *Outages) Replace(all []scenario.Outage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byPSP = map[string]scenario.Outage{}
	for _, out := range all {
		o.byPSP[out.PSP] = out
	}
}

// List returns the outages in force, by provider.
func (o *Outages) List(now time.Time) []scenario.Outage {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []scenario.Outage{}
	for psp, out := range o.byPSP {
		if over(out, now) {
			delete(o.byPSP, psp)
			continue
		}
		all = append(all, out)
	}
	slices.SortFunc(all, func(a, b scenario.Outage) int { return strings.Compare(a.PSP, b.PSP) })
	return all
}

// Check returns what an outage does to a call now: an error, or a delay. draw returns the payment's random stream, where
// chance decides.
func (o *Outages) Check(psp string, now time.Time, draw func() *random.Stream) (delay time.Duration, err error) {
	o.mu.Lock()
	out, ok := o.byPSP[psp]
	o.mu.Unlock()
	if !ok || over(out, now) {
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
