package drift

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// received is a webhook that a run received, and how far the other run came.
type received struct {
	evidence.Webhook
	body    body
	reached bool // the other run came to the step that saw it
	failed  bool // and failed there
	again   bool // it repeats an earlier one
}

// receivedFor lists the webhooks of one call that own received.
func receivedFor(own, other *evidence.Scenario, label string) []received {
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
	for i := range all {
		all[i].again = slices.ContainsFunc(all[:i], func(earlier received) bool { return earlier.Body == all[i].Body })
	}
	return all
}

// payment compares the webhooks of one call, where both runs made the call and had similar answers.
func (c *comparison) payment(a, b *evidence.Scenario, label string) {
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
	hooksA, hooksB = c.retries(p, hooksA, hooksB)
	if p.Schema == "" {
		p.Schema = "Webhook"
	}
	if both {
		p.from = origins{newBody(x.Request.Body), newBody(x.Answer.Body)}
		p.to = origins{newBody(y.Request.Body), newBody(y.Answer.Body)}
	}
	c.sent(p, hooksA, hooksB)
}

// retries compares when webhooks were sent again that had not been acknowledged, as far as both runs came, and leaves them out.
func (c *comparison) retries(p place, a, b []received) (firstA, firstB []received) {
	firstA, whenA := withoutRetries(a)
	firstB, whenB := withoutRetries(b)
	for i := range max(len(whenA), len(whenB)) {
		switch {
		case i < len(whenA) && i < len(whenB):
			x, y := whenA[i], whenB[i]
			if x.Unclocked || y.Unclocked || time.Duration(max(x.After-y.After, y.After-x.After)) <= max(time.Second, c.tolerance) {
				continue
			}
		case i < len(whenA) && !whenA[i].reached, i < len(whenB) && !whenB[i].reached: // the other run did not come so far
			return firstA, firstB
		}
		p.Schema, p.what = "", "webhook"
		c.add(p, Change{
			Kind: ChangedRetries, Rule: c.contract.ledger["webhook-retries"], About: "webhook-retries", cause: "retries",
			A: moments(whenA), B: moments(whenB),
		}).Spans = spans(attempts(b, whenB))
		break
	}
	return firstA, firstB
}

// withoutRetries takes out the webhooks that repeat one that was not acknowledged.
func withoutRetries(all []received) (first, again []received) {
	unacknowledged := map[string]bool{}
	for _, r := range all {
		if unacknowledged[r.Body] {
			again = append(again, r)
		} else {
			first = append(first, r)
		}
		unacknowledged[r.Body] = r.Answered/100 != 2 && r.Answered != 0
	}
	return first, again
}

// attempts are retries after the webhook that they repeat.
func attempts(all, retries []received) []received {
	for _, r := range retries {
		i := slices.IndexFunc(all, func(first received) bool { return first.Body == r.Body })
		return append([]received{all[i]}, slices.DeleteFunc(slices.Clone(retries), func(other received) bool { return other.Body != r.Body })...)
	}
	return nil
}

func spans(all []received) (when []time.Duration) {
	for _, r := range all {
		when = append(when, time.Duration(r.After))
	}
	return when
}

// moments are when retries came, after the answer.
func moments(all []received) string {
	if len(all) == 0 {
		return "no retry"
	}
	var words []string
	for _, r := range all {
		words = append(words, rounded(time.Duration(r.After)))
	}
	return "after " + strings.Join(words, ", ")
}

// sent compares the webhooks of one payment.
func (c *comparison) sent(p place, a, b []received) {
	pairs := c.pairWebhooks(p.Op, a, b)
	missing, late := c.unpaired(p.Op, a, func(i int) bool { return pairs[i] >= 0 }, c.factsB)
	extra, lateToo := c.unpaired(p.Op, b, func(j int) bool { return slices.Contains(pairs, j) }, c.factsA)
	swapped := late || lateToo || c.swapped(a, b, pairs)
	switch { // one cause is one finding: what is missing after something that came too much was not waited for
	case extra >= 0 && (missing < 0 || b[extra].again):
		c.sequences(p, ExtraWebhook, "notifications", a, b)
	case missing >= 0:
		c.sequences(p, MissingWebhook, "notifications", a, b)
	case swapped:
		c.sequences(p, DifferentOrder, "order", a, b)
	}
	for i, j := range pairs {
		if j >= 0 {
			c.webhook(p, a[i], b[j], swapped || extra >= 0 || missing >= 0)
		}
	}
}

