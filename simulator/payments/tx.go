package payments

import (
	"encoding/json"
	"strconv"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// Tx is one payment as it was read, and what will be appended to it.
type Tx struct {
	Payment  *payment.Payment
	Company  *backoffice.Company
	Provider *provider.Provider
	Plan     *scenario.Plan
	Now      time.Time     // on the company's clock
	Lead     time.Duration // how long the call's answer takes: what follows counts from there
	Hold     bool          // the jobs wait until the call's answer has been written, in every process: see journal.Append

	seen      int            // entries of the stream when it was read
	before    payment.Status // of the payment then
	entries   []journal.Entry
	jobs      []journal.Job
	done      []journal.Job
	cancelled []string
	room      struct { // for what most changes write
		entries [3]journal.Entry
		jobs    [2]journal.Job
	}
}

// Record adds an event that a method of the payment has returned.
func (tx *Tx) Record(e payment.Event) {
	if tx.entries == nil {
		tx.entries = tx.room.entries[:0]
	}
	tx.entries = append(tx.entries, journal.Entry{At: e.At, Kind: string(e.Kind), Data: e.Data})
}

// Schedule adds a job of the payment; one of its name is replaced. data is written as JSON; nil is no data.
func (tx *Tx) Schedule(kind JobKind, name string, at time.Time, data any) error {
	text := []byte("{}")
	switch data := data.(type) {
	case nil:
	case adminapi.Decision: // most calls have one
		text = payment.AppendDecision(make([]byte, 0, 64), &data)
	default:
		var err error
		if text, err = json.Marshal(data); err != nil {
			return err
		}
	}
	if tx.jobs == nil {
		tx.jobs = tx.room.jobs[:0]
	}
	tx.jobs = append(tx.jobs, journal.Job{ID: tx.Payment.ID + "/" + name, At: at, Kind: string(kind), Data: text})
	return nil
}

// Cancel takes jobs of the payment away, by name; unknown ones are ignored.
func (tx *Tx) Cancel(names ...string) {
	if tx.cancelled == nil {
		tx.cancelled = make([]string, 0, 2) // of a decision
	}
	for _, name := range names {
		tx.cancelled = append(tx.cancelled, tx.Payment.ID+"/"+name)
	}
}

// Complete ends the job that this change carries out.
func (tx *Tx) Complete(job journal.Job) { tx.done = append(tx.done, job) }

// FirstJob is when the first of the added jobs is due; zero when there is none.
func (tx *Tx) FirstJob() (at time.Time) {
	for _, j := range tx.jobs {
		if at.IsZero() || j.At.Before(at) {
			at = j.At
		}
	}
	return at
}

// Random returns the payment's stream for one purpose: what is drawn for one never changes what another draws.
func (tx *Tx) Random(purpose string) *random.Stream {
	return Random(tx.Company, tx.Payment.Ordinal, purpose)
}

// Random returns the stream of a company's n-th payment for one purpose.
func Random(company *backoffice.Company, ordinal uint64, purpose string) *random.Stream {
	return random.New(company.Seed, company.ID, "payment", strconv.FormatUint(ordinal, 10), purpose)
}

func (tx *Tx) empty() bool {
	return len(tx.entries) == 0 && len(tx.jobs) == 0 && len(tx.done) == 0 && len(tx.cancelled) == 0
}

// Labels are what payments can be listed by.
func Labels(p *payment.Payment) journal.Labels {
	return journal.Labels{
		{Name: "psp", Value: p.PSP},
		{Name: "type", Value: p.Type},
		{Name: "status", Value: string(p.Status)},
		{Name: "userId", Value: p.UserID},
		{Name: "merchantReference", Value: p.MerchantReference},
		{Name: "currency", Value: p.Currency},
		{Name: "amount", Value: p.Amount.String()},
		{Name: "deliveries", Value: p.DeliverySummary()},
	}
}
