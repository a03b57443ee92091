package control

import (
	"context"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// What control needs of the house, in small parts. Companies are named by id. Errors that implement Conflicts are answered
// with 409 and their own words, journal.ErrNotFound with 404.

// Clocks is companies' clocks and the work that waits for them.
type Clocks interface {
	Clock(company string) *clock.Clock
	// SetClock waits until nobody moves the clock.
	SetClock(company string, mode clock.Mode, factor float64) error
	Advance(ctx context.Context, company string, a Advance) ([]CompletedJob, error)
	// DueWork returns the next work, at most limit, and how much there is in all.
	DueWork(ctx context.Context, company string, limit int) (next []journal.Job, all int, err error)
	// DueOf returns the work of one payment, in order.
	DueOf(ctx context.Context, company, payment string) ([]journal.Job, error)
}

// Advance says how far a clock is to be moved: one of its fields counts.
type Advance struct {
	By         time.Duration
	To         time.Time
	UntilIdle  bool
	Deliveries int
}

// CompletedJob is one piece of work that was carried out.
type CompletedJob struct {
	At          time.Time `json:"at"`
	Kind        string    `json:"kind"`
	Payment     string    `json:"payment"`
	Description string    `json:"description"`
}

// Decisions are what people do to payments.
type Decisions interface {
	Decide(ctx context.Context, company, payment string, d payment.Decision) (*payment.Payment, error)
	Approve(ctx context.Context, company, payment string, approved bool, reason string) (*payment.Payment, error)
}

// Webhooks is companies' webhooks, and what the built-in inbox received of them.
type Webhooks interface {
	// Deliveries returns what q picks; left is the place behind which to go on when there may be more although fewer than the
	// limit were found.
	Deliveries(ctx context.Context, company string, q DeliveryQuery) (found []Delivery, left Place, err error)
	Delivery(ctx context.Context, company, delivery string) (Delivery, error)
	// Resend sends the same body when body is nil.
	Resend(ctx context.Context, company, delivery string, body *string) (Delivery, error)
	Cancel(ctx context.Context, company, delivery string) (Delivery, error)
	// Received returns what is older than the entry before (0 = from the newest), newest first; left is the entry before which
	// to go on when there may be more although fewer than limit were found.
	Received(ctx context.Context, company string, before uint64, limit int) (found []Received, left uint64, err error)
	Replies(company string) []Reply
	SetReplies(ctx context.Context, company string, replies []Reply) error
}

// Delivery is a webhook's delivery as it is answered.
type Delivery struct {
	payment.Delivery
	Payment string `json:"payment"`
	PSP     string `json:"psp"`
	place   Place
}

// Place is where a delivery stands in a list: the place of its payment's stream, and its number in the payment.
type Place struct {
	Ordinal uint64
	N       int
}

// DeliveryQuery picks deliveries, newest first.
type DeliveryQuery struct {
	Payment string                // only of this payment
	State   payment.DeliveryState // only those that stand there
	Before  Place                 // only those behind this one in the list
	Limit   int
}

// Pick appends those of a payment's deliveries that q wants, as far as its limit goes; ordinal is that of the payment's
// stream.
func (q DeliveryQuery) Pick(found []Delivery, p *payment.Payment, ordinal uint64) []Delivery {
	for i := len(p.Deliveries) - 1; i >= 0 && len(found) < q.Limit; i-- {
		d := &p.Deliveries[i]
		if q.State != "" && d.State != q.State || q.Before.Ordinal == ordinal && i+1 >= q.Before.N {
			continue
		}
		found = append(found, Delivery{Delivery: *d, Payment: p.ID, PSP: p.PSP, place: Place{ordinal, i + 1}})
	}
	return found
}

// Received is a webhook that the built-in inbox received.
type Received struct {
	Seq      uint64            `json:"-"` // of its entry
	At       time.Time         `json:"at"`
	Delivery string            `json:"delivery"`
	Payment  string            `json:"payment"`
	N        int               `json:"n"` // the delivery's n-th attempt
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
	Status   int               `json:"status,omitempty"` // what the inbox answered
	Error    string            `json:"error,omitempty"`  // why it did not
}

// Reply is how the built-in inbox answers.
type Reply struct {
	Status int
	Body   string
	Delay  time.Duration
	HangUp bool
	Times  int
}

// Conditions is what companies' payments meet: scenarios, and providers that are out of order.
type Conditions interface {
	// Scenarios is to be read only; ChangeScenarios changes it, and may call change more than once.
	Scenarios(company string) *scenario.Set
	ChangeScenarios(ctx context.Context, company string, change func(*scenario.Set) error) error
	Outages(company string) []Outage
	Break(ctx context.Context, company string, o scenario.Outage) error
	// Mend switches a provider's outage off; ok is false when there is none.
	Mend(ctx context.Context, company, psp string) (ok bool, err error)
}

// Outage is an outage in force.
type Outage struct {
	scenario.Outage
	Until time.Time // zero = until it is switched off
}

// Queries waits for things to happen, and says what has happened.
type Queries interface {
	Wait(ctx context.Context, company string, w Wait) (WaitResult, error)
	Verify(ctx context.Context, company string, e Expectation) (VerifyResult, error)
	// Follow hands over entries until ctx ends or each fails; see simulator.Follow.
	Follow(ctx context.Context, company string, after int64, beat time.Duration, each func([]journal.FeedEntry) error) error
}

// Wait is a condition over {payment, delivery}, and how long to wait for it in real time.
type Wait struct {
	Condition *scenario.Expression
	Limit     time.Duration
}

// WaitResult is what a lookout saw: what met the condition, or what there was instead.
type WaitResult struct {
	Met        bool
	Payment    *payment.Payment
	Delivery   *Delivery
	Candidates []Candidate
}

// Candidate is a payment that did not meet a condition.
type Candidate struct {
	Payment     string `json:"payment"`
	Delivery    string `json:"delivery,omitempty"`
	Description string `json:"description"`
}

// Expectation is what is asserted of the payments that came in.
type Expectation struct {
	PSP, Type, Status string
	When              *scenario.Expression // over {payment, delivery}
	AtLeast, AtMost   int                  // AtMost < 0 = any number
	Order             []*scenario.Expression
}

// VerifyResult says whether it held.
type VerifyResult struct {
	Passed      bool       `json:"passed"`
	Found       int        `json:"found"`
	Description string     `json:"description"`
	NearMisses  []NearMiss `json:"nearMisses"`
}

// NearMiss is a payment that almost was what was expected.
type NearMiss struct {
	Payment string   `json:"payment"`
	Misses  []string `json:"misses"`
}

// Snapshots takes copies of companies and puts them back.
type Snapshots interface {
	Snapshot(ctx context.Context, company string) (any, error)
	// Restore puts a snapshot's text in the place of everything; a text that does not hold is *openapi.Invalid.
	Restore(ctx context.Context, company string, text []byte) (Restored, error)
}

// Restored is what a snapshot brought back.
type Restored struct {
	Payments int       `json:"payments"`
	Jobs     int       `json:"jobs"`
	Now      time.Time `json:"now"`
}
