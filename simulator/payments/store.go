package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// Store keeps payments in a journal.
type Store struct {
	journal   journal.Journal
	companies *backoffice.Directory
	runtimes  *company.Runtimes
	providers map[string]*provider.Provider
}

// NewStore makes a store; providers are by their code.
func NewStore(j journal.Journal, companies *backoffice.Directory, runtimes *company.Runtimes, providers map[string]*provider.Provider) *Store {
	return &Store{j, companies, runtimes, providers}
}

// Read folds a payment of its entries. The error is journal.ErrNotFound when there is none.
func (s *Store) Read(ctx context.Context, company, id string) (*payment.Payment, []journal.Entry, error) {
	entries, err := s.journal.Entries(ctx, company, id)
	if err != nil {
		return nil, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	if len(entries) == 0 || entries[0].Kind != string(payment.KindOpened) { // another kind of stream
		return nil, nil, journal.ErrNotFound
	}
	p, err := Fold(entries)
	if err != nil {
		return nil, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	return p, entries, nil
}

// Load reads a payment with everything that is needed to act on it.
func (s *Store) Load(ctx context.Context, of, id string) (*Tx, error) {
	c, ok := s.companies.Get(of)
	if !ok {
		return nil, journal.ErrNotFound
	}
	p, entries, err := s.Read(ctx, of, id)
	if err != nil {
		return nil, err
	}
	tx := &Tx{
		Payment: p, Company: c, Provider: s.providers[p.PSP], Plan: &scenario.Plan{}, Now: s.runtimes.Get(of).Clock.Now(), seen: len(entries), before: p.Status,
	}
	if len(p.Plan) > 0 {
		if err := json.Unmarshal(p.Plan, tx.Plan); err != nil {
			return nil, fmt.Errorf("payment %s: plan: %w", id, err)
		}
	}
	return tx, nil
}

// Update loads a payment, lets do change it, and appends what came of it, all or nothing. When another writer was faster it
// begins again: do may be called more than once and must change nothing but its Tx.
func (s *Store) Update(ctx context.Context, company, id string, do func(*Tx) error) (*payment.Payment, error) {
	tx, err := s.Load(ctx, company, id)
	if err != nil {
		return nil, err
	}
	return s.UpdateLoaded(ctx, tx, do)
}

// UpdateLoaded is Update for a payment that has just been loaded.
func (s *Store) UpdateLoaded(ctx context.Context, tx *Tx, do func(*Tx) error) (*payment.Payment, error) {
	of, id := tx.Company.ID, tx.Payment.ID
	for {
		tx.Now = s.runtimes.Get(of).Clock.Now()
		if err := do(tx); err != nil {
			return nil, err
		}
		err := s.Append(ctx, tx)
		if err == nil {
			s.runtimes.Get(of).Alarm.RingFor(tx.FirstJob())
			return tx.Payment, nil
		}
		if !errors.Is(err, journal.ErrConflict) {
			return nil, err
		}
		if tx, err = s.Load(ctx, of, id); err != nil {
			return nil, err
		}
	}
}

// Append writes what a Tx has recorded; nothing recorded writes nothing. The error is journal.ErrConflict when another writer
// was faster.
func (s *Store) Append(ctx context.Context, tx *Tx) error {
	if tx.empty() {
		return nil
	}
	p := tx.Payment
	a := journal.Append{
		Company: p.Company, Stream: p.ID, Seen: tx.seen, Entries: tx.entries, Labels: Labels(p),
		Jobs: tx.jobs, Hold: tx.Hold, Done: tx.done, Completed: tx.cancelled, Final: !p.Status.Open() && p.OpenDeliveries() == 0,
	}
	if tx.seen == 0 {
		a.Keys = []string{sessionKey(p.Session)}
	}
	if err := s.journal.Append(ctx, a); err != nil {
		return fmt.Errorf("keep payment %s: %w", p.ID, err)
	}
	s.runtimes.Get(p.Company).Counts.Payment(p, tx.before)
	return nil
}

// BySession finds the payment of a hosted page's session. The error is journal.ErrNotFound.
func (s *Store) BySession(ctx context.Context, session string) (company, id string, err error) {
	found, err := s.journal.Find(ctx, sessionKey(session))
	return found.Company, found.ID, err
}

func sessionKey(session string) string { return "session:" + session }

// Fold makes a payment of its entries.
func Fold(entries []journal.Entry) (*payment.Payment, error) {
	events := make([]payment.Event, 0, 8) // on the stack: most payments have no more
	for _, e := range entries {
		events = append(events, payment.Event{Kind: payment.Kind(e.Kind), At: e.At, Data: e.Data})
	}
	return payment.Fold(events)
}
