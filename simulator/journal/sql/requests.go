package sqljournal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// requests are the journal.Requests of a Journal.
type requests struct {
	*store

	mu     sync.Mutex
	limits journal.RequestLimits
	use    journal.Uses
	added  int // since the companies were counted
}

func newRequests(s *store, limits journal.RequestLimits) *requests {
	return &requests{store: s, limits: limits.OrUsual()}
}

// recount is after how many requests of its own a process that shares the database counts again what all have kept.
const recount = 1000

const (
	requestColumns  = "no, company, id, at, stage, rule, status, payment, encoding, data"
	writtenRequests = "company text, id text, at bigint, stage text, rule text, status int, payment text, size int, encoding int, data bytea"
	writtenDetails  = "id text, encoding int, data bytea"
)

// Add implements journal.Requests. Requests of all companies are written one batch after the other, so that their numbers appear in
// order.
func (q *requests) Add(ctx context.Context, all []journal.Request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	var rows, details [][]any
	companies := map[string]bool{}
	for i := range all {
		r := &all[i]
		summary, rest := slices.Clone(r.Summary), slices.Clone(r.Details)
		if r.Content != nil {
			var err error
			if summary, rest, err = r.Content.Write(); err != nil {
				return fmt.Errorf("write request %s: %w", r.ID, err)
			}
		}
		rows = append(rows, []any{
			r.Company, r.ID, r.At.UnixMilli(), r.Stage, r.Rule, int64(r.Status), r.Payment, int64(r.Size()), int64(plainEncoding), seal(summary),
		})
		details = append(details, []any{r.ID, int64(plainEncoding), seal(rest)})
		companies[r.Company] = true
	}
	err := q.transact(ctx, call{what: "requests", scope: "requests"}, func(ctx context.Context, t *tx) error {
		if err := q.count(ctx, t, companies); err != nil {
			return err
		}
		t.later(insert("requests", writtenRequests, rows...), insert("request_details", writtenDetails, details...))
		return nil
	})
	if err != nil {
		return err
	}
	q.added += len(all)
	for i := range all {
		company := all[i].Company
		q.use.Set(company, q.use.Get(company).Plus(1, all[i].Size()))
	}
	for company := range companies {
		err = q.trim(ctx, company)
		q.tellRequests(company)
		if err != nil {
			return err
		}
	}
	return nil
}

// count counts what is kept of the companies that have not been counted, or not lately.
func (q *requests) count(ctx context.Context, t *tx, companies map[string]bool) error {
	again := q.others != nil && q.added >= recount
	if again {
		q.added = 0
	}
	for company := range companies {
		if q.use.Known(company) && !again {
			continue
		}
		if err := q.countOne(ctx, t, company); err != nil {
			return err
		}
	}
	return nil
}

func (q *requests) countOne(ctx context.Context, t *tx, company string) error {
	var count, bytes int64
	err := t.run(ctx, ask("SELECT count(*), CAST(coalesce(sum(size), 0) AS bigint) FROM requests WHERE company = $1", company).into(&count, &bytes))
	if err == nil {
		q.use.Set(company, journal.Use{Count: int(count), Bytes: int(bytes)})
	}
	return err
}

// dropped is how many requests are dropped at once at most.
const dropped = 1000

// trim drops the oldest requests over the limits, and a few more, so that it is not done for each request.
func (q *requests) trim(ctx context.Context, written string) error {
	for company, excess, over := q.limits.Over(&q.use, written); over; company, excess, over = q.limits.Over(&q.use, written) {
		excess = excess.Plus(max(0, excess.Count/4), max(0, excess.Bytes/4))
		var freed journal.Use
		err := q.transact(ctx, call{what: "requests", scope: "requests"}, func(ctx context.Context, t *tx) error {
			freed = journal.Use{}
			if q.others != nil { // which may have dropped some
				if err := q.countOne(ctx, t, company); err != nil {
					return err
				}
				if still, _, over := q.limits.Over(&q.use, written); !over || still != company {
					return nil
				}
			}
			return q.dropOldest(ctx, t, company, excess, &freed)
		})
		if err != nil {
			return err
		}
		q.use.Set(company, q.use.Get(company).Plus(-freed.Count, -freed.Bytes))
	}
	return nil
}

// dropOldest drops so much of a company's oldest requests, as far as one step goes.
func (q *requests) dropOldest(ctx context.Context, t *tx, company string, excess journal.Use, freed *journal.Use) error {
	var last, no, size int64
	oldest := ask("SELECT no, size FROM requests WHERE company = $1 ORDER BY no LIMIT $2", company, dropped)
	err := t.run(ctx, oldest.scan(func() error {
		if freed.Count < excess.Count || freed.Bytes < excess.Bytes {
			last, *freed = no, freed.Plus(1, int(size))
		}
		return nil
	}, &no, &size))
	if err != nil {
		return err
	}
	if freed.Count == 0 {
		return fmt.Errorf("requests of company %s are over their limit, but there are none: %w", company, errDamaged)
	}
	t.later(
		ask("DELETE FROM request_details WHERE id IN (SELECT id FROM requests WHERE company = $1 AND no <= $2)", company, last),
		ask("DELETE FROM requests WHERE company = $1 AND no <= $2", company, last))
	return nil
}

