package snapshot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// Journal is what Snapshots need of the journal.
type Journal interface {
	journal.Walker
	Import(ctx context.Context, company string, c journal.Copy) error
	Forget(ctx context.Context, company string) error
	Stats(ctx context.Context, company string) (journal.Stats, error)
}

// Config is what Snapshots work with.
type Config struct {
	Journal   Journal
	Directory *backoffice.Directory
	Runtimes  *company.Runtimes
	Settings  *company.Settings
	Control   *openapi.Contract // has the document's schema
	Scenarios scenario.Reader
	Providers map[string]*provider.Provider
	Requests  Requests
	Version   string // of the simulator
}

// Requests forgets the calls of a company, which are of the payments that are gone.
type Requests interface {
	Forget(ctx context.Context, company string) error
}

// Snapshots take, restore and reset companies, which are named by id.
type Snapshots struct{ Config }

// New makes them.
func New(c Config) *Snapshots { return &Snapshots{c} }

// Snapshot copies everything of a company but its configuration: payments, jobs, counters, clock, scenarios that were put,
// overrides, the inbox's replies, outages. The error is journal.ErrNotFound when there is no such company.
func (s *Snapshots) Snapshot(ctx context.Context, id string) (*Document, error) {
	c, ok := s.Directory.Get(id)
	if !ok {
		return nil, journal.ErrNotFound
	}
	done, err := s.Settings.Exclusive(ctx, id)
	if err != nil {
		return nil, err
	}
	defer done()
	rt := s.Runtimes.Get(id)
	if err := rt.Answers.Wait(ctx); err != nil {
		return nil, err
	}
	kept, err := journal.Export(ctx, s.Journal, id)
	if err != nil {
		return nil, err
	}
	mode, factor := rt.Clock.Mode()
	now := rt.Clock.Now()
	doc := &Document{
		Version: version, Simulator: s.Version, Company: documentCompany{c.ID, c.Name},
		Clock: documentClock{Mode: mode, Factor: factor, Now: now}, Journal: fromCopy(kept),
		Scenarios: s.Runtimes.AllScenarios(rt).State(), Inbox: rt.Inbox.Replies(), Outages: rt.Outages.List(now),
	}
	if mode == clock.Real { // else it differs between two machines that have done the same
		doc.Clock.Ahead = now.Sub(clock.Wall()).Milliseconds()
	}
	return doc, nil
}

// Restore puts a snapshot of the same company in the place of everything but its configuration, all or nothing. A document that
// is not valid is *openapi.Invalid.
func (s *Snapshots) Restore(ctx context.Context, id string, text []byte) (adminapi.RestoreResult, error) {
	doc, err := s.read(id, text)
	if err != nil {
		return adminapi.RestoreResult{}, err
	}
	done, err := s.Settings.Exclusive(ctx, id)
	if err != nil {
		return adminapi.RestoreResult{}, err
	}
	defer done()
	rt := s.Runtimes.Get(id)
	if err := rt.Answers.Wait(ctx); err != nil {
		return adminapi.RestoreResult{}, err
	}
	now := doc.Clock.Now
	if doc.Clock.Mode == clock.Real {
		now = clock.Wall().Add(time.Duration(doc.Clock.Ahead) * time.Millisecond)
	}
	err = s.setBack(ctx, rt, doc.Journal.Seq, func() error { return s.Journal.Import(ctx, id, doc.Journal.toCopy()) })
	switch {
	case errors.Is(err, journal.ErrBroken):
		return adminapi.RestoreResult{}, invalid("journal", err)
	case err != nil:
		return adminapi.RestoreResult{}, err
	}
	// Nothing of what follows can fail: it was tried before.
	err = errors.Join(
		s.Settings.Change(ctx, rt, company.ScenariosSetting, func() error {
			return s.Runtimes.AllScenarios(rt).SetState(s.Scenarios, doc.Scenarios)
		}),
		s.Settings.Change(ctx, rt, company.ClockSetting, func() error { return rt.Clock.Restore(doc.Clock.Mode, doc.Clock.Factor, now) }),
		s.Settings.Change(ctx, rt, company.InboxSetting, func() error { rt.Inbox.Set(doc.Inbox); return nil }),
		s.Settings.Change(ctx, rt, company.OutagesSetting, func() error { rt.Outages.Replace(doc.Outages); return nil }),
	)
	rt.Alarm.Ring()
	return adminapi.RestoreResult{Payments: len(doc.Journal.Streams), Jobs: len(doc.Journal.Jobs), Now: rt.Clock.Now()}, err
}

// invalid says what is wrong with a snapshot.
func invalid(part string, err error) error {
	return &openapi.Invalid{Problems: []string{fmt.Sprintf("%s must be consistent: %v", part, err)}}
}

