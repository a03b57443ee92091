package adminapi

import (
	"encoding/json"
	"time"
)

// ClockInput sets how a clock moves.
type ClockInput struct {
	Mode   string  `json:"mode" jsonschema:"real as the machine's, scaled as many times as fast, or manual by advance_clock"`
	Factor float64 `json:"factor,omitempty" jsonschema:"how many times as fast, for scaled"`
}

// Clock is a company's clock.
type Clock struct {
	Mode    string    `json:"mode"`
	Factor  float64   `json:"factor"`
	Now     time.Time `json:"now"`
	Next    time.Time `json:"next,omitzero"` // when the next job is due
	Waiting int       `json:"waiting"`       // jobs that wait
}

// AdvanceInput moves a manual clock; exactly one field is set.
type AdvanceInput struct {
	By         string `json:"by,omitempty" jsonschema:"a duration such as 5m, 1h30m or 30d"`
	To         string `json:"to,omitempty" jsonschema:"a time such as 2026-06-01T12:00:00Z"`
	Until      string `json:"until,omitempty" jsonschema:"idle: until nothing is scheduled"`
	Deliveries int    `json:"deliveries,omitempty" jsonschema:"until so many webhooks have been attempted"`
}

// AdvanceResult says what happened while the clock moved.
type AdvanceResult struct {
	Now  time.Time      `json:"now"`
	Jobs []CompletedJob `json:"jobs"` // in order
}

// PaymentNext is what can happen to a payment next.
type PaymentNext struct {
	Final    bool           `json:"final"`    // its status won't change any more
	Approval bool           `json:"approval"` // it waits to be approved or rejected
	Actions  []string       `json:"actions"`  // that Decide takes now
	Jobs     []Job          `json:"jobs"`     // scheduled, the next first
	Retries  []PaymentRetry `json:"retries"`  // attempts that follow if the scheduled ones fail, the first first
}

// PaymentRetry is an attempt of a delivery that is made if all before it fail.
type PaymentRetry struct {
	Delivery string    `json:"delivery"`
	N        int       `json:"n"`  // the delivery's n-th attempt
	At       time.Time `json:"at"` // at the earliest
}

// CompletedJob is a job that was carried out.
type CompletedJob struct {
	At          time.Time `json:"at"`
	Kind        string    `json:"kind"` // decision, expiry, notification or attempt
	Payment     string    `json:"payment"`
	Description string    `json:"description"`
}

// Counts is what the process counted for a company since it started, or since the company was reset.
type Counts struct {
	Payments  CountSeries      `json:"payments"` // by when they were made and how they ended at first
	Attempts  CountSeries      `json:"attempts"` // to deliver webhooks; none is open
	Providers []ProviderCounts `json:"providers"`
}

// CountSeries counts in equal spans of time, the oldest first.
type CountSeries struct {
	Start     time.Time `json:"start"`
	Seconds   int64     `json:"seconds"` // of each span
	Succeeded []int     `json:"succeeded"`
	Failed    []int     `json:"failed"`
	Open      []int     `json:"open"`
}

// ProviderCounts is how a provider's payments ended, and how long its calls took, in milliseconds.
type ProviderCounts struct {
	PSP       string  `json:"psp"`
	Made      int     `json:"made"`
	Succeeded int     `json:"succeeded"`
	Failed    int     `json:"failed"`
	Calls     int     `json:"calls"`
	Refused   int     `json:"refused"`
	MedianMS  float64 `json:"medianMs"` // within an eighth
	SlowestMS float64 `json:"slowestMs"`
}

// Job is a scheduled job.
type Job struct {
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"`
	Payment string          `json:"payment"`
	State   string          `json:"state"`           // pending or claimed
	Holder  string          `json:"holder,omitzero"` // of a claimed one: the process that runs it, as host:pid
	Data    json.RawMessage `json:"data"`
}

// WaitInput is a condition over payment and delivery, or over call, and how long to wait for it in real time.
type WaitInput struct {
	Condition string `json:"condition" jsonschema:"an expression over payment and delivery, or over call, such as: payment.merchantReference == 'order-1' && delivery.state == 'delivered'"`
	Timeout   string `json:"timeout,omitempty" jsonschema:"how long to wait in real time, 10s unless set, at most 5m"`
}

// WaitResult is what met a condition, or what there was instead.
type WaitResult struct {
	Met        bool            `json:"met"`
	Payment    *Payment        `json:"payment,omitempty"`
	Delivery   *Delivery       `json:"delivery,omitempty"`
	Request    *RequestSummary `json:"request,omitempty"`   // when the condition is about calls
	Candidates []Candidate     `json:"candidates,omitzero"` // when it was not met
}

// Candidate is a payment that did not meet a condition.
type Candidate struct {
	Payment     string `json:"payment,omitempty"`
	Delivery    string `json:"delivery,omitempty"`
	Request     string `json:"request,omitempty"`
	Description string `json:"description"`
}

// VerifyInput is what is asserted.
type VerifyInput struct {
	Received Expectation `json:"received"`
}

// Expectation is what is asserted of the payments that came in.
type Expectation struct {
	PSP    string   `json:"psp,omitempty"`
	Type   string   `json:"type,omitempty"`
	Status string   `json:"status,omitempty"`
	When   string   `json:"when,omitempty"`
	Count  *Count   `json:"count,omitempty"` // nil = at least one
	Order  []string `json:"order,omitempty"`
}

// Count bounds how many payments match. In JSON a plain number is both bounds.
type Count struct {
	AtLeast int  `json:"atLeast,omitempty"`
	AtMost  *int `json:"atMost,omitempty"` // nil = any number
}

// Exactly is a count with both bounds.
func Exactly(n int) *Count { return &Count{AtLeast: n, AtMost: &n} }

// UnmarshalJSON reads a number or an object.
func (c *Count) UnmarshalJSON(text []byte) error {
	var n float64 // 1e2 is a whole number too
	if json.Unmarshal(text, &n) == nil {
		*c = *Exactly(int(n))
		return nil
	}
	type plain Count
	return json.Unmarshal(text, (*plain)(c))
}

// VerifyResult says whether an assertion passed.
type VerifyResult struct {
	Passed      bool       `json:"passed"`
	Found       int        `json:"found"`
	Description string     `json:"description"`
	NearMisses  []NearMiss `json:"nearMisses"`
}

// NearMiss is a payment that almost matched.
type NearMiss struct {
	Payment string   `json:"payment,omitempty"`
	Request string   `json:"request,omitempty"`
	Misses  []string `json:"misses"`
}

// RestoreResult says what a snapshot brought back.
type RestoreResult struct {
	Payments int       `json:"payments"`
	Jobs     int       `json:"jobs"`
	Now      time.Time `json:"now"`
}
