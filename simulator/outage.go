package simulator

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// outages are a company's providers that are out of order.
type outages struct {
	mu    sync.Mutex
	byPSP map[string]inForce
}

type inForce struct {
	scenario.Outage
	until time.Time // zero = until it is switched off
}

// OutageNow is an outage in force.
type OutageNow struct {
	scenario.Outage
	Until time.Time `json:"until,omitzero"`
}

func newOutages() *outages { return &outages{byPSP: map[string]inForce{}} }

// begin puts an outage into force, in place of the provider's last.
func (o *outages) begin(out scenario.Outage, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := inForce{Outage: out}
	if out.For > 0 {
		r.until = now.Add(out.For)
	}
	o.byPSP[out.PSP] = r
}

// end switches a provider's outage off; ok is false when there was none.
func (o *outages) end(psp string) (ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, ok = o.byPSP[psp]
	delete(o.byPSP, psp)
	return ok
}

// replace puts outages in the place of all that are in force.
func (o *outages) replace(all []OutageNow) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byPSP = map[string]inForce{}
	for _, out := range all {
		o.byPSP[out.PSP] = inForce{out.Outage, out.Until}
	}
}

// strikeOut puts a provider of a company out of order.
func (s *Simulator) strikeOut(ctx context.Context, t *tenant, out scenario.Outage) error {
	return s.keep(ctx, t, partOutages, func() error {
		t.outages.begin(out, t.clock.Now())
		return nil
	})
}

// list returns the outages in force, by provider.
func (o *outages) list(now time.Time) []OutageNow {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []OutageNow
	for psp, r := range o.byPSP {
		if r.over(now) {
			delete(o.byPSP, psp)
			continue
		}
		all = append(all, OutageNow{r.Outage, r.until})
	}
	slices.SortFunc(all, func(a, b OutageNow) int { return strings.Compare(a.PSP, b.PSP) })
	return all
}

func (r inForce) over(now time.Time) bool { return !r.until.IsZero() && !now.Before(r.until) }

// strike returns what an outage does to a call now: an error, or a delay; draw makes the payment's stream, where chance has a
// say.
func (o *outages) strike(psp string, now time.Time, draw func() *random.Stream) (delay time.Duration, err error) {
	o.mu.Lock()
	r, ok := o.byPSP[psp]
	if ok && r.over(now) {
		delete(o.byPSP, psp)
		ok = false
	}
	o.mu.Unlock()
	if !ok {
		return 0, nil
	}
	switch r.Kind {
	case scenario.SlowProvider:
		return r.Delay, nil
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