// read reads a snapshot and tries everything in it that could fail later.
func (s *Snapshots) read(id string, text []byte) (doc Document, err error) {
	written, err := openapi.Decode(text)
	if err != nil {
		return doc, err
	}
	if v := written.Text("version"); v != "" && v != strconv.Itoa(version) {
		return doc, &openapi.Invalid{Problems: []string{
			fmt.Sprintf("version must be %d: a snapshot of version %.20s can't be restored here", version, v),
		}}
	}
	if problems := s.Control.Problems("Snapshot", written); problems != nil {
		return doc, &openapi.Invalid{Problems: problems}
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return doc, &openapi.Invalid{Problems: []string{fmt.Sprintf("body must be a snapshot: %v", err)}}
	}
	if doc.Company.ID != id {
		return doc, &openapi.Invalid{Problems: []string{
			fmt.Sprintf("company.id must be %s: the snapshot is of %s (%s)", id, doc.Company.Name, doc.Company.ID),
		}}
	}
	if err := clock.New().Restore(doc.Clock.Mode, doc.Clock.Factor, doc.Clock.Now); err != nil {
		return doc, invalid("clock", err)
	}
	if err := scenario.NewSet(nil).SetState(s.Scenarios, doc.Scenarios); err != nil {
		return doc, invalid("scenarios", err)
	}
	return doc, s.tryPayments(doc)
}

// tryPayments folds every payment of a snapshot, and checks its jobs.
func (s *Snapshots) tryPayments(doc Document) error {
	kept := doc.Journal.toCopy()
	for _, st := range kept.Streams {
		if len(st.Entries) == 0 || st.Entries[0].Kind != string(payment.KindOpened) {
			continue // no payment
		}
		p, err := payments.Fold(st.Entries)
		if err != nil {
			return invalid("journal.streams."+st.ID, err)
		}
		if _, known := s.Providers[p.PSP]; p.ID != st.ID || p.Company != doc.Company.ID || !known {
			return invalid("journal.streams."+st.ID, fmt.Errorf("it is payment %s of company %s by %q", p.ID, p.Company, p.PSP))
		}
	}
	for _, job := range kept.Jobs {
		if err := payments.CheckJob(job); err != nil {
			return invalid("journal.jobs."+job.ID, err)
		}
	}
	return nil
}

// Reset drops a company's payments and jobs, and everything that came by the admin API meanwhile: scenarios, overrides, outages,
// the inbox's replies. Its clock stands again as it did at the start, unless keepClock. A company that has been deleted loses its
// runtime too. It returns how many payments there were.
func (s *Snapshots) Reset(ctx context.Context, id string, keepClock bool) (dropped int, err error) {
	stats, err := s.Journal.Stats(ctx, id)
	if err != nil {
		return 0, err
	}
	if _, ok := s.Directory.Get(id); !ok {
		s.Runtimes.Remove(id)
		return stats.Streams, errors.Join(s.Journal.Forget(ctx, id), s.Requests.Forget(ctx, id))
	}
	done, err := s.Settings.Exclusive(ctx, id)
	if err != nil {
		return 0, err
	}
	defer done()
	rt := s.Runtimes.Get(id)
	if err := s.setBack(ctx, rt, 0, func() error { return s.Journal.Forget(ctx, id) }); err != nil {
		return 0, err
	}
	err = errors.Join(
		s.Settings.Change(ctx, rt, company.ScenariosSetting, func() error { s.Runtimes.AllScenarios(rt).Reset(); return nil }),
		s.Settings.Change(ctx, rt, company.OutagesSetting, func() error { rt.Outages.Replace(nil); return nil }),
		s.Settings.Change(ctx, rt, company.InboxSetting, func() error { rt.Inbox.Set(nil); return nil }),
	)
	if !keepClock {
		err = errors.Join(err, s.Settings.Change(ctx, rt, company.ClockSetting, func() error {
			fresh := s.Runtimes.NewClock()
			mode, factor := fresh.Mode()
			return rt.Clock.Restore(mode, factor, fresh.Now())
		}))
	}
	rt.Alarm.Ring()
	return stats.Streams, err
}

// setBack lets do set a company's journal back to an entry, and notifies those who follow it: before, and once more afterwards,
// for those who read in between.
func (s *Snapshots) setBack(ctx context.Context, rt *company.Runtime, to uint64, do func() error) error {
	reset := func() error {
		return s.Settings.Change(ctx, rt, company.ResetsSetting, func() error { rt.Resets.Add(to); return nil })
	}
	if err := reset(); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return errors.Join(s.Requests.Forget(ctx, rt.ID), reset())
}