// sequences collects a difference of a payment's webhooks, with them.
func (c *comparison) sequences(p place, kind Kind, about string, a, b []received) {
	d := c.behaviour(p, kind, about, "webhooks", sequence(a), sequence(b))
	if d.Sequences == nil {
		d.Sequences = map[*openapi.Operation][][2][]evidence.Webhook{}
	}
	d.Sequences[p.Op] = append(d.Sequences[p.Op], [2][]evidence.Webhook{asSeen(a), asSeen(b)})
}

func asSeen(all []received) (webhooks []evidence.Webhook) {
	for _, r := range all {
		webhooks = append(webhooks, r.Webhook)
	}
	return webhooks
}

// unpaired finds the first webhook that the other run lacks, -1 for none; late says that one comes there after one that it came
// before here. A run stops waiting when it has seen what it needs, so the last webhooks of a payment may only not have been
// waited for. That is assumed when the other run received such a webhook elsewhere, and its step did not fail; but a repetition
// of an earlier webhook always counts.
func (c *comparison) unpaired(op *openapi.Operation, own []received, paired func(i int) bool, other runFacts) (first int, late bool) {
	first = -1
	skipped := false // one that was not waited for there
	for i, r := range own {
		switch {
		case paired(i):
			late = late || skipped
		case !r.reached:
		case r.failed || r.again || !other.webhooks[c.contract.webhookKind(op, r.body)]:
			if first < 0 || r.again && !own[first].again {
				first = i
			}
		default:
			skipped = true
		}
	}
	return first, late
}

// swapped reports whether two webhooks come in another order, by more than the runs' answers are spread in time: two that are sent
// at the same moment arrive in any order.
func (c *comparison) swapped(a, b []received, pairs []int) bool {
	for i, j := range pairs {
		for k, l := range pairs[:i] {
			if j < 0 || l < 0 || j > l || !sameStatus(c.contract, a[i], b[j]) || !sameStatus(c.contract, a[k], b[l]) {
				continue
			}
			if apart := (a[i].After - a[k].After) + (b[l].After - b[j].After); time.Duration(apart) > c.tolerance || a[i].Unclocked || b[j].Unclocked || b[l].Unclocked {
				return true
			}
		}
	}
	return false
}

func sameStatus(c *contract, a, b received) bool {
	return c.statusOf(a.body, 2) != "" && c.statusOf(a.body, 2) == c.statusOf(b.body, 2)
}

// webhook compares one webhook with its counterpart. In a payment whose webhooks are not the same, ids, times and ranks mean
// nothing: what differs there is the finding.
func (c *comparison) webhook(p place, a, b received, others bool) {
	c.headers(p, "webhook", a.Headers, b.Headers)
	if others {
		return
	}
	if (a.After < 0) != (b.After < 0) && time.Duration(max(a.After-b.After, b.After-a.After)) > c.tolerance {
		c.behaviour(p, DifferentOrder, "order", "webhooks", side(a.After), side(b.After))
	}
	if !a.Unclocked && !b.Unclocked {
		c.took("webhook", p, a.N, a.After, b.After)
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
// best pair; then the same status; then the next that is left, if neither has a status, or neither run knows a webhook like the
// other's: then its words changed. A repetition has only a repetition as its counterpart.
func (c *comparison) pairWebhooks(op *openapi.Operation, a, b []received) (pairs []int) {
	pairs = slices.Repeat([]int{-1}, len(a))
	for depth := 3; depth >= 0; depth-- {
		for i := range a {
			status := c.contract.statusOf(a[i].body, depth)
			for j := range b {
				fits := status != "" && status == c.contract.statusOf(b[j].body, depth)
				if depth == 0 {
					fits = c.contract.statusOf(a[i].body, 2)+c.contract.statusOf(b[j].body, 2) == "" || !c.factsB.webhooks[c.contract.webhookKind(op, a[i].body)] && !c.factsA.webhooks[c.contract.webhookKind(op, b[j].body)]
				}
				if fits && pairs[i] < 0 && a[i].again == b[j].again && !slices.Contains(pairs, j) {
					pairs[i] = j
				}
			}
		}
	}
	return pairs
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
