package simulator

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/requestlog"
)

// newRequestLog makes the log of calls.
func newRequestLog(s *Simulator) *requestlog.Log {
	return requestlog.New(requestlog.Config{
		Store: s.journal.Requests(), Off: s.config.MaxRequests == 0, Changed: s.journal.Changed, Rule: rules(s.contract), Log: s.log,
		Base: s.PublicURL, Version: s.config.Version,
		Payment: func(ctx context.Context, company, id string) (request, answer string) {
			p, err := s.payments.Read(ctx, company, id)
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

// rules finds how a rule of the contract is known and what it says, by its id in the ledger.
func rules(contract *openapi.Contract) func(id string) (how adminapi.Provenance, expected string, known bool) {
	ledger := sync.OnceValue(func() map[string]openapi.Entry { return openapi.ByID(contract.Ledger()) })
	return func(id string) (adminapi.Provenance, string, bool) {
		e, known := ledger()[id]
		how := adminapi.Provenance{Basis: string(e.Provenance.Basis), Source: e.Provenance.Source, Note: e.Provenance.Note}
		return how, cmp.Or(e.Expected, e.Description), known
	}
}

// countedCalls is the log of calls as the Cashier API needs it: it counts those of known providers.
type countedCalls struct {
	*requestlog.Log
	simulator *Simulator
}

// Record implements api.Requests.
func (c countedCalls) Record(call *requestlog.Call) {
	if c.simulator.providers[call.PSP] != nil && call.Company != "" {
		c.simulator.runtimes.Get(call.Company).Counts.Call(call.PSP, call.Took, call.Stage != "")
	}
	c.Log.Record(call)
}

// pageCalls keeps the calls of hosted pages.
func pageCalls(s *Simulator, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/pay/") || strings.HasPrefix(r.URL.Path, "/pay/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		began := clock.Wall()
		id := s.requests.NewID()
		w.Header()[requestlog.Header] = []string{id}
		seen, page := &statusWriter{ResponseWriter: w, status: http.StatusOK}, pageOf{}
		next.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), pageOf{}, &page)))
		if w.Header().Get(requestlog.Header) != id { // no page has this path, and the handler that answered has kept the call
			return
		}
		now := clock.Wall()
		c := requestlog.NewCall(id, r)
		c.Status, c.At, c.Took = seen.status, now, now.Sub(began)
		if page.payment != "" {
			c.Company, c.Payment, c.At = page.company, page.payment, s.runtimes.Get(page.company).Clock.Now()
		}
		if seen.status >= http.StatusBadRequest {
			c.Stage, c.Reason = "page", "the hosted page answered "+http.StatusText(seen.status)
			if page.unknown {
				c.Reason = "no payment has a hosted page with this session: it may have been reset or dropped since"
			}
		}
		s.requests.Record(c)
	})
}

// pageOf is what the look-up of a hosted page's session finds out, for the log of calls; it is also the key of its context.
type pageOf struct {
	company, payment string
	unknown          bool // no payment has the session
}

// noteSession hands on what the look-up of a hosted page's session has found.
func noteSession(ctx context.Context, company, payment string, err error) {
	if page, ok := ctx.Value(pageOf{}).(*pageOf); ok {
		page.company, page.payment, page.unknown = company, payment, errors.Is(err, journal.ErrNotFound)
	}
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController see the writer itself.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
