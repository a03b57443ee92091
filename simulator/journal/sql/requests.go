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

// requestsSchema is the requests' part of the schema. The index finds, filters, counts and weighs them without the table.
const requestsSchema = requestsTable + requestsIndex

const requestsIndex = "CREATE INDEX requests_company ON requests (company, no, stage, rule, status, payment, size, id);"

const requestsTable = `
CREATE TABLE requests ( -- calls of the public listener, refused ones too
	no       {serial}, -- is never given again
	company  text NOT NULL, -- '' = it reached none
	id       text NOT NULL,
	at       {int} NOT NULL, -- milliseconds since 1970
	stage    text NOT NULL, -- where it was refused; '' = it was not
	rule     text NOT NULL,
	status   int NOT NULL,
	payment  text NOT NULL,
	size     int NOT NULL, -- what it counts in bytes, with its details
	encoding int NOT NULL,
	data     {bytes} NOT NULL,
	details  {bytes} NOT NULL -- encoded like data; behind it, so that lists read less
);
`

const writtenRequests = "company text, id text, at bigint, stage text, rule text, status int, payment text, size int, encoding int, data bytea, details bytea"

// Add implements journal.Requests. Requests of all companies are written one batch after the other, so that their numbers appear in
// order.
func (q *requests) Add(ctx context.Context, all []journal.Request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	rows, added, err := requestRows(all)
	if err != nil || len(rows) == 0 {
		return err
	}
	again := q.others != nil && q.added >= recount
	var use journal.Uses
	err = q.transact(ctx, call{what: "requests", scope: "requests"}, func(ctx context.Context, t *tx) error {
		use = q.use.Clone() // a transaction may be tried again
		for company := range added {
			if again || !use.Known(company) {
				if err := count(ctx, t, &use, company); err != nil {
					return err
				}
			}
		}
		t.later(insert("requests", writtenRequests, rows...))
		for company, more := range added {
			use.Set(company, use.Get(company).Plus(more.Count, more.Bytes))
		}
		for company := range added {
			if err := q.trim(ctx, t, &use, company); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if q.use = use; again {
		q.added = 0
	}
	q.added += len(all)
	for company := range added {
		q.tellRequests(company)
	}
	return nil
}

// requestRows are the rows of requests, and what they add to each company's count.
func requestRows(all []journal.Request) (rows [][]any, added map[string]journal.Use, err error) {
	added = map[string]journal.Use{}
	for i := range all {
		r := &all[i]
		summary, details := slices.Clone(r.Summary), slices.Clone(r.Details)
		if r.Content != nil {
			if summary, details, err = r.Content.Write(); err != nil {
				return nil, nil, fmt.Errorf("write request %s: %w", r.ID, err)
			}
		}
		size := r.Size()
		rows = append(rows, []any{
			r.Company, r.ID, r.At.UnixMilli(), r.Stage, r.Rule, int64(r.Status), r.Payment, int64(size), int64(plainEncoding),
			seal(summary), seal(details),
		})
		added[r.Company] = added[r.Company].Plus(1, size)
	}
	return rows, added, nil
}

// count counts what is kept of a company.
func count(ctx context.Context, t *tx, use *journal.Uses, company string) error {
	var n, bytes int64
	err := t.run(ctx, ask("SELECT count(*), CAST(coalesce(sum(size), 0) AS bigint) FROM requests WHERE company = $1", company).into(&n, &bytes))
	if err == nil {
		use.Set(company, journal.Use{Count: int(n), Bytes: int(bytes)})
	}
	return err
}

// trim drops the oldest requests over the limits. What others may have dropped is counted first.
func (q *requests) trim(ctx context.Context, t *tx, use *journal.Uses, written string) error {
	counted := map[string]bool{}
	for company, excess, over := q.limits.Over(use, written); over; company, excess, over = q.limits.Over(use, written) {
		if q.others != nil && !counted[company] {
			counted[company] = true
			if err := count(ctx, t, use, company); err != nil {
				return err
			}
			continue
		}
		freed, err := dropOldest(ctx, t, company, excess)
		if err != nil {
			return err
		}
		use.Set(company, use.Get(company).Plus(-freed.Count, -freed.Bytes))
	}
	return nil
}

// dropped is how many requests one statement drops at most.
const dropped = 1000

// dropOldest drops so much of a company's oldest requests, as far as one statement goes.
func dropOldest(ctx context.Context, t *tx, company string, excess journal.Use) (freed journal.Use, err error) {
	limit := dropped
	if excess.Bytes <= 0 {
		limit = min(excess.Count, dropped)
	}
	var last, no, size int64
	oldest := ask("SELECT no, size FROM requests WHERE company = $1 ORDER BY no LIMIT $2", company, limit)
	err = t.run(ctx, oldest.scan(func() error {
		if freed.Count < excess.Count || freed.Bytes < excess.Bytes {
			last, freed = no, freed.Plus(1, int(size))
		}
		return nil
	}, &no, &size))
	if err == nil && freed.Count == 0 {
		err = fmt.Errorf("requests of company %s are over their limit, but there are none: %w", company, errDamaged)
	}
	if err == nil {
		t.later(ask("DELETE FROM requests WHERE company = $1 AND no <= $2", company, last))
	}
	return freed, err
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
			and(text.column+" = $%d", storable(text.value))
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
	from := fmt.Sprintf("WHERE %s ORDER BY no%s LIMIT $%d", where, order, len(args))
	err = q.run(ctx, "requests", func(ctx context.Context, c conn) error {
		found = nil
		return c.run(ctx, findRequests(false, from, args, appendTo(&found)))
	})
	return found, err
}

// findRequests has each called for every request that a query finds, with its details if whole; from is what follows FROM requests.
func findRequests(whole bool, from string, args []any, each func(journal.Request) error) statement {
	var r journal.Request
	var no, at, status, encoding int64
	var data, details []byte
	columns := "no, company, id, at, stage, rule, status, payment, encoding, data"
	targets := []any{&no, &r.Company, &r.ID, &at, &r.Stage, &r.Rule, &status, &r.Payment, &encoding, &data}
	if whole {
		columns, targets = columns+", details", append(targets, &details)
	}
	return ask("SELECT "+columns+" FROM requests "+from, args...).scan(func() error {
		r.No, r.At, r.Status = uint64(no), time.UnixMilli(at).UTC(), int(status)
		u, err := unseal(encoding, data)
		r.Summary = u.rest
		if err == nil && whole {
			u, err = unseal(encoding, details)
			r.Details = u.rest
		}
		if err != nil {
			return fmt.Errorf("request %s: %w", r.ID, err)
		}
		return each(r)
	}, targets...)
}

// Get implements journal.Requests.
func (q *requests) Get(ctx context.Context, company, id string) (journal.Request, error) {
	var found []journal.Request
	err := q.run(ctx, "request", func(ctx context.Context, c conn) error {
		found = nil
		return c.run(ctx, findRequests(true, "WHERE company = $1 AND id = $2", []any{company, storable(id)}, appendTo(&found)))
	})
	if err == nil && len(found) == 0 {
		err = journal.ErrNotFound
	}
	if err != nil {
		return journal.Request{}, err
	}
	return found[0], nil
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
		t.later(ask("DELETE FROM requests WHERE company = $1", company))
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
	return on.run(ctx, findRequests(true, "", nil, func(journal.Request) error { return nil }))
}