// List implements journal.Requests.
func (q *requests) List(ctx context.Context, company string, by journal.RequestQuery) (found []journal.Request, err error) {
	where, args, order := "company = $1", []any{company}, " DESC"
	and := func(condition string, arg any) {
		args = append(args, arg)
		where += fmt.Sprintf(" AND "+condition, len(args))
	}
	for _, text := range []struct{ column, value string }{{"stage", by.Stage}, {"rule", by.Rule}, {"payment", by.Payment}} {
		if text.value != "" {
			and(text.column+" = $%d", text.value)
		}
	}
	if by.Status != 0 {
		and("status = $%d", int64(by.Status))
	}
	if by.Refused {
		where += " AND stage <> ''"
	}
	if by.Accepted {
		where += " AND stage = ''"
	}
	if by.Before > 0 {
		and("no < $%d", int64(min(by.Before, 1<<62)))
	}
	if by.After > 0 {
		and("no > $%d", int64(min(by.After, 1<<62)))
	}
	if by.Oldest {
		order = ""
	}
	args = append(args, cmp.Or(max(by.Limit, 0), usualLimit))
	text := fmt.Sprintf("SELECT %s FROM requests WHERE %s ORDER BY no%s LIMIT $%d", requestColumns, where, order, len(args))
	err = q.run(ctx, "requests", func(ctx context.Context, c conn) error {
		found = nil
		return c.run(ctx, scanRequests(ask(text, args...), appendTo(&found)))
	})
	return found, err
}

// scanRequests has each called for every request that a statement with requestColumns finds.
func scanRequests(s statement, each func(journal.Request) error) statement {
	var r journal.Request
	var no, at, status, encoding int64
	var data []byte
	return s.scan(func() error {
		u, err := unseal(encoding, data)
		if err != nil {
			return fmt.Errorf("request %s: %w", r.ID, err)
		}
		r.No, r.At, r.Status, r.Summary = uint64(no), time.UnixMilli(at).UTC(), int(status), u.rest
		return each(r)
	}, &no, &r.Company, &r.ID, &at, &r.Stage, &r.Rule, &status, &r.Payment, &encoding, &data)
}

// Get implements journal.Requests.
func (q *requests) Get(ctx context.Context, company, id string) (found journal.Request, err error) {
	err = q.run(ctx, "request", func(ctx context.Context, c conn) error {
		found = journal.Request{}
		var encoding int64
		var data []byte
		err := c.run(ctx,
			scanRequests(ask("SELECT "+requestColumns+" FROM requests WHERE id = $1 AND company = $2", id, company),
				func(r journal.Request) error { found = r; return nil }),
			ask("SELECT encoding, data FROM request_details WHERE id = $1", id).into(&encoding, &data))
		if err != nil {
			return err
		}
		if found.ID == "" {
			return journal.ErrNotFound
		}
		u, err := unseal(encoding, data)
		if err != nil {
			return fmt.Errorf("request %s: %w", id, err)
		}
		found.Details = u.rest
		return nil
	})
	return found, err
}

// tellRequests tells those who follow a company's calls, here and elsewhere. Workers have nothing to do with them.
func (q *requests) tellRequests(company string) {
	q.signals.Tell(company)
	q.tellOthers(company, aboutRequests)
}

// Forget implements journal.Requests.
func (q *requests) Forget(ctx context.Context, company string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	err := q.transact(ctx, call{what: "forget requests", scope: "requests", long: true}, func(_ context.Context, t *tx) error {
		t.later(ask("DELETE FROM request_details WHERE id IN (SELECT id FROM requests WHERE company = $1)", company),
			ask("DELETE FROM requests WHERE company = $1", company))
		return nil
	})
	if err != nil {
		return err
	}
	q.use.Forget(company)
	q.tellRequests(company)
	return nil
}

// checkRequests reads all requests.
func checkRequests(ctx context.Context, on conn) error {
	var id string
	var encoding, count, details int64
	var data []byte
	return on.run(ctx,
		scanRequests(ask("SELECT "+requestColumns+" FROM requests"), func(journal.Request) error { count++; return nil }),
		ask("SELECT id, encoding, data FROM request_details").scan(func() error {
			details++
			if _, err := unseal(encoding, data); err != nil {
				return fmt.Errorf("request %s: %w", id, err)
			}
			return nil
		}, &id, &encoding, &data),
		ask("SELECT 1").scan(func() error { return counted("details of requests", uint64(details), uint64(count)) }, &encoding))
}
