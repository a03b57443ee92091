package drift

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"mozartosim/features/evidence"
)

// Bounds say what counts as slower or faster: both the factor and the least difference must be exceeded. The zero value stands
// for the defaults: three times, and one second for answers, five for webhooks.
type Bounds struct {
	Factor  float64
	Answer  time.Duration // the least difference of answers
	Webhook time.Duration // of webhooks, after the answer
}

func (b Bounds) orDefault() Bounds {
	return Bounds{cmp.Or(max(b.Factor, 0), 3), cmp.Or(max(b.Answer, 0), time.Second), cmp.Or(max(b.Webhook, 0), 5*time.Second)}
}

// slower reports whether y is slower than x, beyond the bounds.
func (b Bounds) slower(about string, x, y time.Duration) bool {
	least := b.Answer
	if about == "webhook" {
		least = b.Webhook
	}
	return y-x > least && float64(y) > b.Factor*float64(max(x, 0))
}

// duration is how long something of a flow took. Medians are compared: one slow answer among many fast ones is no difference.
type duration struct {
	key    string
	about  string // "answer" or "webhook"
	places []place
	a, b   []time.Duration
}

// took notes how long an answer took, or the n-th webhook after it.
func (c *comparison) took(about string, p place, n int, a, b evidence.Span) {
	if a < 0 || b < 0 {
		return // before the answer: that is a difference of order
	}
	key := fmt.Sprint(about, n, FlowName(p.Op))
	i := slices.IndexFunc(c.durations, func(d *duration) bool { return d.key == key })
	if i < 0 {
		i = len(c.durations)
		c.durations = append(c.durations, &duration{key: key, about: about})
	}
	d := c.durations[i]
	d.a, d.b, d.places = append(d.a, time.Duration(a)), append(d.b, time.Duration(b)), append(d.places, p)
}

// slower collects what is slower or faster: of each flow's webhooks the first, because the later ones follow from it.
func (c *comparison) slower(bounds Bounds) {
	reported := map[string]bool{}
	for _, of := range c.durations {
		a, b := median(of.a), median(of.b)
		kind := Slower
		switch {
		case bounds.slower(of.about, b, a):
			kind = Faster
		case !bounds.slower(of.about, a, b):
			continue
		}
		flow := of.about + FlowName(of.places[0].Op)
		if reported[flow] {
			continue
		}
		reported[flow] = true
		for _, p := range of.places {
			c.behaviour(p, kind, of.about+"-time", of.about, rounded(a), rounded(b)).Spans = of.b
		}
	}
}

// tolerance is how far apart two moments of a run must be to be known apart: as long as most of its answers take.
func tolerance(runs ...*evidence.Run) time.Duration {
	least := time.Millisecond
	for _, run := range runs {
		var took []time.Duration
		for _, s := range run.Scenarios() {
			for _, e := range s.Exchanges {
				if !e.Control && e.Error == "" {
					took = append(took, time.Duration(e.Took))
				}
			}
		}
		if slices.Sort(took); len(took) > 0 {
			least = max(least, took[len(took)*95/100])
		}
	}
	return least
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
