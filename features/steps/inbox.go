package steps

import (
	"fmt"
	"strings"
	"time"

	"mozartosim/features/receiver"
)

// inbox is what a scenario knows of the webhooks that arrived for it.
type inbox struct {
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
		if in.ids[r.Doc.Text("transaction_id")] {
			own = append(own, r)
		}
	}
	return own, changed
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
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
