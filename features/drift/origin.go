package drift

import (
	"slices"

	"mozartosim/features/evidence"
)

// origins are where a value may come from: the request, and for a webhook the payment's answer.
type origins struct {
	request, answer body
}

// echo names the fields that a value repeats: those of the request by name, those of the answer as one, because a field that
// the answer has under another name is a difference of the answer and not of the webhook.
func (o origins) echo(v Value) []string {
	if v.Text == "" || v.Kind != "string" && v.Kind != "number" {
		return nil
	}
	var names []string
	for path, sent := range o.request.fields {
		if same(sent, v) {
			names = append(names, "the request's "+path)
		}
	}
	for _, sent := range o.answer.fields {
		if same(sent, v) && len(v.Text) >= 8 {
			names = append(names, "the answer's")
			break
		}
	}
	slices.Sort(names)
	return names
}

// origin says what a value repeats, or shows it.
func origin(echo []string, v Value) string {
	if len(echo) > 0 {
		return echo[0]
	}
	return v.shown()
}

// runFacts is what a whole run shows: the kinds of webhooks that came, and which fields always repeat a value of the request or
// the answer. A value that equals another field's once is chance; one that always does is what the field means.
type runFacts struct {
	webhooks map[string]bool
	echoes   map[string]bool // by schema and path: whether it repeated something whenever it came
}

func (f runFacts) count(schema string, b body, from origins) {
	for path, v := range b.fields {
		if v.Text == "" || v.Kind != "string" && v.Kind != "number" {
			continue
		}
		always, came := f.echoes[schema+"."+path]
		f.echoes[schema+"."+path] = len(from.echo(v)) > 0 && (always || !came)
	}
}

// factsOf goes through all webhooks of a run, and all answers that were accepted.
func factsOf(c *contract, run *evidence.Run) runFacts {
	f := runFacts{map[string]bool{}, map[string]bool{}}
	for _, s := range run.Scenarios() {
		for _, e := range s.Exchanges {
			op := c.operation(e)
			if op == nil || e.Control {
				continue
			}
			accepted := e.Answer.Status/100 == 2 && isAPICall(e)
			from := origins{request: newBody(e.Request.Body)}
			if accepted {
				answer := newBody(e.Answer.Body)
				f.count(op.Answer, answer, from)
				from.answer = answer
			}
			for _, w := range s.Webhooks {
				if w.Label != e.Label {
					continue
				}
				b := newBody(w.Body)
				f.webhooks[c.webhookKind(op, b)] = true
				if accepted && op.Webhook != "" {
					f.count(op.Webhook, b, from)
				}
			}
		}
	}
	return f
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}
