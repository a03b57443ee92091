package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/control"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// snapshotVersion changes when a snapshot of before can't be read any more.
const snapshotVersion = 1

// snapshot is everything of a company but its back office, as a JSON document.
type snapshot struct {
	Version   int             `json:"version"`
	Simulator string          `json:"simulator"` // which one took it; nobody reads it again
	Company   snapshotCompany `json:"company"`
	Clock     snapshotClock   `json:"clock"`
	Journal   snapshotJournal `json:"journal"`
	Scenarios scenario.State  `json:"scenarios"`
	Inbox     []InboxReply    `json:"inbox"`
	Outages   []OutageNow     `json:"outages"`
}

type snapshotCompany struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type snapshotClock struct {
	Mode   clock.Mode `json:"mode"`
	Factor float64    `json:"factor"`
	Now    time.Time  `json:"now"`
	Ahead  int64      `json:"aheadMs"` // of the machine's clock; a real clock keeps that, and not its time
}

// snapshotJournal is a journal.Copy; the journal doesn't know what entries say, so their data are kept to the letter.
type snapshotJournal struct {
	Ordinal uint64           `json:"ordinal"`
	Began   uint64           `json:"began"`
	Seq     uint64           `json:"seq"`
	Streams []snapshotStream `json:"streams"`
	Due     []snapshotDue    `json:"jobs"`
}

type snapshotStream struct {
	ID      string          `json:"id"`
	Ordinal uint64          `json:"ordinal"`
	Labels  [][2]string     `json:"labels,omitempty"`
	Keys    []string        `json:"keys,omitempty"`
	Done    int             `json:"done,omitempty"`
	Entries []snapshotEntry `json:"entries"`
}

type snapshotEntry struct {
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Data string    `json:"data"`
}

