package query

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payments"
)

// search lists the streams that list picks: the one whose id a text is, or those whose merchant reference or user it is, or the one
// whose session or end of an id it is, or else those that have it in one of these, or that are of this amount. For the last it looks
// at so many streams and no more; left is where to go on then.
func (q *Queries) search(ctx context.Context, company string, list journal.Query, text string) (found []journal.Stream, left uint64, err error) {
	if _, err := q.journal.Entries(ctx, company, text); !errors.Is(err, journal.ErrNotFound) {
		found, err = q.one(ctx, company, list, text, err)
		return found, 0, err
	}
	for _, name := range [...]string{"merchantReference", "userId"} {
		by := list
		by.Labels = slices.Concat(list.Labels, journal.Labels{{Name: name, Value: text}})
		some, err := q.journal.List(ctx, company, by)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b journal.Stream) int { return cmp.Compare(b.Ordinal, a.Ordinal) })
	found = slices.CompactFunc(found, func(a, b journal.Stream) bool { return a.Ordinal == b.Ordinal })
	if len(found) > 0 {
		return found[:min(len(found), list.Limit)], 0, nil
	}
	if id, err := q.byPart(ctx, company, text); id != "" || err != nil {
		found, err = q.one(ctx, company, list, id, err)
		return found, 0, err
	}
	return q.scan(ctx, company, list, text)
}

// mostSearched is how many payments scan looks at.
const mostSearched = 2000

// scan is the last part of search.
func (q *Queries) scan(ctx context.Context, company string, list journal.Query, text string) (found []journal.Stream, left uint64, err error) {
	limit, text := list.Limit, strings.ToLower(text)
	sum, noSum := money.Parse(text, 8)
	list.Limit = mostSearched / 4
	for range 4 {
		some, err := q.journal.List(ctx, company, list)
		if err != nil {
			return nil, 0, err
		}
		for _, st := range some {
			whole := strings.ToLower(st.ID + "\n" + st.Labels.Get("merchantReference") + "\n" + st.Labels.Get("userId"))
			amount, err := money.Parse(st.Labels.Get("amount"), 8)
			if !strings.Contains(whole, text) && (noSum != nil || err != nil || amount.Cmp(sum) != 0) {
				continue
			}
			if found = append(found, st); len(found) == limit {
				return found, 0, nil
			}
		}
		if len(some) < list.Limit {
			return found, 0, nil
		}
		list.Before = some[len(some)-1].Ordinal
	}
	return found, list.Before, nil
}

// byPart returns the payment whose end of an id or session a text is, "" when it is none.
func (q *Queries) byPart(ctx context.Context, company, text string) (string, error) {
	if id, err := q.byEnd(ctx, company, strings.ToLower(text)); id != "" || err != nil {
		return id, err
	}
	owner, id, err := q.payments.BySession(ctx, text)
	if errors.Is(err, journal.ErrNotFound) || owner != company {
		return "", nil
	}
	return id, err
}

// byEnd returns the payment whose id ends so: its last six digits are its ordinal.
func (q *Queries) byEnd(ctx context.Context, company, end string) (string, error) {
	end = strings.TrimPrefix(end, "…")
	if len(end) < 6 {
		return "", nil
	}
	ordinal, err := strconv.ParseUint(end[len(end)-6:], 16, 64)
	if err != nil {
		return "", nil //nolint:nilerr // it is no end of an id
	}
	at, err := q.journal.List(ctx, company, journal.Query{Before: ordinal + 1, Limit: 1})
	if err != nil || len(at) == 0 || !strings.HasSuffix(at[0].ID, end) {
		return "", err
	}
	return at[0].ID, nil
}

// one lists the one payment, when list picks it.
func (q *Queries) one(ctx context.Context, company string, list journal.Query, id string, err error) ([]journal.Stream, error) {
	if err != nil || list.Before > 0 { // it was on the first page
		return nil, err
	}
	p, entries, err := q.payments.Read(ctx, company, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	labels := payments.Labels(p)
	for _, want := range list.Labels {
		if labels.Get(want.Name) != want.Value {
			return nil, nil
		}
	}
	return []journal.Stream{{Company: company, ID: id, Ordinal: p.Ordinal, Length: len(entries), Labels: labels}}, nil
}
