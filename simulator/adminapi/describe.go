package adminapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// InboxURL stands for the company's built-in inbox wherever the URL of a webhook handler is asked for.
const InboxURL = "http://inbox.mozartosim.internal/"

// Description puts the event into words, such as "the shopper decides: approve". A kind without words of its own is its
// description.
func (e Event) Description() string {
	switch e.Kind {
	case "payment.opened":
		return describe(e, describeCall)
	case "payment.moved":
		return describe(e, describeMove)
	case "payment.answered":
		return describe(e, describeAnswer)
	case "payment.decided":
		return describe(e, func(d Decision) string { return actor(d.By) + " decides: " + because(d.Action, d.Reason) })
	case "payment.notified":
		return describe(e, describeNotification)
	case "page.opened":
		return "the hosted page is opened"
	case "page.taken-over":
		return "a person on the hosted page takes over from the simulated shopper"
	case "page.left":
		return describe(e, func(r PageReturn) string { return "the browser returns to the merchant: " + r.Result + ", " + r.To })
	case "delivery.opened":
		return describe(e, describeDelivery)
	case "delivery.attempted":
		return describe(e, describeAttempt)
	case "delivery.cancelled":
		return describe(e, func(c struct{ Delivery, By string }) string {
			return fmt.Sprintf("webhook %s was cancelled by %s", number(c.Delivery), actor(c.By))
		})
	}
	return e.Kind
}

// Description says what the job will do.
func (j Job) Description() string {
	switch e := (Event{Kind: j.Kind, Data: j.Data}); j.Kind {
	case "decision":
		return describe(e, func(d Decision) string { return actor(d.By) + " will " + because(d.Action, d.Reason) })
	case "expiry":
		return "the session expires"
	case "notification":
		return describe(e, func(n Notification) string { return "notification " + because(n.Raw, n.TransactionStatus) })
	case "attempt":
		return describe(e, func(a struct{ Delivery string }) string { return "webhook " + number(a.Delivery) + " is attempted" })
	}
	return j.Kind
}

// Decides says whether the job may change the payment's status; the others only tell the merchant.
func (j Job) Decides() bool { return j.Kind != "attempt" }

// describe decodes an event's data for its words; an event whose data can't be read is named by its kind.
func describe[T any](e Event, words func(T) string) string {
	var data T
	if json.Unmarshal(e.Data, &data) != nil {
		return e.Kind
	}
	return words(data)
}

func describeCall(opened struct {
	Plan    struct{ Scenario string }
	LeftOut *LeftOut
}) string {
	text := "the merchant called"
	if opened.Plan.Scenario != "" {
		text += ", and the scenario " + opened.Plan.Scenario + " applies"
	}
	if opened.LeftOut != nil {
		text += "; " + opened.LeftOut.String()
	}
	return text
}

func describeMove(m Move) string {
	text := "it is " + spaced(m.Status)
	if m.Raw != "" && m.Raw != m.Status {
		text += " (" + m.Raw + ")"
	}
	if m.By != "" && m.By != "provider" {
		text += ", by the " + m.By
	}
	return withMessage(text, m.Message)
}

// Reason says why the scenario was chosen, "" when that was not kept.
func (s ChosenScenario) Reason() string {
	return cmp.Or(map[string]string{
		"override": "by a one-shot override", "header": "named by the header Mozartosim-Scenario",
		"merchantReference": "named by the merchantReference", "match": "it matches the call",
	}[s.By], s.By)
}

func describeAnswer(a Answer) string {
	text := fmt.Sprintf("the merchant is answered %d", a.Status)
	if a.DelayMS > 0 {
		text += " after " + milliseconds(a.DelayMS)
	}
	text += asObserved(a.Observed)
	switch a.Fault {
	case "":
		return text
	case "lost":
		return text + ", but the answer is lost on the way"
	}
	return text + ", but the answer fails: " + a.Fault
}

// asObserved says which fields rest on what a real target was seen to do.
func asObserved(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return " (as observed at a real target: " + strings.Join(fields, ", ") + ")"
}

// actor names who does something.
func actor(by string) string {
	return cmp.Or(map[string]string{"control": "the admin API", "page": "a person on the hosted page"}[by], "the "+by)
}

func describeNotification(n Notification) string {
	text := "notification " + because(n.Raw, n.TransactionStatus)
	if n.Status != "" {
		text += ", it is " + spaced(n.Status)
	}
	text = withMessage(text, n.Message)
	if n.Dropped {
		text += "; no webhook, on purpose"
	}
	return text
}

