package drift

import (
	"mozartosim/features/evidence"
)

// habits are how often a field repeats something, of how often it comes, by schema and path. A value that happens to be that of
// another field once is chance; one that always is, is what the field means.
type habits map[string]habit

type habit struct{ repeats, comes int }

// always says that a field repeated something whenever it came.
func (h habits) always(schema, path string) bool {
	known := h[schema+"."+path]
	return known.comes > 0 && known.repeats == known.comes
}

func (h habits) count(schema string, b body, from sources) {
	for path, l := range b.fields {
		if l.text == "" || l.kind != "string" && l.kind != "number" {
			continue
		}
		known := h[schema+"."+path]
		if known.comes++; len(from.echo(l)) > 0 {
			known.repeats++
		}
		h[schema+"."+path] = known
	}
}

// habits goes through all that a run saw of answers that were accepted, and of webhooks.
func (c *comparison) habits(run *evidence.Run) habits {
	h := habits{}
	for _, s := range all(run) {
		for _, e := range compared(s.Exchanges) {
			op := c.facts.operation(e)
			if op == nil || e.Answer.Status/100 != 2 {
				continue
			}
			request, answer := newBody(e.Request.Body), newBody(e.Answer.Body)
			h.count(op.Answer, answer, sources{request: request})
			for _, w := range s.Webhooks {
				if w.Label == e.Label && op.Webhook != "" {
					h.count(op.Webhook, newBody(w.Body), sources{request, answer})
				}
			}
		}
	}
	return h
}

// telling says whether it means something that a value comes from somewhere in one run and not, or from elsewhere, in the other.
func (c *comparison) telling(p place, path string, from, to []string) bool {
	if share(from, to) {
		return false
	}
	return len(from) > 0 && c.habitsA.always(p.schema, path) || len(to) > 0 && c.habitsB.always(p.schema, path)
}
