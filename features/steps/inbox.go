package steps

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mozartosim/features/cells"
	"mozartosim/features/evidence"
	"mozartosim/features/receiver"
	"mozartosim/simulator/words"
)

// inbox is what a scenario knows of the webhooks that arrived for a company of it.
type inbox struct {
	clock   time.Time       // the company's time, as far as it is known
	ids     map[string]bool // of its payments, to tell its webhooks from those of others that share the company
	seen    int             // webhooks that steps have waited for
	during  []int           // the step in which each arrived
	moments []time.Time     // when each arrived on the company's clock; zero where that is not known
}

// of returns the webhooks that arrived for a company: all of them, or, where scenarios share it, those about the scenario's
// own payments; and a channel that is closed when another arrives.
func (in *inbox) of(c *Company) ([]receiver.Call, <-chan struct{}) {
	if c == nil || c.Mailbox == nil {
		return nil, nil
	}
	all, changed := c.Mailbox.Webhooks()
	if !c.Shared {
		return all, changed
	}
	var own []receiver.Call
	for _, r := range all {
		if names(r, in.ids) {
			own = append(own, r)
		}
	}
	return own, changed
}

// names reports whether a webhook has one of the ids of some payments, in whatever field or form.
func names(r receiver.Call, ids map[string]bool) bool {
	if ids[r.Doc.Text("transaction_id")] {
		return true
	}
	for id := range ids {
		if len(id) >= shortestID && bytes.Contains(r.Body, []byte(id)) {
			return true
		}
	}
	return false
}

// shortestID is the length from which an id in a body is no chance.
const shortestID = 8

// strangers tells of the webhooks that arrived meanwhile and name no payment of the scenario: a target may name it in its own way.
func (w *World) strangers() string {
	c := w.company
	if c == nil || !c.Shared || c.Mailbox == nil {
		return ""
	}
	all, _ := c.Mailbox.Webhooks()
	left := slices.DeleteFunc(slices.Clone(all), func(r receiver.Call) bool { return r.At.Before(w.began) || names(r, w.ids) })
	if len(left) == 0 {
		return ""
	}
	last := left[len(left)-1]
	what := "no JSON object: " + cells.Clip(w.masker.Body(last.Body))
	if last.Doc.Fields != nil {
		what = "with the fields " + strings.Join(slices.Sorted(maps.Keys(last.Doc.Fields)), ", ")
	}
	return fmt.Sprintf("; %s arrived meanwhile that name none of the scenario's payments, the last %s", words.Count(len(left), "webhook"), what)
}

// Unmatched returns the webhooks of the company that all scenarios share that name no scenario's payment, masked.
func (e *Environment) Unmatched() []evidence.Webhook {
	if e.Fixed == nil || e.Fixed.Mailbox == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	all, _ := e.Fixed.Mailbox.Webhooks()
	var left []evidence.Webhook
	for _, r := range all {
		if !names(r, e.payments) {
			left = append(left, evidence.Webhook{N: len(left) + 1, Headers: e.Masker.Header(r.Header), Body: shortenedWebhook(e.Masker.Body(r.Body)), Answered: r.Answered})
		}
	}
	return left
}

// made notes the ids of a scenario's payments.
func (e *Environment) made(ids map[string]bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.payments == nil {
		e.payments = map[string]bool{}
	}
	maps.Copy(e.payments, ids)
}

// listed lists webhooks at the end of a sentence.
func listed(all []receiver.Call) string {
	var words []string
	for _, r := range all {
		words = append(words, fmt.Sprintf("%s (%s)", r.Doc.Text("status"), r.Doc.Text("transaction_status")))
	}
	if words == nil {
		return ""
	}
	return ": " + strings.Join(words, ", ")
}
