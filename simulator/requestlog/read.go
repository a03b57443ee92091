package requestlog

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
)

// mostSearched is how many calls Search looks at.
const mostSearched = 2000

// Search returns calls of a company, "" for those that reached none, without their details. It looks at so many calls and no more: less
// than a page may be found though Next tells to go on. A wrong cursor is journal.ErrCursor.
func (l *Log) Search(ctx context.Context, company string, by adminapi.RequestQuery) (out adminapi.RequestList, err error) {
	out.Requests = []adminapi.RequestSummary{}
	q := journal.RequestQuery{
		Stage: by.Stage, Rule: by.Rule, Payment: by.Payment, Status: by.Status, Refused: by.Outcome == "refused", Accepted: by.Outcome == "accepted",
		Limit: by.Limit + 1, // one more tells whether there is a next page
	}
	if q.Before, err = journal.Before(by.Cursor); err != nil {
		return out, err
	}
	if err := l.Flush(ctx); err != nil {
		return out, err
	}
	reads := 1
	if by.Kind != "" || by.Search != "" { // which a journal does not know
		q.Limit, reads = mostSearched/4, 4
	}
	for range reads {
		kept, err := l.Store.List(ctx, company, q)
		if err != nil {
			return out, fmt.Errorf("search requests: %w", err)
		}
		for i := range kept {
			s, err := summaryOf(&kept[i])
			if err != nil {
				return out, err
			}
			if !finds(&by, &s) {
				continue
			}
			if out.Requests = append(out.Requests, s); len(out.Requests) < by.Limit {
				continue
			}
			if i+1 < len(kept) || len(kept) == q.Limit {
				out.Next = journal.Cursor(kept[i].No)
			}
			return out, nil
		}
		if len(kept) < q.Limit {
			return out, nil
		}
		q.Before = kept[len(kept)-1].No
	}
	out.Next = journal.Cursor(q.Before)
	return out, nil
}

// finds says whether a call is of the kind that is asked for, and has the text that is looked for.
func finds(by *adminapi.RequestQuery, s *adminapi.RequestSummary) bool {
	if by.Kind != "" && (by.Kind == "page") != strings.HasPrefix(s.Path, "/pay/") {
		return false
	}
	if by.Search == "" {
		return true
	}
	whole := strings.Join([]string{s.ID, s.Path, s.Reason, s.Rule, s.Payment, s.Scenario}, "\n")
	return strings.Contains(strings.ToLower(whole), strings.ToLower(by.Search))
}

func summaryOf(r *journal.Request) (s adminapi.RequestSummary, err error) {
	if c, ok := r.Content.(*Call); ok {
		return c.RequestSummary, nil
	}
	if err = json.Unmarshal(r.Summary, &s); err != nil {
		err = fmt.Errorf("read request %s: %w", r.ID, err)
	}
	return s, err
}

// Get returns one call of a company. The error is journal.ErrNotFound when there is none.
func (l *Log) Get(ctx context.Context, company, id string) (one adminapi.Request, err error) {
	if err := l.Flush(ctx); err != nil {
		return one, err
	}
	kept, err := l.Store.Get(ctx, company, id)
	if err != nil {
		return one, fmt.Errorf("read request %s: %w", id, err)
	}
	if one.RequestSummary, err = summaryOf(&kept); err != nil {
		return one, err
	}
	if one.RequestDetails, err = detailsOf(&kept); err != nil {
		return one, err
	}
	if rule, known := l.Rules()[one.Rule]; known {
		one.Provenance, one.Expected = &rule.Provenance, cmp.Or(rule.Expected, rule.Description)
	}
	return one, nil
}

func detailsOf(r *journal.Request) (d adminapi.RequestDetails, err error) {
	if c, ok := r.Content.(*Call); ok {
		d = c.RequestDetails
	} else if err = json.Unmarshal(r.Details, &d); err != nil {
		return d, fmt.Errorf("read request %s: %w", r.ID, err)
	}
	d.Headers = append(make([]adminapi.RequestHeader, 0, len(d.Headers)), d.Headers...) // what is kept stays as it is
	slices.SortStableFunc(d.Headers, func(a, b adminapi.RequestHeader) int { return strings.Compare(a.Name, b.Name) })
	return d, nil
}

// pageSize is how many calls Follow reads at a time.
const pageSize = 200

// after returns calls of a company that came after a number, the oldest first, at most a page of them.
func (l *Log) after(ctx context.Context, company string, after uint64) ([]journal.Event, error) {
	if err := l.Flush(ctx); err != nil {
		return nil, err
	}
	kept, err := l.Store.List(ctx, company, journal.RequestQuery{After: after, Oldest: true, Limit: pageSize})
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	found := make([]journal.Event, len(kept))
	for i := range kept {
		summary, err := summaryOf(&kept[i])
		if err != nil {
			return nil, err
		}
		found[i].No = kept[i].No
		if found[i].Text, err = json.Marshal(summary); err != nil {
			return nil, fmt.Errorf("write request %s: %w", summary.ID, err)
		}
	}
	return found, nil
}

// newest returns the number of a company's newest call, 0 when there is none.
func (l *Log) newest(ctx context.Context, company string) (uint64, error) {
	if err := l.Flush(ctx); err != nil {
		return 0, err
	}
	last, err := l.Store.List(ctx, company, journal.RequestQuery{Limit: 1})
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return last[0].No, nil
}

// Follow hands over a company's calls after a number (-1 = from now on) as they come, until ctx, the company or the simulator ends, or each
// fails; see journal.Follow. A number that does not exist yet is of before a restart: it begins with the oldest.
func (l *Log) Follow(ctx context.Context, company string, after int64, beat time.Duration, each func([]journal.Event) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(l.Life(company), stop)() //nolint:contextcheck // the company's life ends it too
	defer l.Watch()()
	at, err := l.newest(ctx, company)
	if err != nil {
		return err
	}
	if after >= 0 {
		if uint64(after) > at {
			after = 0
		}
		at = uint64(after)
	}
	next := func() ([]journal.Event, error) {
		found, err := l.after(ctx, company, at)
		if len(found) > 0 {
			at = found[len(found)-1].No
		}
		return found, err
	}
	return journal.Follow(ctx, beat, func() <-chan struct{} { return l.Changed(company) }, next, each)
}
