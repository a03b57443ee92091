package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/payment"
)

// teller puts a payment's events into words.
type teller struct{ payment string }

// tell returns one line; a webhook is indented, its attempts once more.
func (t teller) tell(e eventShown) string {
	switch e.Kind {
	case payment.KindOpened:
		return say(e, func(terms payment.Terms) string { return "the merchant called" + scripted(terms.Plan) })
	case payment.KindMoved:
		return say(e, told)
	case payment.KindAnswered:
		return say(e, answeredWords)
	case payment.KindDecided:
		return say(e, decided)
	case payment.KindNotified:
		return say(e, noticed)
	case payment.KindPageOpened:
		return "the hosted page is opened"
	case payment.KindPageTakenOver:
		return "somebody on the page pays in the simulated shopper's place"
	case payment.KindPageLeft:
		return say(e, func(r payment.Return) string {
			return "the browser returns to the merchant's: " + r.Result + ", " + r.To
		})
	case payment.KindDeliveryOpened:
		return say(e, t.opened)
	case payment.KindDeliveryAttempted:
		return say(e, t.attempted)
	case payment.KindDeliveryCancelled:
		return say(e, func(c payment.Cancellation) string {
			return fmt.Sprintf("  webhook %s was cancelled by %s", t.short(c.Delivery), orDash(c.By))
		})
	}
	return string(e.Kind)
}

// say decodes an event's data for its words; data that can't be read leaves the kind.
func say[T any](e eventShown, words func(T) string) string {
	var data T
	if json.Unmarshal(e.Data, &data) != nil {
		return string(e.Kind)
	}
	return words(data)
}

// short is a delivery's number within its payment.
func (t teller) short(delivery string) string { return strings.TrimPrefix(delivery, t.payment+"-") }

// scripted names the scenario of a payment's plan, if there is one.
func scripted(plan json.RawMessage) string {
	var p struct {
		Scenario string `json:"scenario"`
	}
	if json.Unmarshal(plan, &p) != nil || p.Scenario == "" {
		return ""
	}
	return ", and the scenario " + p.Scenario + " applies"
}

func told(m payment.Move) string {
	text := "it is " + spaced(string(m.Status))
	if m.Raw != "" && m.Raw != string(m.Status) {
		text += " (" + m.Raw + ")"
	}
	if m.By != "" && m.By != "provider" {
		text += ", by the " + m.By
	}
	if m.Message != "" {
		text += ": " + m.Message
	}
	return text
}

func answeredWords(a payment.Answered) string {
	text := fmt.Sprintf("the merchant is answered %d", a.Status)
	if a.Delay > 0 {
		text += " after " + words(time.Duration(a.Delay)*time.Millisecond)
	}
	switch a.Fault {
	case "":
		return text
	case "lost":
		return text + ", but the answer is lost on the way"
	}
	return text + ", but the answer goes wrong: " + a.Fault
}

func decided(d payment.Decision) string {
	by := d.By
	switch d.By {
	case "control":
		by = "the admin API"
	case "page":
		by = "somebody on the hosted page"
	case "":
		by = "somebody"
	default:
		by = "the " + by
	}
	text := by + " decides: " + d.Action
	if d.Reason != "" {
		text += " (" + d.Reason + ")"
	}
	return text
}

func noticed(n payment.Notification) string {
	text := fmt.Sprintf("the provider tells %s (%s)", n.Raw, n.TransactionStatus)
	if n.Status != "" {
		text += ", it is " + spaced(string(n.Status))
	}
	if n.Message != "" {
		text += ": " + n.Message
	}
	if n.Dropped {
		text += "; no webhook, on purpose"
	}
	return text
}

func (t teller) opened(o payment.Opening) string {
	text := fmt.Sprintf("  webhook %s to %s", t.short(o.ID), target(o.URL))
	if o.Notification > 0 {
		text += fmt.Sprintf(", of notice %d", o.Notification)
	}
	switch {
	case o.Resend:
		text += ", sent again by hand"
	case o.Copy > 1:
		text += fmt.Sprintf(", copy %d", o.Copy)
	}
	if o.Auth != "" {
		text += ", Authorization " + o.Auth
	}
	return text
}

func (t teller) attempted(a payment.Attempt) string {
	return fmt.Sprintf("    webhook %s, attempt %d: %s", t.short(a.Delivery), a.N, outcome(a))
}

// outcome says how an attempt went.
func outcome(a payment.Attempt) string {
	text := a.Error
	if text == "" {
		text = fmt.Sprintf("answered %d", a.Status)
	} else if a.Status > 0 {
		text = fmt.Sprintf("answered %d: %s", a.Status, a.Error)
	}
	if a.TookMS > 0 {
		text += " after " + words(time.Duration(a.TookMS)*time.Millisecond)
	}
	text += ", " + string(a.State)
	if !a.Next.IsZero() {
		text += ", next at " + stamp(a.Next)
	}
	return text
}

// target names where a webhook goes.
func target(url string) string {
	if url == simulator.InboxURL {
		return "the inbox"
	}
	return url
}

// spaced writes a status for people.
func spaced(status string) string { return strings.ReplaceAll(status, "_", " ") }
