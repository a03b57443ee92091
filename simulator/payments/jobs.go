package payments

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// JobKind says what a scheduled job does.
type JobKind string

// The kinds of scheduled jobs.
const (
	Decision     JobKind = "decision"     // the shopper, or the provider itself, decides; Data is an adminapi.Decision
	Expiry       JobKind = "expiry"       // the session's time is over; Data is empty
	Notification JobKind = "notification" // the provider notifies; Data is a NotificationData
	Attempt      JobKind = "attempt"      // a webhook is attempted, that of its name; Data is an AttemptData
)

// The names of a payment's jobs; there is one of each at a time.
const (
	DecisionJob = "decision"
	ExpiryJob   = "expiry"
)

// AttemptJob names the job of a delivery's next attempt: attempt-1 for the payment's first delivery, <payment>-1.
func AttemptJob(delivery string) string {
	_, number := adminapi.ParseDeliveryID(delivery)
	return "attempt-" + number
}

// DeliveryOf is the delivery that a job attempts: the job's id ends as the delivery's does.
func DeliveryOf(attempt journal.Job) string {
	_, number := adminapi.ParseDeliveryID(attempt.ID)
	return attempt.Stream + "-" + number
}

// NotificationJob names the job of an outcome's n-th notification.
func NotificationJob(outcome, n int) string { return fmt.Sprintf("notification-%d-%d", outcome, n) }

// NotificationData is the data of a job that notifies.
type NotificationData struct {
	Outcome           int            `json:"outcome"` // the outcome that it follows from, 0 = none; a later one replaces it
	Status            payment.Status `json:"status"`
	Raw               string         `json:"raw"`
	Message           string         `json:"message"`
	TransactionStatus string         `json:"transactionStatus,omitempty"` // where a scenario has a word of its own
	Deliver           time.Time      `json:"deliver"`                     // when its webhook leaves

	Webhook *scenario.Webhook `json:"webhook,omitempty"` // how it is sent, where a scenario says so of this one
}

// AttemptData is the data of a job that attempts a delivery.
type AttemptData struct {
	Target string `json:"target"` // attempts of a company at one target are bounded together
}

// Unrecorded says that a job's work is done, outside, but the journal could not be written. The job must not be run again while
// Record may still succeed.
type Unrecorded struct {
	Record func(ctx context.Context) (description string, err error) // writes what came of it
	Err    error
}

func (e *Unrecorded) Error() string {
	return "sent, but the result could not be recorded: " + e.Err.Error()
}

// Unwrap returns why it could not.
func (e *Unrecorded) Unwrap() error { return e.Err }

// CheckJob reports what is wrong with a job that was read from a file: an unknown kind, data that is no JSON.
func CheckJob(j journal.Job) error {
	switch JobKind(j.Kind) {
	case Attempt, Notification, Decision, Expiry:
		if len(j.Data) == 0 || json.Valid(j.Data) {
			return nil
		}
	}
	return fmt.Errorf("it is of the kind %q, with the data %q", j.Kind, j.Data)
}
