package pages

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/requestlog"
)

// KeepCalls has the log of calls keep those of hosted pages that next answers; now is a company's time.
func KeepCalls(log *requestlog.Log, now func(company string) time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/pay/") || strings.HasPrefix(r.URL.Path, "/pay/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		began := clock.Wall()
		id := log.NewID()
		w.Header()[requestlog.Header] = []string{id}
		seen, page := &statusWriter{ResponseWriter: w, status: http.StatusOK}, pageOf{}
		next.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), pageOf{}, &page)))
		if w.Header().Get(requestlog.Header) != id { // no page has this path, and the handler that answered has kept the call
			return
		}
		ended := clock.Wall()
		c := requestlog.NewCall(id, r)
		c.Status, c.At, c.Took = seen.status, ended, ended.Sub(began)
		if page.payment != "" {
			c.Company, c.Payment, c.At = page.company, page.payment, now(page.company)
		}
		if seen.status >= http.StatusBadRequest {
			c.Stage, c.Reason = "page", "the hosted page answered "+http.StatusText(seen.status)
			if page.unknown {
				c.Reason = "no payment has a hosted page with this session: it may have been reset or dropped since"
			}
		}
		log.Record(c) //nolint:contextcheck // it is written when the request has ended
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
