package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// Snapshots take, restore and reset companies, which are named by id.
type Snapshots struct {
	Journal   journal.Journal
	Directory *backoffice.Directory
	Runtimes  *company.Runtimes
	Settings  *company.Settings
	Control   *openapi.Contract // has the document's schema
	Scenarios scenario.Reader
	Providers map[string]*provider.Provider
	Forget    func(ctx context.Context, company string) error // forgets the calls, which are of payments that are gone
	Version   string                                          // of the simulator
	Folder    string                                          // for temporary files; "" = the system's
}

// Snapshot copies everything of a company but its configuration: payments, jobs, counters, clock, scenarios that were put,
// overrides, the inbox's replies, outages. The caller closes it. The error is journal.ErrNotFound when there is no such company,
// ErrSpool when there is no room.
func (s *Snapshots) Snapshot(ctx context.Context, id string) (*Spool, error) {
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
	return newSpool(s.Folder, func(to io.Writer) error {
		now := rt.Clock.Now()
		doc := document{
			Version: version, Simulator: s.Version, Scenarios: s.Runtimes.AllScenarios(rt).State(), Inbox: append([]company.Reply{}, rt.Inbox.Get()...), Outages: rt.Outages.Get().InForce(now),
		}
		doc.Company.ID, doc.Company.Name = c.ID, c.Name
		doc.Clock.Now = now
		doc.Clock.Mode, doc.Clock.Factor = rt.Clock.Mode()
		doc.Journal.Streams, doc.Journal.Jobs = []json.RawMessage{}, []json.RawMessage{}
		if doc.Clock.Mode == clock.Real { // else it differs between two machines that have done the same
			doc.Clock.Ahead = now.Sub(clock.Wall()).Milliseconds()
		}
		return doc.write(to, func(v journal.Visitor) error { return s.Journal.Walk(ctx, id, v) })
	})
}

