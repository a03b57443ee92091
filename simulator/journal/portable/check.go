package portable

import (
	"context"
	"fmt"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// Check reads everything that is in a journal and says what does not match: the journal's own structure, each payment's events,
// that jobs belong to a payment, and the counts, unless others write meanwhile. Errors name the company and the payment.
func Check(ctx context.Context, j journal.Journal) (sum Summary, err error) {
	if err := j.Check(ctx); err != nil {
		return sum, err
	}
	settings, companies, err := survey(ctx, j)
	if err != nil {
		return sum, err
	}
	sum.Settings, sum.Companies = len(settings), len(companies)
	for _, id := range companies {
		if err := checkCompany(ctx, j, id, &sum); err != nil {
			return sum, fmt.Errorf("company %s: %w", id, err)
		}
	}
	return sum, nil
}

// walked is a company of a journal, whose payments are folded on the way.
type walked func(journal.Visitor) error

// Read implements journal.Source.
func (w walked) Read(to journal.Visitor) error { return w(to) }

func checkCompany(ctx context.Context, j journal.Journal, id string, sum *Summary) error {
	stats, err := j.Stats(ctx, id)
	if err != nil {
		return err
	}
	c, err := journal.Check(walked(func(to journal.Visitor) error {
		stream := to.Stream
		to.Stream = func(st journal.StreamCopy) error {
			if err := checkPayment(id, st); err != nil {
				return fmt.Errorf("payment %s: %w", st.ID, err)
			}
			return stream(st)
		}
		return j.Walk(ctx, id, to)
	}))
	if err != nil {
		return err
	}
	sum.Payments, sum.Entries, sum.Jobs = sum.Payments+c.Streams(), sum.Entries+c.Entries, sum.Jobs+c.Jobs
	if found := [3]int{c.Streams(), c.Entries, c.Jobs}; !j.Shared() && found != [3]int{stats.Streams, stats.Entries, stats.Jobs} {
		return fmt.Errorf("it has %d payments, %d entries and %d jobs, but counts %d, %d and %d",
			found[0], found[1], found[2], stats.Streams, stats.Entries, stats.Jobs)
	}
	return nil
}

// checkPayment folds a payment's events.
func checkPayment(company string, st journal.StreamCopy) error {
	if len(st.Entries) == 0 || st.Entries[0].Kind != string(payment.KindOpened) {
		return nil // no payment
	}
	events := make([]payment.Event, len(st.Entries))
	for i, e := range st.Entries {
		events[i] = payment.Event{Kind: payment.Kind(e.Kind), At: e.At, Data: e.Data}
	}
	p, err := payment.Fold(events)
	if err == nil && (p.ID != st.ID || p.Company != company) {
		err = fmt.Errorf("its events are of the payment %s of company %s", p.ID, p.Company)
	}
	return err
}
