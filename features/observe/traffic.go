package observe

import (
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
func (l *learning) traffic(c drift.Change) (made []observed.Observation, why string) {
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
	for _, rule := range rulesAbout(c, side) {
		made = append(made, observed.Observation{Rule: rule, Headers: map[string]*string{http.CanonicalHeaderKey(name): value}})
	}
	return made, ""
}

// rulesAbout are the rules of the answers, or of the webhooks, of the flows that show a change.
func rulesAbout(c drift.Change, side string) (rules []string) {
	for _, op := range c.Flows {
		rule := ""
		switch {
		case op == nil:
		case side == "answer":
			rule = op.Answer
		case op.Webhook != "":
			rule = webhookRule(op)
		}
		if rule != "" && !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	return rules
}

func webhookRule(op *openapi.Operation) string {
	return "POST " + strings.ToLower(strings.TrimSuffix(op.Webhook, "Webhook"))
}

// retries are the times between attempts, of which a run knows when each came after the answer.
func (l *learning) retries(c drift.Change) (made []observed.Observation, why string) {
	o := observed.Observation{Rule: c.Rule.ID, Retries: []string{}}
	for i, at := range c.Spans {
		if i == 0 {
			continue
		}
		o.Retries = append(o.Retries, (at - c.Spans[i-1]).Round(time.Second).String())
	}
	if len(c.Spans) < 2 {
		return nil, "the run saw too few attempts to know the schedule"
	}
	return []observed.Observation{o}, ""
}

func (l *learning) authorization(c drift.Change) (made []observed.Observation, why string) {
	if c.B == "" || strings.Contains(c.B, " ") || c.B == "Basic" {
		return nil, "how the secret is written in it is masked: " + personOnly
	}
	return []observed.Observation{{Rule: c.Rule.ID, Authorization: c.B + " {secret}"}}, ""
}

func (l *learning) delay(c drift.Change) (made []observed.Observation, why string) {
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

// notifications are the webhooks of payments, in the target's order, after each outcome that the simulator's last one tells. Where
// payments of one outcome differ, the longest sequence counts: the others were not waited for.
func (l *learning) notifications(c drift.Change) (made []observed.Observation, why string) {
	outcomes := map[string]string{"Approved": "approve", "Declined": "decline"}
	by := map[string][]evidence.Webhook{}
	for _, both := range c.Sequences {
		here, there := both[0], both[1]
		if len(here) == 0 {
			continue
		}
		outcome := outcomes[body(here[len(here)-1]).Text("transaction_status")]
		if known, seen := by[outcome]; !seen || len(there) > len(known) {
			by[outcome] = there
		}
	}
	delete(by, "")
	if len(by) == 0 || c.Flows[0] == nil {
		return nil, "the outcome of the payment is not known: " + personOnly
	}
	op := c.Flows[0]
	for _, outcome := range slices.Sorted(maps.Keys(by)) {
		n := &observed.Notifications{Outcome: outcome, Sequence: []observed.Notification{}}
		for _, w := range by[outcome] {
			b := body(w)
			n.Sequence = append(n.Sequence, observed.Notification{Status: b.Text("transaction_status"), Raw: b.Text("status"), Message: b.Text("message")})
		}
		made = append(made, observed.Observation{Rule: c.Rule.ID, Flow: drift.FlowName(op), Notifications: n})
	}
	return made, ""
}

func body(w evidence.Webhook) openapi.Document {
	doc, _ := openapi.Decode([]byte(w.Body)) // empty when it is no JSON object
	return doc
}