type snapshotDue struct {
	ID     string    `json:"id"`
	Stream string    `json:"stream"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Data   string    `json:"data"`
}

// Snapshot copies everything of a company but its back office: payments, due work, counters, clock, scenarios that were
// put, overrides, the inbox's program, outages.
func (s *Simulator) Snapshot(ctx context.Context, company string) (any, error) {
	c, ok := s.companies.Get(company)
	if !ok {
		return nil, journal.ErrNotFound
	}
	done, err := s.alone(ctx, company)
	if err != nil {
		return nil, err
	}
	defer done()
	t := s.tenant(company)
	if err := t.allAnswered(ctx); err != nil {
		return nil, err
	}
	kept, err := s.journal.Export(ctx, company)
	if err != nil {
		return nil, err
	}
	mode, factor := t.clock.Mode()
	now := t.clock.Now()
	return snapshot{
		Version: snapshotVersion, Simulator: s.config.Version, Company: snapshotCompany{c.ID, c.Name},
		Clock:   snapshotClock{mode, factor, now, now.Sub(clock.Wall()).Milliseconds()},
		Journal: writeCopy(kept), Scenarios: s.allScenarios(t).State(),
		Inbox: append([]InboxReply{}, t.inbox.left()...), Outages: append([]OutageNow{}, t.outages.list(now)...),
	}.steady(), nil
}

// steady leaves out what differs between two machines that have done the same.
func (doc snapshot) steady() snapshot {
	if doc.Clock.Mode != clock.Real {
		doc.Clock.Ahead = 0
	}
	return doc
}

func writeCopy(c journal.Copy) snapshotJournal {
	j := snapshotJournal{Ordinal: c.Ordinal, Began: c.Began, Seq: c.Seq, Streams: []snapshotStream{}, Due: []snapshotDue{}}
	for _, from := range c.Streams {
		st := snapshotStream{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Done: from.Final, Entries: []snapshotEntry{}}
		for _, l := range from.Labels {
			st.Labels = append(st.Labels, [2]string{l.Name, l.Value})
		}
		for _, e := range from.Entries {
			st.Entries = append(st.Entries, snapshotEntry{e.Seq, e.At, e.Kind, string(e.Data)})
		}
		j.Streams = append(j.Streams, st)
	}
	for _, d := range c.Jobs {
		j.Due = append(j.Due, snapshotDue{d.ID, d.Stream, d.At, d.Kind, string(d.Data)})
	}
	return j
}

func (j snapshotJournal) copied() journal.Copy {
	c := journal.Copy{Ordinal: j.Ordinal, Began: j.Began, Seq: j.Seq}
	for _, from := range j.Streams {
		st := journal.StreamCopy{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Final: from.Done}
		for _, l := range from.Labels {
			st.Labels = append(st.Labels, journal.Label{Name: l[0], Value: l[1]})
		}
		for _, e := range from.Entries {
			st.Entries = append(st.Entries, journal.Entry{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: dataOf(e.Data)})
		}
		c.Streams = append(c.Streams, st)
	}
	for _, d := range j.Due {
		c.Jobs = append(c.Jobs, journal.Job{ID: d.ID, Stream: d.Stream, At: d.At, Kind: d.Kind, Data: dataOf(d.Data)})
	}
	return c
}

// dataOf keeps none as none.
func dataOf(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

// Restore puts a snapshot of the same company in the place of everything but its back office, all or nothing. A document
// that does not hold is *openapi.Invalid.
func (s *Simulator) Restore(ctx context.Context, company string, text []byte) (control.Restored, error) {
	doc, err := s.readSnapshot(company, text)
	if err != nil {
		return control.Restored{}, err
	}
	done, err := s.alone(ctx, company)
	if err != nil {
		return control.Restored{}, err
	}
	defer done()
	t := s.tenant(company)
	if err := t.allAnswered(ctx); err != nil {
		return control.Restored{}, err
	}
	now := doc.Clock.Now
	if doc.Clock.Mode == clock.Real {
		now = clock.Wall().Add(time.Duration(doc.Clock.Ahead) * time.Millisecond)
	}
	err = s.setBack(ctx, t, doc.Journal.Seq, func() error {
		return s.journal.Import(ctx, company, doc.Journal.copied())
	})
	switch {
	case errors.Is(err, journal.ErrBroken):
		return control.Restored{}, broken("journal", err)
	case err != nil:
		return control.Restored{}, err
	}
	// Nothing of what follows can fail: it was tried before.
	err = errors.Join(
		s.keep(ctx, t, partScenarios, func() error { return s.allScenarios(t).SetState(s.scenarioReader(), doc.Scenarios) }),
		s.keep(ctx, t, partClock, func() error { return t.clock.Restore(doc.Clock.Mode, doc.Clock.Factor, now) }),
		s.keep(ctx, t, partInbox, func() error { t.inbox.set(doc.Inbox); return nil }),
		s.keep(ctx, t, partOutages, func() error { t.outages.replace(doc.Outages); return nil }),
	)
	t.nudge()
	return control.Restored{Payments: len(doc.Journal.Streams), Jobs: len(doc.Journal.Due), Now: t.clock.Now()}, err
}

// broken says what is wrong with a snapshot.
func broken(part string, err error) error {
	return &openapi.Invalid{Problems: []string{fmt.Sprintf("%s must hold together: %v", part, err)}}
}

// readSnapshot reads a snapshot and tries everything in it that could fail later.
func (s *Simulator) readSnapshot(company string, text []byte) (doc snapshot, err error) {
	written, err := openapi.Decode(text)
	if err != nil {
		return doc, err
	}
	if version := written.Text("version"); version != "" && version != strconv.Itoa(snapshotVersion) {
		return doc, &openapi.Invalid{Problems: []string{
			fmt.Sprintf("version must be %d: a snapshot of version %.20s can't be restored here", snapshotVersion, version),
		}}
	}
	if problems := s.control.Problems("Snapshot", written); problems != nil {
		return doc, &openapi.Invalid{Problems: problems}
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return doc, &openapi.Invalid{Problems: []string{fmt.Sprintf("body must be a snapshot: %v", err)}}
	}
	if doc.Company.ID != company {
		return doc, &openapi.Invalid{Problems: []string{
			fmt.Sprintf("company.id must be %s: the snapshot is of %s (%s)", company, doc.Company.Name, doc.Company.ID),
		}}
	}
	if err := clock.New().Restore(doc.Clock.Mode, doc.Clock.Factor, doc.Clock.Now); err != nil {
		return doc, broken("clock", err)
	}
	if err := scenario.NewSet(nil).SetState(s.scenarioReader(), doc.Scenarios); err != nil {
		return doc, broken("scenarios", err)
	}
	return doc, s.tryPayments(doc)
}

// tryPayments folds every payment of a snapshot, and looks at the due work.
func (s *Simulator) tryPayments(doc snapshot) error {
	for _, st := range doc.Journal.copied().Streams {
		if len(st.Entries) == 0 || st.Entries[0].Kind != string(payment.KindOpened) {
			continue // no payment
		}
		p, err := foldEntries(st.Entries)
		if err != nil {
			return broken("journal.streams."+st.ID, err)
		}
		if _, known := s.providers[p.PSP]; p.ID != st.ID || p.Company != doc.Company.ID || !known {
			return broken("journal.streams."+st.ID, fmt.Errorf("it is payment %s of company %s by %q", p.ID, p.Company, p.PSP))
		}
	}
	for _, d := range doc.Journal.Due {
		switch dueKind(d.Kind) {
		case dueAttempt, dueNotice, dueDecision, dueExpiry:
			if d.Data == "" || json.Valid([]byte(d.Data)) {
				continue
			}
		}
		return broken("journal.jobs."+d.ID, fmt.Errorf("it is of the kind %q, with the data %q", d.Kind, d.Data))
	}
	return nil
}

// forget drops a company's payments and all its due work, and everything that came by the admin API on the way: scenarios,
// overrides, outages, the inbox's program. Its clock stays as it is. A company that is no more loses its run time too.
func (s *Simulator) forget(ctx context.Context, company string) (dropped int, err error) {
	stats, err := s.journal.Stats(ctx, company)
	if err != nil {
		return 0, err
	}
	if _, ok := s.companies.Get(company); !ok {
		s.dismiss(company)
		return stats.Streams, s.journal.Forget(ctx, company)
	}
	done, err := s.alone(ctx, company)
	if err != nil {
		return 0, err
	}
	defer done()
	t := s.tenant(company)
	if err := s.setBack(ctx, t, 0, func() error { return s.journal.Forget(ctx, company) }); err != nil {
		return 0, err
	}
	err = errors.Join(
		s.keep(ctx, t, partScenarios, func() error { s.allScenarios(t).Reset(); return nil }),
		s.keep(ctx, t, partOutages, func() error { t.outages.replace(nil); return nil }),
		s.keep(ctx, t, partInbox, func() error { t.inbox.set(nil); return nil }),
	)
	t.nudge()
	return stats.Streams, err
}

// setBack lets do set a company's journal back to an entry, and tells those who follow it: before, and once more afterwards,
// for whoever read in between.
func (s *Simulator) setBack(ctx context.Context, t *tenant, to uint64, do func() error) error {
	rewind := func() error {
		return s.keep(ctx, t, partRewinds, func() error { t.rewind(to); return nil })
	}
	if err := rewind(); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return rewind()
}
