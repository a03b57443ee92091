package drift

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/features/evidence"
)

// Bounds say from when on something counts as slower or faster: both the factor and the least difference must be passed. The
// zero value stands for the defaults: three times, and one second for answers, five for webhooks.
type Bounds struct {
	Factor  float64
	Answer  time.Duration // the least difference of answers
	Webhook time.Duration // of webhooks, behind the answer
}

func (b Bounds) orDefault() Bounds {
	if b.Factor <= 0 {
		b.Factor = 3
	}
	if b.Answer <= 0 {
		b.Answer = time.Second
	}
	if b.Webhook <= 0 {
		b.Webhook = 5 * time.Second
	}
	return b
}

// slower says whether b is slower than a, beyond bounds.
func (b Bounds) slower(least, x, y time.Duration) bool {
	return y-x > least && float64(y) > b.Factor*float64(max(x, 0))
}

// times gathers how long things took, by flow; one slow answer among many quick ones is no drift, so medians are compared.
type times struct {
	all   []*timing
	index map[string]*timing
}

type timing struct {
	what string // "answer" or "webhook"
	n    int    // the payment's n-th webhook
	place
	seen []string
	a, b []time.Duration
}

func (t *times) add(what string, p place, n int, a, b evidence.Span) {
	if a < 0 || b < 0 {
		return // before the answer: a matter of order
	}
	key := fmt.Sprint(what, n, flowName(p.op))
	known := t.index[key]
	if known == nil {
		known = &timing{what: what, n: n, place: p}
		t.index[key] = known
		t.all = append(t.all, known)
	}
	known.a, known.b = append(known.a, time.Duration(a)), append(known.b, time.Duration(b))
	if !slices.Contains(known.seen, p.scenario) {
		known.seen = append(known.seen, p.scenario)
	}
}

// slow turns the times into differences: of each flow's webhooks the first that is late, because those behind it are late too.
func (c *comparison) slow() {
	told := map[string]bool{}
	for _, t := range c.times.all {
		least, rule := c.bounds.Answer, c.facts.first(behaviour(t.op, t.what+"-time"), cashierRule)
		if t.what == "webhook" {
			least = c.bounds.Webhook
			rule = c.facts.first(behaviour(t.op, "webhook-time"), noticeRule(t.op))
		}
		a, b := median(t.a), median(t.b)
		kind := Slower
		switch {
		case c.bounds.slower(least, b, a):
			kind = Faster
		case !c.bounds.slower(least, a, b):
			continue
		}
		flow := t.what + flowName(t.op)
		if told[flow] {
			continue
		}
		told[flow] = true
		for _, scenario := range t.seen {
			c.add(scenario, difference{
				kind: kind, rule: rule, where: strings.TrimSpace(fmt.Sprintf("%s %s", flowName(t.op), t.what)), op: t.op,
				a: rounded(a), b: rounded(b), about: t.what + "-time",
			})
		}
	}
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)/2]
}

func rounded(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}
