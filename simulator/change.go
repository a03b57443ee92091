package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// change is one payment being changed: what is read of it, and what will be appended.
type change struct {
	*payment.Payment
	company  *backoffice.Company
	provider *provider.Provider
	plan     *scenario.Plan
	now      time.Time
	lead     time.Duration // how long the call's answer takes: what follows counts from there

	seen    int // entries of the stream when it was read
	events  []payment.Event
	due     []journal.Job
	settled []string
}

// note keeps an event of the change, for use around the payment's own methods.
func (c *change) note(e payment.Event, err error) error {
	if err != nil {
		return err
	}
	c.events = append(c.events, e)
	return nil
}

// later keeps due work of the change.
func (c *change) later(kind dueKind, name string, at time.Time, data any) error {
	text := []byte("{}")
	if data != nil {
		var err error
		if text, err = json.Marshal(data); err != nil {
			return err
		}
	}
	c.due = append(c.due, journal.Job{ID: c.ID + "/" + name, At: at, Kind: string(kind), Data: text})
	return nil
}

// earliest is when the first of the change's due work is due; zero when there is none.
func (c *change) earliest() (at time.Time) {
	for _, d := range c.due {
		if at.IsZero() || d.At.Before(at) {
			at = d.At
		}
	}
	return at
}

// drop takes due work of the payment away.
func (c *change) drop(names ...string) {
	for _, name := range names {
		c.settled = append(c.settled, c.ID+"/"+name)
	}
}

// alter reads a payment, lets do change it, and appends what came of it, all or nothing. When somebody else was faster it
// begins again: do may be called more than once and must change nothing but the change.
func (s *Simulator) alter(ctx context.Context, t *tenant, id string, do func(*change) error) (*payment.Payment, error) {
	company, ok := s.companies.Get(t.id)
	if !ok {
		return nil, journal.ErrNotFound
	}
	c, err := s.read(ctx, t, company, id)
	if err != nil {
		return nil, err
	}
	return s.alterRead(ctx, t, c, do)
}

// alterRead is alter for a payment that has just been read.
func (s *Simulator) alterRead(ctx context.Context, t *tenant, c *change, do func(*change) error) (*payment.Payment, error) {
	for {
		c.now = t.clock.Now()
		if err := do(c); err != nil {
			return nil, err
		}
		err := s.append(ctx, c)
		if err == nil {
			t.nudgeFor(c.earliest())
			return c.Payment, nil
		}
		if !errors.Is(err, journal.ErrConflict) {
			return nil, err
		}
		if c, err = s.read(ctx, t, c.company, c.ID); err != nil {
			return nil, err
		}
	}
}

func (s *Simulator) read(ctx context.Context, t *tenant, company *backoffice.Company, id string) (*change, error) {
	entries, err := s.journal.Entries(ctx, t.id, id)
	if err != nil {
		return nil, err
	}
	p, err := foldEntries(entries)
	if err != nil {
		return nil, fmt.Errorf("payment %s: %w", id, err)
	}
	c := &change{Payment: &p, company: company, provider: s.providers[p.PSP], now: t.clock.Now(), seen: len(entries), plan: &scenario.Plan{}}
	if len(p.Plan) > 0 {
		if err := json.Unmarshal(p.Plan, c.plan); err != nil {
			return nil, fmt.Errorf("payment %s: plan: %w", id, err)
		}
	}
	return c, nil
}

func (s *Simulator) append(ctx context.Context, c *change) error {
	if len(c.events) == 0 && len(c.due) == 0 && len(c.settled) == 0 {
		return nil
	}
	entries := make([]journal.Entry, len(c.events))
	for i, e := range c.events {
		entries[i] = journal.Entry{At: e.At, Kind: string(e.Kind), Data: e.Data}
	}
	a := journal.Append{
		Company: c.Company, Stream: c.ID, Seen: c.seen, Entries: entries, Labels: labels(*c.Payment),
		Jobs: c.due, Completed: c.settled, Final: !c.Status.Open() && c.OpenDeliveries() == 0,
	}
	if c.seen == 0 {
		a.Keys = []string{sessionKey(c.Session)}
	}
	if err := s.journal.Append(context.WithoutCancel(ctx), a); err != nil {
		return fmt.Errorf("keep payment %s: %w", c.ID, err)
	}
	return nil
}

func foldEntries(entries []journal.Entry) (payment.Payment, error) {
	events := make([]payment.Event, len(entries))
	for i, e := range entries {
		events[i] = payment.Event{Kind: payment.Kind(e.Kind), At: e.At, Data: e.Data}
	}
	return payment.Fold(events)
}
