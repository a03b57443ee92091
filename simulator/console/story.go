package console

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/sequence"
)

// The participants of a payment, from left to right, with the provider between Mozarto and the shopper.
const (
	shop    = "merchant"
	mozarto = "Mozarto"
	shopper = "shopper"
	handler = "merchant’s handler"
	kept    = "inbox"
)

// maxMessages bounds a diagram.
const maxMessages = 60

// diagram is what happened and what is scheduled, as messages.
func (v *timelineView) diagram() sequence.Diagram {
	d := sequence.Diagram{Title: "Who sent what to whom", Participants: []string{shop, mozarto, v.Provider.Name, shopper, v.receiver()}}
	for _, e := range v.Payment.Events {
		if m := v.message(e); m.From != "" {
			m.At = v.After(e.At)
			d.Messages = append(d.Messages, m)
		}
	}
	for _, j := range v.Next.Jobs {
		m := v.planned(j)
		m.At, m.Planned, m.Href = v.After(j.At), true, "#actions"
		d.Messages = append(d.Messages, m)
	}
	if len(d.Messages) > maxMessages {
		d.Title += ", the last " + strconv.Itoa(maxMessages) + " messages"
		d.Messages = d.Messages[len(d.Messages)-maxMessages:]
	}
	return d
}

// message is an event as a message; one that nobody sent has no sender.
func (v *timelineView) message(e adminapi.Event) (m sequence.Message) {
	provider := v.Provider.Name
	m.Text = e.Description()
	var about struct{ Action, Reason, By, Result, Delivery, Raw, TransactionStatus string }
	_ = json.Unmarshal(e.Data, &about) // the API wrote it
	kind := e.Kind[strings.LastIndexByte(e.Kind, '.')+1:]
	switch e.Kind {
	case "payment.opened":
		m.From, m.To, kind = shop, mozarto, "call"
		m.Text = "POST " + provider + " " + flowName(v.Payment.Type, v.Payment.Variant)
	case "payment.answered":
		m.From, m.To, kind = mozarto, shop, "answer"
		if a := v.Payment.Answer; a != nil {
			m.Text, m.Failed = strings.TrimSpace(strconv.Itoa(a.Status)+" "+a.Fault), a.Status >= 400 || a.Fault != ""
		}
	case "payment.decided":
		m.Text = strings.TrimSpace(word(about.Action) + " " + about.Reason)
		m.From, m.To = deciders(about.By, provider)
	case "payment.notified":
		m.From, m.To = provider, mozarto
		m.Text = cmp.Or(about.Raw, about.TransactionStatus)
	case "payment.moved":
		if len(v.Payment.Notifications) == 0 { // else the notification says it
			m.From, m.To = mozarto, mozarto
		}
	case "page.opened", "page.taken-over":
		m.From, m.To, kind = shopper, provider, "visit"
		m.Text = map[bool]string{true: "opens the page", false: "takes over"}[e.Kind == "page.opened"]
	case "page.left":
		m.From, m.To, kind, m.Text = shopper, shop, "visit", "returns: "+about.Result
	case "delivery.attempted":
		m.From, m.To, kind = mozarto, v.receiver(), "attempt"
		v.describeAttempt(&m, e)
	case "delivery.cancelled":
		m.From, m.To, m.Text = mozarto, mozarto, "webhook cancelled"
	}
	m.Href = "#" + kind + "-" + strconv.FormatUint(e.Seq, 10)
	return m
}

// receiver is who gets the webhooks: the merchant's handler, unless all go to the company's inbox.
func (v *timelineView) receiver() string {
	toHandler := func(d adminapi.Delivery) bool { return d.URL != adminapi.InboxURL }
	if all := v.Payment.Deliveries; len(all) > 0 && !slices.ContainsFunc(all, toHandler) {
		return kept
	}
	return handler
}

// describeAttempt says which webhook was attempted, and how the handler answered.
func (v *timelineView) describeAttempt(m *sequence.Message, e adminapi.Event) {
	if _, a := v.delivery(e); a != nil {
		answer := "no answer"
		if a.Status != 0 {
			answer = strconv.Itoa(a.Status)
		}
		_, number := adminapi.ParseDeliveryID(a.Delivery)
		m.Text, m.Failed = fmt.Sprintf("webhook %s, attempt %d: %s", number, a.N, answer), a.State != "delivered"
	}
}

// deciders says between whom a decision is made.
func deciders(by, provider string) (from, to string) {
	switch by {
	case "shopper", "page", "scenario":
		return shopper, provider
	case "admin", "control":
		return mozarto, mozarto
	}
	return provider, provider
}

// planned is a scheduled job as a message.
func (v *timelineView) planned(j adminapi.Job) (m sequence.Message) {
	m.Text = j.Description()
	switch j.Kind {
	case "decision":
		var decision adminapi.Decision
		_ = json.Unmarshal(j.Data, &decision) // the API wrote it
		m.From, m.To = deciders(decision.By, v.Provider.Name)
	case "expiry":
		m.From, m.To = v.Provider.Name, v.Provider.Name
	case "notification":
		m.From, m.To = v.Provider.Name, mozarto
	default:
		m.From, m.To = mozarto, v.receiver()
	}
	return m
}
