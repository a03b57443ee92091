package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
)

// describe puts a payment's event into words: one line; a webhook is indented, its attempts once more.
func describe(id string, e adminapi.Event) string {
	number := func(delivery string) string { return strings.TrimPrefix(delivery, id+"-") }
	switch kind := payment.Kind(e.Kind); kind {
	case payment.KindOpened:
		return in(e, func(terms payment.Terms) string { return "the merchant called" + scenarioOf(terms.Plan) })
	case payment.KindMoved:
		return in(e, describeMove)
	case payment.KindAnswered:
		return in(e, describeAnswer)
	case payment.KindDecided:
		return in(e, describeDecision)
	case payment.KindNotified:
		return in(e, describeNotification)
	case payment.KindPageOpened:
		return "the hosted page is opened"
	case payment.KindPageTakenOver:
		return "a person on the hosted page takes over from the simulated shopper"
	case payment.KindPageLeft:
		return in(e, func(r adminapi.PageReturn) string {
			return "the browser returns to the merchant: " + r.Result + ", " + r.To
		})
	case payment.KindDeliveryOpened:
		return in(e, func(o payment.Opening) string { return "  webhook " + number(o.ID) + describeDelivery(o) })
	case payment.KindDeliveryAttempted:
		return in(e, func(a adminapi.Attempt) string {
			return fmt.Sprintf("    webhook %s, attempt %d: %s", number(a.Delivery), a.N, resultOf(a))
		})
	case payment.KindDeliveryCancelled:
		return in(e, func(c payment.Cancellation) string {
			return fmt.Sprintf("  webhook %s was cancelled by %s", number(c.Delivery), cli.OrDash(c.By))
		})
	}
	return e.Kind
}

// in decodes an event's data for its words; an event whose data can't be read is named by its kind.
func in[T any](e adminapi.Event, words func(T) string) string {
	var data T
	if json.Unmarshal(e.Data, &data) != nil {
		return e.Kind
	}
	return words(data)
}

// scenarioOf names the scenario of a payment's plan, if there is one.
func scenarioOf(plan json.RawMessage) string {
	var p struct {
		Scenario string `json:"scenario"`
	}
	if json.Unmarshal(plan, &p) != nil || p.Scenario == "" {
		return ""
	}
	return ", and the scenario " + p.Scenario + " applies"
}

func describeMove(m payment.Move) string {
	text := "it is " + spaced(string(m.Status))
	if m.Raw != "" && m.Raw != string(m.Status) {
		text += " (" + m.Raw + ")"
	}
	if m.By != "" && m.By != "provider" {
		text += ", by the " + m.By
	}
	return withMessage(text, m.Message)
}

func describeAnswer(a payment.Answered) string {
	text := fmt.Sprintf("the merchant is answered %d", a.Status)
	if a.Delay > 0 {
		text += " after " + cli.Words(time.Duration(a.Delay)*time.Millisecond)
	}
	switch a.Fault {
	case "":
		return text
	case "lost":
		return text + ", but the answer is lost on the way"
	}
	return text + ", but the answer fails: " + a.Fault
}

func describeDecision(d adminapi.Decision) string {
	by := "the " + d.By
	switch d.By {
	case "control":
		by = "the admin API"
	case "page":
		by = "a person on the hosted page"
	}
	text := by + " decides: " + d.Action
	if d.Reason != "" {
		text += " (" + d.Reason + ")"
	}
	return text
}

func describeNotification(n adminapi.Notification) string {
	text := fmt.Sprintf("notification %s (%s)", n.Raw, n.TransactionStatus)
	if n.Status != "" {
		text += ", it is " + spaced(n.Status)
	}
	text = withMessage(text, n.Message)
	if n.Dropped {
		text += "; no webhook, on purpose"
	}
	return text
}

func describeDelivery(o payment.Opening) string {
	text := " to " + targetOf(o.URL)
	if o.Notification > 0 {
		text += fmt.Sprintf(", for notification %d", o.Notification)
	}
	switch {
	case o.Resend:
		text += ", resent by hand"
	case o.Copy > 1:
		text += fmt.Sprintf(", copy %d", o.Copy)
	}
	if o.Auth != "" {
		text += ", Authorization " + o.Auth
	}
	return text
}

// resultOf says how an attempt went.
func resultOf(a adminapi.Attempt) string {
	text := a.Error
	if text == "" {
		text = fmt.Sprintf("answered %d", a.Status)
	} else if a.Status > 0 {
		text = fmt.Sprintf("answered %d: %s", a.Status, a.Error)
	}
	if a.TookMS > 0 {
		text += " after " + cli.Words(time.Duration(a.TookMS)*time.Millisecond)
	}
	text += ", " + a.State
	if !a.Next.IsZero() {
		text += ", next at " + cli.Stamp(a.Next)
	}
	return text
}

// targetOf names where a webhook goes.
func targetOf(url string) string {
	if url == simulator.InboxURL {
		return "the inbox"
	}
	return url
}

// spaced writes a status for people.
func spaced(status string) string { return strings.ReplaceAll(status, "_", " ") }

func withMessage(text, message string) string {
	if message == "" {
		return text
	}
	return text + ": " + message
}
