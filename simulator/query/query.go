package query

import (
	"context"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/requestlog"
)

// pageSize is how many streams or entries a query asks the journal for.
const pageSize = 500

// Queries read what a journal holds of companies, which are named by id. They are asked and answer in the types of the admin API.
type Queries struct {
	journal  journal.Journal
	payments *payments.Store
	runtimes *company.Runtimes
	base     *listener.Base // of hosted pages
	requests *requestlog.Log
	contract *openapi.Contract // of the admin API: what conditions can read
	tails    tails
}

// New makes them.
func New(
	j journal.Journal, p *payments.Store, r *company.Runtimes, base *listener.Base, requests *requestlog.Log, control *openapi.Contract,
) *Queries {
	return &Queries{
		journal: j, payments: p, runtimes: r, base: base, requests: requests, contract: control,
		tails: tails{journal: j, followed: map[string]*tail{}},
	}
}

// eachStream visits the streams of a company's payments, newest first, until visit returns false.
func (q *Queries) eachStream(ctx context.Context, company string, visit func(journal.Stream) (more bool, err error)) error {
	for list := (journal.Query{Limit: pageSize}); ; {
		streams, err := q.journal.List(ctx, company, list)
		if err != nil || len(streams) == 0 {
			return err
		}
		for _, st := range streams {
			if st.Labels.Get("psp") == "" { // no payment
				continue
			}
			if more, err := visit(st); err != nil || !more {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		list.Before = streams[len(streams)-1].Ordinal
	}
}

// newest returns the seq of a company's last entry, 0 when there is none.
func (q *Queries) newest(ctx context.Context, company string) (uint64, error) {
	last, err := q.journal.Feed(ctx, company, journal.FeedQuery{Newest: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return last[0].Seq, nil
}

// changedWithin waits for a change; it is false when limit has passed, ctx has ended or the company's runtime ends.
func changedWithin(ctx context.Context, limit time.Duration, changed <-chan struct{}, rt *company.Runtime) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-changed:
		return true
	case <-ctx.Done():
	case <-rt.Context().Done():
	}
	return false
}
