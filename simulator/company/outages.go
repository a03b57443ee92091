package company

import (
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// Outages are a company's providers that are unavailable, in the order of their names; some may be over.
type Outages []scenario.Outage

func over(out scenario.Outage, now time.Time) bool {
	return !out.Until.IsZero() && !now.Before(out.Until)
}

// InForce returns those that are not over.
func (o Outages) InForce(now time.Time) Outages {
	return o.without(func(out scenario.Outage) bool { return over(out, now) })
}

// Arranged returns those that are not over as they are kept, whoever wrote them down: the last of each provider, in the order of their names.
func (o Outages) Arranged(now time.Time) (all Outages) {
	for _, out := range o {
		all = all.with(out, now)
	}
	return all.InForce(now)
}

func (o Outages) without(gone func(scenario.Outage) bool) Outages {
	return slices.DeleteFunc(append(Outages{}, o...), gone) // JSON writes none as a list, too
}

// with adds an outage, in place of the provider's last.
func (o Outages) with(out scenario.Outage, now time.Time) Outages {
	all, _ := o.end(out.PSP, now)
	all = append(all, out)
	slices.SortFunc(all, func(a, b scenario.Outage) int { return strings.Compare(a.PSP, b.PSP) })
	return all
}

// end ends a provider's outage; ok is false when there was none.
func (o Outages) end(psp string, now time.Time) (left Outages, ok bool) {
	all := o.InForce(now)
	left = all.without(func(out scenario.Outage) bool { return out.PSP == psp })
	return left, len(left) < len(all)
}

// Check returns what an outage does to a call now: an error, or a delay. draw returns the payment's random stream, where
// chance decides.
func (o Outages) Check(psp string, now time.Time, draw func() *random.Stream) (delay time.Duration, err error) {
	i := slices.IndexFunc(o, func(out scenario.Outage) bool { return out.PSP == psp && !over(out, now) })
	if i < 0 {
		return 0, nil
	}
	switch out := o[i]; out.Kind {
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
