package drift

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// unmatched reports webhooks that name no payment, of a form that the other run has none of. The webhooks that a payment of their
// provider lacks are then no finding of their own.
func (c *comparison) unmatched(a, b *evidence.Run) {
	seenA, seenB := c.contract.forms(a), c.contract.forms(b)
	for i, own := range [][]form{seenA, seenB} {
		other := [][]form{seenB, seenA}[i]
		for _, f := range own {
			known := slices.ContainsFunc(other, func(o form) bool { return o.words == f.words })
			if known || f.usual && !c.lacks(f.op) { // of a run before this one, or of somebody else's payments
				continue
			}
			said := [2]string{}
			said[i] = f.said()
			into := c.add(place{Op: f.op, what: "webhook"}, Change{
				Kind: Unmatched, Rule: c.contract.behaviourRule(f.op, "unmatched"), About: "unmatched", cause: f.words, A: said[0], B: said[1], is: f.example,
			})
			c.absorb(into, f.op)
		}
	}
}

// form is a kind of unmatched webhook: what its body is.
type form struct {
	op      *openapi.Operation // one of the provider whose webhooks have most of its fields; nil when none has
	words   string
	example Value
	usual   bool // it has an id where webhooks have theirs
	count   int
}

func (f *form) said() string {
	webhooks := "1 webhook that fits"
	if f.count > 1 {
		webhooks = fmt.Sprintf("%d webhooks that fit", f.count)
	}
	return webhooks + " no payment: " + f.words
}

// forms gathers a run's unmatched webhooks.
func (c *contract) forms(run *evidence.Run) []form {
	var all []form
	for _, w := range run.Unmatched {
		b := newBody(w.Body)
		words := b.kind() + ", " + Value{Kind: "string", Text: w.Body}.shown()
		if b.object {
			words = "a JSON object with the fields " + strings.Join(b.paths(), ", ")
		}
		i := slices.IndexFunc(all, func(f form) bool { return f.words == words })
		if i < 0 {
			i = len(all)
			all = append(all, form{op: c.likely(b), words: words, example: Value{Kind: "string", Text: w.Body}, usual: b.text("transaction_id") != ""})
		}
		all[i].count++
	}
	return all
}

// likely is an operation of the provider whose webhooks have the most of a body's fields, wherever in it and however written.
func (c *contract) likely(b body) (likely *openapi.Operation) {
	plain := func(path string) string { return strings.ToLower(strings.ReplaceAll(base(path), "_", "")) }
	most := 0
	for _, op := range c.Operations() {
		n := 0
		for path := range c.fields(op.Webhook) {
			if slices.ContainsFunc(b.paths(), func(other string) bool { return plain(other) == plain(path) }) {
				n++
			}
		}
		if n > most {
			likely, most = op, n
		}
	}
	return likely
}

// lost says that a difference is about webhooks of a provider that did not come.
func lost(d *Change, op *openapi.Operation) bool {
	of := func(flow *openapi.Operation) bool { return flow != nil && flow.Webhook == op.Webhook }
	return d.Kind == MissingWebhook && op != nil && slices.ContainsFunc(d.Flows, of)
}

func (c *differences) lacks(op *openapi.Operation) bool {
	return slices.ContainsFunc(c.found, func(d *Change) bool { return lost(d, op) })
}

// absorb makes what the payments of a provider lack part of another finding.
func (c *differences) absorb(into *Change, op *openapi.Operation) {
	c.found = slices.DeleteFunc(c.found, func(d *Change) bool {
		if lost(d, op) {
			into.Scenarios, into.Flows = append(into.Scenarios, d.Scenarios...), d.Flows
			return true
		}
		return false
	})
}