func describeDelivery(d Delivery) string {
	text := "webhook " + number(d.ID) + " to " + d.Target()
	if d.Notification > 0 {
		text += fmt.Sprintf(", for notification %d", d.Notification)
	}
	switch {
	case d.Resend:
		text += ", resent by hand"
	case d.Copy > 1:
		text += fmt.Sprintf(", copy %d", d.Copy)
	}
	if d.Auth != "" {
		text += ", Authorization " + d.Auth
	}
	return text + asObserved(d.Observed)
}

func describeAttempt(a Attempt) string {
	return fmt.Sprintf("webhook %s, attempt %d: %s", number(a.Delivery), a.N, a.Result())
}

// Target names where the webhook goes: its URL, or the inbox.
func (d Delivery) Target() string {
	if d.URL == InboxURL {
		return "the inbox"
	}
	return d.URL
}

// Last is the last attempt, nil before the first.
func (d Delivery) Last() *Attempt {
	if len(d.Attempts) == 0 {
		return nil
	}
	return &d.Attempts[len(d.Attempts)-1]
}

// Open says whether another attempt follows.
func (d Delivery) Open() bool { return d.State == "pending" || d.State == "retrying" }

// Result says how the attempt went, and what follows.
func (a Attempt) Result() string {
	text := a.Error
	switch {
	case a.Error == "":
		text = fmt.Sprintf("answered %d", a.Status)
	case a.Status > 0:
		text = fmt.Sprintf("answered %d: %s", a.Status, a.Error)
	}
	if a.TookMS > 0 {
		text += " after " + milliseconds(a.TookMS)
	}
	text += ", " + a.State
	if !a.Next.IsZero() {
		text += ", next at " + a.Next.UTC().Format(time.RFC3339Nano)
	}
	return text
}

// number is a delivery's number within its payment.
func number(delivery string) string {
	_, n := ParseDeliveryID(delivery)
	return n
}

func milliseconds(n int64) string { return (time.Duration(n) * time.Millisecond).String() }

// spaced writes a status for people.
func spaced(status string) string { return strings.ReplaceAll(status, "_", " ") }

func because(text, reason string) string {
	if reason == "" {
		return text
	}
	return text + " (" + reason + ")"
}

func withMessage(text, message string) string {
	if message == "" {
		return text
	}
	return text + ": " + message
}

// OpenDeliveries counts the webhooks that will be attempted.
func (p *Payment) OpenDeliveries() (n int) {
	for _, d := range p.Deliveries {
		if d.Open() {
			n++
		}
	}
	return n
}

// Failure says how the merchant's call failed; "" when it did not or is not known.
func (p *Payment) Failure() string {
	if p.Answer == nil {
		return ""
	}
	return CashierAnswer{Status: p.Answer.Status, Body: p.Answer.Body}.Failure()
}

// Description says what is answered, and after how long.
func (r InboxReply) Description() string {
	answer := strconv.Itoa(max(r.Status, 200))
	if r.HangUp {
		answer = "a closed connection"
	}
	if r.Delay != "" && r.Delay != "0s" {
		answer += " after " + r.Delay
	}
	return answer
}

// Subject names a call in few words: what it is about or, if that is not known, where it went.
func (r *RequestSummary) Subject() string {
	if r.PSP != "" {
		return r.PSP + " " + r.Type
	}
	return r.Method + " " + r.Path
}

// Matches says whether a query's filters let a call through.
func (q *RequestQuery) Matches(r *RequestSummary) bool {
	return (q.Outcome == "" || r.Outcome == q.Outcome) && (q.Stage == "" || r.Stage == q.Stage) && (q.Rule == "" || r.Rule == q.Rule) &&
		(q.Status == 0 || r.Status == q.Status) && (q.Payment == "" || r.Payment == q.Payment)
}

// Matches says whether a query's filters by exact values let a payment through.
func (q *PaymentQuery) Matches(p *PaymentSummary) bool {
	return (q.PSP == "" || p.PSP == q.PSP) && (q.Type == "" || p.Type == q.Type) && (q.Status == "" || p.Status == q.Status) &&
		(q.UserID == "" || p.UserID == q.UserID) && (q.MerchantReference == "" || p.MerchantReference == q.MerchantReference)
}
