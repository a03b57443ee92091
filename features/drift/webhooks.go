package drift

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// webhooks compares the webhooks of payments.
type webhooks struct {
	*bodies
	durations durations
}

// received is a webhook that a run received, and how far the other run came.
type received struct {
	evidence.Webhook
	body    body
	reached bool // the other run came to the step that saw it
	failed  bool // and failed there
}

// receivedFor lists the webhooks of one call that own received.
func receivedFor(own, other evidence.Scenario, label string) []received {
	var all []received
	for _, w := range own.Webhooks {
		if w.Label != label {
			continue
		}
		r := received{Webhook: w, body: newBody(w.Body), reached: true}
		if w.Step < len(other.Steps) {
			status := other.Steps[w.Step].Status
			r.failed = status == evidence.Failed
			r.reached = r.failed || status == evidence.Passed
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b received) int { return a.N - b.N })
	return all
}

// payment compares the webhooks of one call, where both runs made the call and had similar answers.
func (c *webhooks) payment(a, b evidence.Scenario, label string) {
	x, inA := call(a, label)
	y, inB := call(b, label)
	both := inA && inB
	if both && (x.Error != "" || y.Error != "" || x.Answer.Status/100 != y.Answer.Status/100) {
		return // different webhooks follow from that
	}
	hooksA, hooksB := receivedFor(a, b, label), receivedFor(b, a, label)
	var op *openapi.Operation
	if both {
		op = c.contract.operation(x)
	}
	if op == nil {
		first := slices.Concat(hooksA, hooksB)[0]
		op, _ = c.contract.Operation(first.PSP, first.Type, "")
	}
	if op == nil {
		c.note("not compared: the webhooks of %q in %q, because no provider is known for them", label, a.Name)
		return
	}
	p := webhookPlace(a.Name, op)
	if p.schema == "" {
		p.schema = "Webhook"
	}
	if both {
		p.from = origins{newBody(x.Request.Body), newBody(x.Answer.Body)}
		p.to = origins{newBody(y.Request.Body), newBody(y.Answer.Body)}
	}
	c.sent(p, hooksA, hooksB)
}

// sent compares the webhooks of one payment.
func (c *webhooks) sent(p place, a, b []received) {
	pairs, swapped := c.pairWebhooks(a, b)
	inB, inA := make([]bool, len(a)), make([]bool, len(b)) // whether each has a counterpart
	for i, j := range pairs {
		if j >= 0 {
			inB[i], inA[j] = true, true
		}
	}
	report := func(kind Kind, about string) { c.behaviour(p, kind, about, "webhooks", sequence(a), sequence(b)) }
	for i := range a {
		missing, late := c.unpaired(p.op, a, i, inB, c.factsB)
		if swapped = swapped || late; missing {
			report(MissingWebhook, "notifications")
		}
	}
	for j := range b {
		extra, late := c.unpaired(p.op, b, j, inA, c.factsA)
		if swapped = swapped || late; extra {
			report(ExtraWebhook, "notifications")
		}
	}
	if swapped {
		report(DifferentOrder, "order")
	}
	for i, j := range pairs {
		if j >= 0 {
			c.webhook(p, a[i], b[j], swapped)
		}
	}
}

// unpaired judges a webhook that may have no counterpart: it is missing in the other run, or comes there after one that it came
// before here. A run stops waiting when it has seen what it needs, so the last webhooks of a payment may only not have been
// waited for. That is assumed when the other run received such a webhook elsewhere, and its step did not fail; but a repetition
// of an earlier webhook always counts.
func (c *webhooks) unpaired(op *openapi.Operation, own []received, i int, paired []bool, other runFacts) (missing, late bool) {
	r := own[i]
	if paired[i] || !r.reached {
		return false, false
	}
	again := slices.ContainsFunc(own[:i], func(earlier received) bool { return earlier.Body == r.Body })
	if r.failed || again || !other.webhooks[c.contract.webhookKind(op, r.body)] {
		return true, false
	}
	return false, slices.Contains(paired[i+1:], true)
}

// webhook compares one webhook with its counterpart.
func (c *webhooks) webhook(p place, a, b received, swapped bool) {
	c.headers(p, "webhook", a.Headers, b.Headers)
	if swapped {
		return // the ids and times of swapped webhooks mean nothing; their order is the finding
	}
	if (a.After < 0) != (b.After < 0) { // which came first is known in real time, too
		c.behaviour(p, DifferentOrder, "order", "webhooks", side(a.After), side(b.After))
	}
	if !a.Unclocked && !b.Unclocked {
		c.durations.add("webhook", p, a.N, a.After, b.After)
	}
	c.compare(p, a.body, b.body)
}

func side(after evidence.Span) string {
	if after < 0 {
		return "before the answer"
	}
	return "after the answer"
}

// pairWebhooks finds each webhook's counterpart: pairs[i] is its index in b, -1 for none. The same status and message make the
// best pair; then the same status; then the next that is left, so that a webhook whose words changed is reported as that.
func (c *webhooks) pairWebhooks(a, b []received) (pairs []int, swapped bool) {
	pairs = slices.Repeat([]int{-1}, len(a))
	for depth := 3; depth >= 0; depth-- {
		for i := range a {
			status := c.contract.statusOf(a[i].body, depth)
			for j := range b {
				if pairs[i] < 0 && !slices.Contains(pairs, j) && (depth == 0 || status != "" && status == c.contract.statusOf(b[j].body, depth)) {
					pairs[i] = j
				}
			}
		}
		if depth == 3 {
			matched := slices.DeleteFunc(slices.Clone(pairs), func(j int) bool { return j < 0 })
			swapped = !slices.IsSorted(matched)
		}
	}
	return pairs, swapped
}

// sequence is a payment's webhooks in words.
func sequence(all []received) string {
	var words []string
	for _, r := range all {
		word := r.body.text("status")
		if word == "" {
			word = r.body.text("transaction_status")
		}
		if word == "" {
			word = "one without status"
		}
		words = append(words, word)
	}
	switch len(all) {
	case 0:
		return "no webhook"
	case 1:
		return "1 webhook: " + words[0]
	}
	return fmt.Sprintf("%d webhooks: %s", len(all), strings.Join(words, ", "))
}
