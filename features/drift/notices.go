package drift

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// notices compares the webhooks of one payment.
func (c *comparison) notices(p place, a, b []heard) {
	pairs, swapped := c.pair(a, b)
	back := slices.Repeat([]int{-1}, len(b))
	for i, j := range pairs {
		if j >= 0 {
			back[j] = i
		}
	}
	rule := c.facts.first(behaviour(p.op, "notices"), noticeRule(p.op))
	add := func(kind Kind, about string) {
		c.add(p.scenario, difference{
			kind: kind, rule: rule, where: flowName(p.op) + " webhooks", a: sequence(a), b: sequence(b), op: p.op, about: about,
		})
	}
	for i := range a {
		switch c.alone(p, a, i, pairs, c.heardB) {
		case counts:
			add(MissingWebhook, "notices")
		case outOfOrder:
			swapped = true
		}
	}
	for j := range b {
		switch c.alone(p, b, j, back, c.heardA) {
		case counts:
			add(ExtraWebhook, "notices")
		case outOfOrder:
			swapped = true
		}
	}
	if swapped {
		add(DifferentOrder, "order")
	}
	for i, j := range pairs {
		if j >= 0 {
			c.notice(p, a[i], b[j], swapped)
		}
	}
}

// What a webhook without a counterpart means.
type lone int

const (
	notWaitedFor lone = iota // the other run has not waited so long
	counts                   // it is missing there
	outOfOrder               // it is known there, but behind one that it came before here
)

// alone judges a webhook without a counterpart. A run stops waiting when it has seen what it needs, so the last webhooks of a
// payment may only not have been waited for: when the other run heard such a notice elsewhere, and its step did not fail for
// want of it, it is taken for that. A repetition of what was heard before always counts.
func (c *comparison) alone(p place, own []heard, i int, pairs []int, elsewhere map[string]bool) lone {
	h := own[i]
	if pairs[i] >= 0 || !h.reached {
		return notWaitedFor
	}
	again := slices.ContainsFunc(own[:i], func(before heard) bool { return before.Body == h.Body })
	if h.failed || again || !elsewhere[c.known(p.op, h)] {
		return counts
	}
	if slices.ContainsFunc(pairs[i+1:], func(j int) bool { return j >= 0 }) {
		return outOfOrder
	}
	return notWaitedFor
}

// known is what a run knows a kind of notice by.
func (c *comparison) known(op *openapi.Operation, h heard) string {
	return op.Schema + "\x00" + c.words(h.body, 2)
}

// listen gathers the kinds of notices that a run has heard.
func (c *comparison) listen(run *evidence.Run) map[string]bool {
	kinds := map[string]bool{}
	for _, s := range all(run) {
		for _, w := range s.Webhooks {
			for _, e := range s.Exchanges {
				if op := c.facts.operation(e); e.Label == w.Label && !e.Control && op != nil {
					kinds[c.known(op, heard{body: newBody(w.Body)})] = true
				}
			}
		}
	}
	return kinds
}

// heard is a webhook with its body laid out, whether the other run came to the step that saw it, and failed there.
type heard struct {
	evidence.Webhook
	body            body
	reached, failed bool
}

// notice compares one webhook with its counterpart.
func (c *comparison) notice(p place, a, b heard, swapped bool) {
	c.headers(p.scenario, p.op, true, a.Headers, b.Headers)
	if swapped {
		return // the ids and times of swapped notices say nothing; their order is the finding
	}
	if (a.After < 0) != (b.After < 0) { // which came first is known in real time, too
		rule := c.facts.first(behaviour(p.op, "notices"), noticeRule(p.op))
		c.add(p.scenario, difference{
			kind: DifferentOrder, rule: rule, where: flowName(p.op) + " webhooks", op: p.op, about: "order",
			a: side(a.After), b: side(b.After),
		})
	}
	if !a.Unclocked && !b.Unclocked {
		c.times.add("webhook", p, a.N, a.After, b.After)
	}
	c.bodies(p, a.body, b.body)
}

func side(after evidence.Span) string {
	if after < 0 {
		return "before the answer"
	}
	return "after the answer"
}

