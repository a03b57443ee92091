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

func checkCompany(ctx context.Context, j journal.Journal, company string, sum *Summary) error {
	ids := map[string]bool{}
	before, err := j.Stats(ctx, company)
	if err != nil {
		return err
	}
	entries := 0
	for q := (journal.Query{Limit: 500}); ; {
		page, err := j.List(ctx, company, q)
		if err != nil {
			return err
		}
		for _, st := range page {
			if err := checkPayment(ctx, j, st); err != nil {
				return fmt.Errorf("payment %s: %w", st.ID, err)
			}
			ids[st.ID], q.Before = true, st.Ordinal
			entries += st.Length
		}
		if len(page) < q.Limit {
			break
		}
	}
	jobs, err := j.Jobs(ctx, company, journal.JobQuery{})
	if err != nil {
		return err
	}
	sum.Payments, sum.Entries, sum.Jobs = sum.Payments+len(ids), sum.Entries+entries, sum.Jobs+len(jobs)
	if j.Shared() {
		return nil
	}
	for _, d := range jobs {
		if !ids[d.Stream] {
			return fmt.Errorf("the job %s belongs to the payment %s, which isn't there", d.ID, d.Stream)
		}
	}
	if len(ids) != before.Streams || entries != before.Entries || len(jobs) != before.Jobs {
		return fmt.Errorf("it has %d payments, %d entries and %d jobs, but counts %d, %d and %d",
			len(ids), entries, len(jobs), before.Streams, before.Entries, before.Jobs)
	}
	return nil
}

// checkPayment folds a payment's events.
func checkPayment(ctx context.Context, j journal.Journal, st journal.Stream) error {
	entries, err := j.Entries(ctx, st.Company, st.ID)
	if err != nil {
		return err
	}
	if len(entries) < st.Length {
		return fmt.Errorf("it has %d entries of %d", len(entries), st.Length)
	}
	if len(entries) == 0 || entries[0].Kind != string(payment.KindOpened) {
		return nil // no payment
	}
	events := make([]payment.Event, len(entries))
	for i, e := range entries {
		events[i] = payment.Event{Kind: payment.Kind(e.Kind), At: e.At, Data: e.Data}
	}
	p, err := payment.Fold(events)
	if err == nil && (p.ID != st.ID || p.Company != st.Company) {
		err = fmt.Errorf("its events are of the payment %s of company %s", p.ID, p.Company)
	}
	return err
}
