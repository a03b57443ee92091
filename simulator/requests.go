package simulator

import (
	"context"
	"sync"

	"mozartosim/openapi"
	"mozartosim/simulator/requestlog"
)

// newRequestLog makes the log of calls.
func newRequestLog(s *Simulator) *requestlog.Log {
	return requestlog.New(requestlog.Config{
		Store: s.journal.Requests(), Off: s.config.MaxRequests == 0, Changed: s.journal.Changed, Log: s.log,
		Rules: sync.OnceValue(func() map[string]openapi.Entry { return openapi.ByID(s.contract.Ledger()) }),
		Base:  s.PublicURL, Version: s.config.Version,
		Payment: func(ctx context.Context, company, id string) (request, answer string) {
			p, _, err := s.payments.Read(ctx, company, id)
			if err != nil { // dropped
				return "", ""
			}
			if p.Answer != nil {
				answer = string(p.Answer.Body)
			}
			return string(p.Request), answer
		},
		Life: func(company string) context.Context {
			if company == "" {
				return s.life
			}
			return s.runtimes.Get(company).Context()
		},
		Lost: func(calls int) {
			for range calls {
				s.metrics.LimitReached("requests")
			}
		},
	})
}

// countedCalls is the log of calls as the Cashier API needs it: it counts those of known providers.
type countedCalls struct {
	*requestlog.Log
	simulator *Simulator
}

// Record implements requestlog.Keeper.
func (c countedCalls) Record(call *requestlog.Call) {
	if c.simulator.providers[call.PSP] != nil && call.Company != "" {
		c.simulator.runtimes.Get(call.Company).Counts.Call(call.PSP, call.Took, call.Stage != "")
	}
	c.Log.Record(call)
}