// pair finds each webhook's counterpart: pairs[i] is its place in b, -1 for none. The same words make the best pair; then the
// same status; then the next that is left, so that a notice whose words have changed is told as changed words.
func (c *comparison) pair(a, b []heard) (pairs []int, swapped bool) {
	pairs = slices.Repeat([]int{-1}, len(a))
	for depth := 3; depth >= 0; depth-- {
		for i := range a {
			if pairs[i] >= 0 {
				continue
			}
			name := c.words(a[i].body, depth)
			for j := range b {
				if !slices.Contains(pairs, j) && (depth == 0 || name != "" && name == c.words(b[j].body, depth)) {
					pairs[i] = j
					break
				}
			}
		}
		if depth == 3 {
			swapped = falling(pairs)
		}
	}
	return pairs, swapped
}

func falling(pairs []int) bool {
	last := -1
	for _, j := range pairs {
		if j >= 0 && j < last {
			return true
		}
		last = max(last, j)
	}
	return false
}

// words tells notices apart: by raw word, status and message; by the first two; by the status alone.
func (c *comparison) words(b body, depth int) string {
	all := []string{b.text("transaction_status"), b.text("status"), c.judge.words(b.text("message"))}
	if all[0] == "" && all[1] == "" {
		return ""
	}
	return strings.Join(all[:depth], "\x00")
}

// sequence is a payment's notices in words.
func sequence(all []heard) string {
	if len(all) == 0 {
		return "no webhook"
	}
	words := make([]string, len(all))
	for i, h := range all {
		words[i] = h.body.text("status")
		if words[i] == "" {
			words[i] = h.body.text("transaction_status")
		}
		if words[i] == "" {
			words[i] = "a notice without status"
		}
	}
	if len(all) == 1 {
		return "1 webhook: " + words[0]
	}
	return fmt.Sprintf("%d webhooks: %s", len(all), strings.Join(words, ", "))
}

// headers compares what clients rely on; what servers and proxies add is nobody's contract.
func (c *comparison) headers(scenario string, op *openapi.Operation, webhook bool, a, b map[string]string) {
	names := []string{"Content-Type", "Allow", "Location", "Retry-After", "Www-Authenticate"}
	side := "answer"
	if webhook {
		names, side = []string{"Content-Type", "Authorization"}, "webhook"
	}
	for _, name := range names {
		x, y := headerFact(name, header(a, name)), headerFact(name, header(b, name))
		if x == y {
			continue
		}
		kind := ChangedFormat
		switch {
		case x == "":
			kind = Added
		case y == "":
			kind = Missing
		}
		about := side + "-" + strings.ToLower(name)
		c.add(scenario, difference{
			kind: kind, rule: c.headerRule(op, webhook, name, about), where: fmt.Sprintf("%s %s, header %s", flowName(op), side, name),
			a: x, b: y, op: op, about: about,
		})
	}
}

func (c *comparison) headerRule(op *openapi.Operation, webhook bool, name, about string) openapi.Entry {
	switch {
	case webhook && name == "Authorization":
		return c.facts.first(behaviour(op, about), "webhook-secret")
	case webhook && op != nil:
		return c.facts.first(behaviour(op, about), noticeRule(op))
	}
	return c.facts.first(behaviour(op, about), cashierRule)
}

func header(headers map[string]string, name string) string {
	for key, value := range headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// headerFact is what counts of a header: a media type without the usual charset, a scheme without the secret, of others that
// they are there.
func headerFact(name, value string) string {
	if value == "" {
		return ""
	}
	switch name {
	case "Content-Type":
		media, charset, _ := strings.Cut(strings.ToLower(value), ";")
		charset = strings.ReplaceAll(charset, " ", "")
		if charset == "" || strings.Trim(charset, `"`) == "charset=utf-8" {
			return strings.TrimSpace(media)
		}
		return strings.TrimSpace(media) + "; " + charset
	case "Authorization", "Www-Authenticate":
		scheme, _, found := strings.Cut(value, " ")
		if !found {
			return "a value without a scheme"
		}
		return scheme
	case "Allow":
		return value
	}
	return "present"
}