// Restore puts a snapshot of the same company in the place of everything but its configuration. All of it is read and checked
// before anything is changed, and the journal replaces a company all or nothing; what can still fail then says so by
// journal.ErrEmptied. A document that is not valid is *openapi.Invalid or *openapi.SyntaxError.
func (s *Snapshots) Restore(ctx context.Context, id string, text io.Reader) (adminapi.RestoreResult, error) {
	spool, err := newSpool(s.Folder, func(to io.Writer) error {
		_, err := io.Copy(to, text)
		return err
	})
	if err != nil {
		return adminapi.RestoreResult{}, err
	}
	defer spool.Close() //nolint:errcheck // it was only read
	doc, err := s.read(id, spool)
	if err != nil {
		return adminapi.RestoreResult{}, err
	}
	checked, err := journal.Check(doc)
	if err != nil {
		return adminapi.RestoreResult{}, inconsistent(err)
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
	back, err := stand(rt.Clock, doc.Clock.Now)
	if err == nil {
		err = s.setBack(ctx, rt, checked.Seq, func() error { return s.Journal.Import(ctx, id, checked) })
	}
	if err != nil {
		back()
		return adminapi.RestoreResult{}, inconsistent(err)
	}
	err = s.apply(ctx, rt, &doc.document)
	rt.Alarm.Ring()
	return adminapi.RestoreResult{Payments: checked.Streams(), Jobs: checked.Jobs, Now: rt.Clock.Now()}, err
}

// stand has a clock stand at a time, that of a snapshot: on one that is later, the company's worker would run jobs of the snapshot before
// their time. back has it go on from where it would be by now.
func stand(c *clock.Clock, at time.Time) (back func(), err error) {
	mode, factor := c.Mode() // of a manual one it is 0
	now, wall := c.Now(), clock.Wall()
	return func() {
		_ = c.Restore(mode, factor, now.Add(clock.Times(clock.Wall().Sub(wall), factor))) // they are its own
	}, c.Restore(clock.Manual, 0, at)
}

// apply puts back what is beside the journal. Nothing of it can be refused: it was tried before.
func (s *Snapshots) apply(ctx context.Context, rt *company.Runtime, doc *document) error {
	now := doc.Clock.Now
	if doc.Clock.Mode == clock.Real {
		now = clock.Wall().Add(time.Duration(doc.Clock.Ahead) * time.Millisecond)
	}
	return errors.Join(
		s.Settings.Change(ctx, rt, company.ScenariosSetting, func() error {
			return s.Runtimes.AllScenarios(rt).SetState(s.Scenarios, doc.Scenarios)
		}),
		s.Settings.Change(ctx, rt, company.InboxSetting, func() error { rt.Inbox.Set(doc.Inbox); return nil }),
		s.Settings.Change(ctx, rt, company.OutagesSetting, func() error { rt.Outages.Set(doc.Outages.Arranged(now)); return nil }),
		s.Settings.Change(ctx, rt, company.ClockSetting, func() error { return rt.Clock.Restore(doc.Clock.Mode, doc.Clock.Factor, now) }), // jobs may be due by it
	)
}

// inconsistent tells a snapshot whose parts don't match from other errors.
func inconsistent(err error) error {
	if errors.Is(err, journal.ErrBroken) {
		return invalid("journal", err)
	}
	return err
}

// invalid says what is wrong with a snapshot.
func invalid(part string, err error) error {
	return openapi.InvalidAt(part, "must be consistent: %v", err)
}

// tryDocument tries everything beside the journal that could fail later.
func (s *Snapshots) tryDocument(id string, doc *document) error {
	if doc.Company.ID != id {
		return openapi.Problems{{
			Path: "company.id", Reason: fmt.Sprintf("must be %s: the snapshot is of %s (%s)", id, doc.Company.Name, doc.Company.ID),
		}}.Err()
	}
	if err := clock.New().Restore(doc.Clock.Mode, doc.Clock.Factor, doc.Clock.Now); err != nil {
		return invalid("clock", err)
	}
	if err := scenario.NewSet(nil).SetState(s.Scenarios, doc.Scenarios); err != nil {
		return invalid("scenarios", err)
	}
	return nil
}

// tryStream folds a payment; without Snapshots nothing is tried.
func (s *Snapshots) tryStream(id string, st journal.StreamCopy) error {
	if s == nil || len(st.Entries) == 0 || st.Entries[0].Kind != string(payment.KindOpened) {
		return nil // no payment
	}
	p, err := payments.Fold(st.Entries)
	if err != nil {
		return invalid("journal.streams."+st.ID, err)
	}
	if _, known := s.Providers[p.PSP]; p.ID != st.ID || p.Company != id || !known {
		return invalid("journal.streams."+st.ID, fmt.Errorf("it is payment %s of company %s by %q", p.ID, p.Company, p.PSP))
	}
	return nil
}

func (s *Snapshots) tryJob(d journal.Job) error {
	if s == nil {
		return nil
	}
	if err := payments.CheckJob(d); err != nil {
		return invalid("journal.jobs."+d.ID, err)
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
		return stats.Streams, errors.Join(s.Journal.Forget(ctx, id), s.Forget(ctx, id))
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
		s.Settings.Change(ctx, rt, company.OutagesSetting, func() error { rt.Outages.Set(company.Outages{}); return nil }),
		s.Settings.Change(ctx, rt, company.InboxSetting, func() error { rt.Inbox.Set([]company.Reply{}); return nil }),
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
		return s.Settings.Change(ctx, rt, company.ResetsSetting, func() error {
			rt.Resets.Set(company.Resets{Times: rt.Resets.Get().Times + 1, To: to})
			return nil
		})
	}
	if err := reset(); err != nil {
		return err
	}
	err := do()
	if err != nil && !errors.Is(err, journal.ErrEmptied) {
		return err
	}
	rt.Counts.Reset()
	return errors.Join(err, s.Forget(ctx, rt.ID), reset())
}
