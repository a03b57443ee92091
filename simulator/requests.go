package simulator

import (
	"context"
	"encoding/json"
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
		Lost: func(calls int) {
			for range calls {
				s.metrics.LimitReached("requests")
			}
		},
	})
}

// rules finds how a rule of the contract is known, by its id in the ledger.
func rules(contract *openapi.Contract) func(id string) (adminapi.Provenance, bool) {
	ledger := sync.OnceValue(func() map[string]openapi.Provenance {
		all := map[string]openapi.Provenance{}
		for _, e := range contract.Ledger() {
			all[e.ID] = e.Provenance
		}
		return all
	})
	return func(id string) (adminapi.Provenance, bool) {
		how, known := ledger()[id]
		return adminapi.Provenance{Basis: string(how.Basis), Source: how.Source, Note: how.Note}, known
	}
}

// requestLog is the log of calls as the admin API needs it.
type requestLog struct {
	*requestlog.Log
	simulator *Simulator
}

// Archive implements control.Requests.
func (l requestLog) Archive(ctx context.Context, company string, q journal.RequestQuery) (json.RawMessage, error) {
	return l.Log.Archive(ctx, company, q, l.simulator.PublicURL(), l.simulator.config.Version, func(id string) (request, answer string) {
		p, err := l.simulator.payments.Read(ctx, company, id)
		if err != nil { // dropped
			return "", ""
		}
		if p.Answer != nil {
			answer = string(p.Answer.Body)
		}
		return string(p.Request), answer
	})
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
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		now := clock.Wall()
		c := requestlog.NewCall(id, r)
		c.Status, c.At, c.Took = seen.status, now, now.Sub(began)
		parts := strings.Split(r.URL.Path, "/") // "", pay, provider, session, …
		if company, payment, err := s.payments.BySession(r.Context(), parts[min(3, len(parts)-1)]); err == nil {
			c.Company, c.Payment, c.At = company, payment, s.clockOf(company).Now()
		}
		if seen.status >= http.StatusBadRequest {
			c.Stage, c.Reason = "page", "the hosted page answered "+http.StatusText(seen.status)
			if c.Payment == "" {
				c.Reason = "no payment has a hosted page with this session: it may have been reset or dropped since"
			}
		}
		s.requests.Record(c)
	})
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
