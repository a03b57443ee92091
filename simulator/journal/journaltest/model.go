package journaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/simulator/journal"
)

// model is a journal as simple as can be: maps, and no thought of room, speed or other callers.
type model struct {
	companies map[string]*company
	keys      map[string]*journal.Stream
}

type company struct {
	ordinal, seq uint64
	streams      []*journal.Stream // oldest first
	entries      map[string][]journal.Entry
}

func (m *model) company(name string) *company {
	if m.companies[name] == nil {
		m.companies[name] = &company{entries: map[string][]journal.Entry{}}
	}
	return m.companies[name]
}

func (m *model) append(a journal.Append) error {
	c := m.company(a.Company)
	i := slices.IndexFunc(c.streams, func(s *journal.Stream) bool { return s.ID == a.Stream })
	st := &journal.Stream{Company: a.Company, ID: a.Stream, Ordinal: uint64(len(c.streams) + 1)}
	if i >= 0 {
		st = c.streams[i]
	}
	if st.Length != a.Seen {
		return journal.ErrConflict
	}
	for _, key := range a.Keys {
		if owner := m.keys[key]; owner != nil && owner != st {
			return journal.ErrExists
		}
	}
	for _, key := range a.Keys {
		m.keys[key] = st
	}
	if i < 0 {
		c.streams = append(c.streams, st)
	}
	for _, e := range a.Entries {
		c.seq++
		e.Seq = c.seq
		c.entries[st.ID] = append(c.entries[st.ID], e)
	}
	st.Length += len(a.Entries)
	if a.Labels != nil {
		st.Labels = a.Labels
	}
	return nil
}

func (m *model) forget(name string) {
	for key, owner := range m.keys {
		if owner.Company == name {
			delete(m.keys, key)
		}
	}
	delete(m.companies, name)
}

func (m *model) list(name string, q journal.Query) (found []journal.Stream) {
	if q.Limit == 0 {
		q.Limit = 100
	}
	for _, st := range slices.Backward(m.company(name).streams) {
		matches := !slices.ContainsFunc(q.Labels, func(l journal.Label) bool { return st.Labels.Get(l.Name) != l.Value })
		if matches && (q.Before == 0 || st.Ordinal < q.Before) && len(found) < q.Limit {
			found = append(found, *st)
		}
	}
	return found
}

// behavesAsModel makes the same random calls to the journal and to the model. Each run has companies of its own, because
// one journal serves them all.
func behavesAsModel(t *testing.T, j journal.Journal) {
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		m := &model{companies: map[string]*company{}, keys: map[string]*journal.Stream{}}
		own := func(name string) string { return fmt.Sprintf("%d %s", run, name) }
		company := rapid.Map(rapid.SampledFrom([]string{"c", "d"}), own)
		stream := rapid.SampledFrom([]string{"r", "s", "t"})
		labels := rapid.SampledFrom([]journal.Labels{nil, {}, {{Name: "n", Value: "1"}}, {{Name: "n", Value: "2"}, {Name: "x", Value: ""}}})
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				a := journal.Append{
					Company: company.Draw(t, "company"), Stream: stream.Draw(t, "stream"), Labels: labels.Draw(t, "labels"),
					Entries: entries(rapid.IntRange(0, 3).Draw(t, "entries"), "model"), Final: rapid.Bool().Draw(t, "done"),
					Keys: rapid.SliceOfN(rapid.Map(rapid.SampledFrom([]string{"k", "l", "m"}), own), 0, 2).Draw(t, "keys"),
				}
				a.Seen = len(m.company(a.Company).entries[a.Stream]) + rapid.SampledFrom([]int{0, 0, 0, 1, -1}).Draw(t, "stale")
				want, got := m.append(a), j.Append(context.Background(), a)
				if !errors.Is(got, want) {
					t.Fatalf("%+v: got %v, want %v", a, got, want)
				}
			},
			"ordinal": func(t *rapid.T) {
				name := company.Draw(t, "company")
				m.company(name).ordinal++
				if got, err := j.Ordinal(context.Background(), name); err != nil || got != m.company(name).ordinal {
					t.Fatalf("ordinal %d, want %d; %v", got, m.company(name).ordinal, err)
				}
			},
			"forget": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "seldom") > 0 {
					return
				}
				name := company.Draw(t, "company")
				m.forget(name)
				if err := j.Forget(context.Background(), name); err != nil {
					t.Fatal(err)
				}
			},
			"list": func(t *rapid.T) {
				name := company.Draw(t, "company")
				q := journal.Query{Labels: labels.Draw(t, "labels"), Before: rapid.Uint64Range(0, 5).Draw(t, "before"), Limit: rapid.IntRange(0, 3).Draw(t, "limit")}
				same(t, "list", m.list(name, q), list(t, j, name, q))
			},
			"": func(t *rapid.T) { m.check(t, j, own) },
		})
	})
}

// check compares all that can be read.
func (m *model) check(t *rapid.T, j journal.Journal, own func(string) string) {
	for name, c := range m.companies {
		for _, id := range []string{"r", "s", "t"} {
			if !slices.ContainsFunc(c.streams, func(s *journal.Stream) bool { return s.ID == id }) {
				_, err := j.Entries(context.Background(), name, id)
				notFound(t, "stream "+id, err)
				continue
			}
			same(t, "entries of "+id, c.entries[id], read(t, j, name, id))
		}
	}
	for _, key := range []string{"k", "l", "m"} {
		found, err := j.Find(context.Background(), own(key))
		if m.keys[own(key)] == nil {
			notFound(t, "key "+key, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, "key "+key, *m.keys[own(key)], found)
	}
}
