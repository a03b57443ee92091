package query

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
)

// What a tail keeps at most; who is further behind reads the journal.
const (
	maxTail      = 4 * pageSize
	maxTailBytes = 4 << 20
)

// tail is the end of a company's journal. It is read and written as JSON once for all who follow the company.
type tail struct {
	journal   journal.Journal
	company   string
	followers int // guarded by the tails' lock

	mu      sync.Mutex
	resets  int             // of the company, when it was read
	after   uint64          // the entry before the first
	events  []journal.Event // in the order of the journal
	bytes   int             // of their texts
	changed <-chan struct{} // is closed when there is more than the events; nil = there may be
}

// tails are those of the companies that are followed.
type tails struct {
	journal  journal.Journal
	mu       sync.Mutex
	followed map[string]*tail // by company
}

// follow returns the tail of a company, for as long as done is not called.
func (all *tails) follow(company string) (t *tail, done func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if t = all.followed[company]; t == nil {
		t = &tail{journal: all.journal, company: company}
		all.followed[company] = t
	}
	t.followers++
	return t, func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		if t.followers--; t.followers == 0 {
			delete(all.followed, company)
		}
	}
}

// since returns some of the events after an entry, none when there are no more. Resets says how often the company was reset as far
// as the caller knows. What is returned must not be changed.
func (t *tail) since(ctx context.Context, resets int, at uint64) ([]journal.Event, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if resets != t.resets || at > t.last() {
		t.resets, t.after, t.events, t.bytes, t.changed = resets, at, nil, 0, nil
	}
	if at < t.after {
		return t.read(ctx, at)
	}
	first, _ := slices.BinarySearchFunc(t.events, at+1, func(e journal.Event, seq uint64) int { return int(int64(e.No) - int64(seq)) }) //nolint:gosec // both count entries
	if first == len(t.events) && t.more() {
		if err := t.grow(ctx); err != nil {
			return nil, err
		}
	}
	found := t.events[first:min(first+pageSize, len(t.events))]
	t.shrink()
	return found, nil
}

func (t *tail) last() uint64 {
	if n := len(t.events); n > 0 {
		return t.events[n-1].No
	}
	return t.after
}

// more says whether the journal may have more than the events.
func (t *tail) more() bool {
	if t.changed == nil {
		return true
	}
	select {
	case <-t.changed:
		return true
	default:
		return false
	}
}

// grow adds what there is after the events.
func (t *tail) grow(ctx context.Context) error {
	changed := t.journal.Changed(t.company)
	found, err := t.read(ctx, t.last())
	if err != nil {
		return err
	}
	if t.changed = changed; len(found) == pageSize {
		t.changed = nil
	}
	t.events = append(t.events, found...)
	for _, e := range found {
		t.bytes += len(e.Text)
	}
	return nil
}

// shrink lets go of the oldest events.
func (t *tail) shrink() {
	for len(t.events) > maxTail || t.bytes > maxTailBytes && len(t.events) > 0 {
		t.after = t.events[0].No
		t.bytes -= len(t.events[0].Text)
		t.events = t.events[1:]
	}
}

func (t *tail) read(ctx context.Context, after uint64) ([]journal.Event, error) {
	found, err := t.journal.Feed(ctx, t.company, journal.FeedQuery{After: after, Limit: pageSize})
	events := make([]journal.Event, len(found))
	for i, e := range found {
		data := json.RawMessage(e.Data)
		if len(data) == 0 {
			data = json.RawMessage("null")
		}
		text, err := json.Marshal(adminapi.StreamEvent{Seq: e.Seq, At: e.At, Kind: e.Kind, Payment: e.Stream, Data: data})
		if err != nil {
			return nil, fmt.Errorf("write event %d: %w", e.Seq, err)
		}
		events[i] = journal.Event{No: e.Seq, Text: text}
	}
	return events, err
}
