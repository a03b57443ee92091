package observe

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// traffic says what is different of headers, durations and webhooks.
func (l *learning) traffic(c *drift.Change) (made []observed.Observation, why string) {
	switch c.About {
	case "webhook-retries":
		return l.retries(c)
	case "webhook-authorization":
		return l.authorization(c)
	case "notifications", "order":
		return l.notifications(c)
	case "answer-time", "webhook-time":
		return l.delay(c)
	case "answer", "unmatched":
		return nil, personOnly
	}
	side, name, _ := strings.Cut(c.About, "-")
	var value *string
	if c.B != "" {
		value = &c.B
	}
	if c.B == "present" {
		return nil, "its value is different in every run"
	}
	headers := map[string]*string{http.CanonicalHeaderKey(name): value}
	for _, rule := range rulesAbout(c, side) {
		made = append(made, observed.Observation{Rule: rule, Headers: headers})
	}
	refused, why := l.errors(c, observed.Error{Headers: headers})
	if made = append(made, refused...); made == nil && why == "" {
		why = personOnly // a gateway's page is no answer of the contract's
	}
	return made, why
}

// rulesAbout are the rules of the accepted answers, or of the webhooks, that show a change.
func rulesAbout(c *drift.Change, side string) (rules []string) {
	for _, answered := range c.Answered {
		if op := answered.Flow; side == "answer" && op != nil && answered.Schema == op.Answer {
			rules = append(rules, op.Answer)
		}
	}
	for _, op := range c.Flows {
		if op != nil && side != "answer" {
			rules = append(rules, op.WebhookRule())
		}
	}
	slices.Sort(rules)
	return slices.DeleteFunc(slices.Compact(rules), func(rule string) bool { return rule == "" })
}

// retries are the times between attempts, of which a run knows when each came after the answer.
func (l *learning) retries(c *drift.Change) (made []observed.Observation, why string) {
	o := observed.Observation{Rule: c.Rule.ID, Retries: []string{}}
	if len(c.Spans) < 3 {
		return nil, "the run saw too few attempts to know the schedule"
	}
	for i, at := range c.Spans[1:] {
		o.Retries = append(o.Retries, (at - c.Spans[i]).Round(time.Second).String())
	}
	return []observed.Observation{o}, ""
}

func (l *learning) authorization(c *drift.Change) (made []observed.Observation, why string) {
	if c.B == "" || strings.Contains(c.B, " ") || c.B == "Basic" {
		return nil, "how the secret is written in it is masked: " + personOnly
	}
	return []observed.Observation{{Rule: c.Rule.ID, Authorization: c.B + " {secret}"}}, ""
}

func (l *learning) delay(c *drift.Change) (made []observed.Observation, why string) {
	side, _, _ := strings.Cut(c.About, "-")
	took := slices.Sorted(slices.Values(c.Spans))
	d := &observed.Delay{Median: span(took[(len(took)-1)/2])}
	if p95 := span(took[(len(took)*95+99)/100-1]); p95 != d.Median {
		d.P95 = p95
	}
	for _, rule := range rulesAbout(c, side) {
		made = append(made, observed.Observation{Rule: rule, Delay: d})
	}
	return made, ""
}

func span(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// notifications are the webhooks of payments, in the target's order, after each outcome that the simulator's tell. Payments that end
// twice tell nothing of one outcome; of the others those count that the simulator mostly sends of it, and where they differ the
// longest sequence: the rest was not waited for.
func (l *learning) notifications(c *drift.Change) (made []observed.Observation, why string) {
	for _, op := range c.Flows {
		of, undecided := l.notificationsOf(c, op)
		made, why = append(made, of...), cmp.Or(why, undecided)
	}
	return made, why
}

// notificationsOf are those of a flow.
func (l *learning) notificationsOf(c *drift.Change, op *openapi.Operation) (made []observed.Observation, why string) {
	usual, by := map[string]string{}, map[string][]evidence.Webhook{}
	times := map[[2]string]int{}
	for _, both := range c.Sequences[op] {
		outcome, word := ended(both[0])
		if times[[2]string{outcome, word}]++; times[[2]string{outcome, word}] > times[[2]string{outcome, usual[outcome]}] {
			usual[outcome] = word
		}
	}
	for _, both := range c.Sequences[op] {
		outcome, word := ended(both[0])
		if known, seen := by[outcome]; word == usual[outcome] && (!seen || len(both[1]) > len(known)) {
			by[outcome] = both[1]
		}
	}
	delete(by, "")
	if len(by) == 0 || op == nil {
		return nil, "the outcome of the payment is not known: " + personOnly
	}
	for _, outcome := range slices.Sorted(maps.Keys(by)) {
		n := &observed.Notifications{Outcome: outcome, Sequence: []observed.Notification{}}
		for _, w := range by[outcome] {
			b, first := body(w), by[outcome][0]
			told := observed.Notification{Status: b.Text("transaction_status"), Raw: b.Text("status"), Message: b.Text("message")}
			if told.Status == "" {
				return nil, "a webhook has no transaction_status, which an observation of notifications must have: " + personOnly
			}
			if gap := time.Duration(w.After - first.After); gap >= time.Second && !w.Unclocked && !first.Unclocked {
				told.After = span(gap)
			}
			n.Sequence = append(n.Sequence, told)
		}
		made = append(made, observed.Observation{Rule: c.Rule.ID, Flow: drift.FlowName(op), Notifications: n})
	}
	return made, ""
}

// ended is the outcome that the simulator's webhooks of a payment tell, as observations name it, and what they tell; the outcome is ""
// when they tell of none, or of more than one.
func ended(webhooks []evidence.Webhook) (outcome, told string) {
	for _, w := range webhooks {
		b := body(w)
		this := map[string]string{"Approved": "approve", "Declined": "decline"}[b.Text("transaction_status")]
		switch message := b.Text("message"); { // the simulator's own words: providers have one raw word for several of these
		case this != "decline":
		case strings.Contains(message, "cancelled"):
			this = "cancel"
		case strings.Contains(message, "expired"):
			this = "expire"
		}
		if outcome != "" && this != "" && this != outcome {
			return "", ""
		}
		outcome = cmp.Or(this, outcome)
		told += b.Text("status") + " "
	}
	return outcome, told
}

func body(w evidence.Webhook) openapi.Document {
	doc, _ := openapi.Decode([]byte(w.Body)) // empty when it is no JSON object
	return doc
}
