package drift

import (
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// judge makes findings of differences: one for each cause, under the rule that it is about.
type judge struct{ contract *contract }

// report fills a report with findings of the differences and of the assumptions that were judged.
func (j judge) report(r *Report, found *differences, assumptions []Finding) {
	r.Findings = []Finding{} // an empty list, not null, for readers of the JSON
	for _, d := range j.causes(found.found) {
		f := j.finding(d)
		for i := range f.Changes {
			f.Changes[i].Compared = found.answered
		}
		r.Findings = append(r.Findings, f)
	}
	for _, f := range assumptions {
		switch {
		case f.Kind == Confirmed:
			r.Confirmed = append(r.Confirmed, f)
		case !j.explained(f, r.Findings):
			r.Findings = append(r.Findings, f)
		}
	}
}

// causes joins the differences that have one cause: a named rule that several requests have, and what the answers or webhooks of
// at least three providers show alike, which is then about a rule of all.
func (j judge) causes(found []*difference) []*difference {
	groups := map[string][]*difference{}
	for _, d := range found {
		groups[j.alike(d)] = append(groups[j.alike(d)], d)
	}
	var causes []*difference
	for _, d := range found {
		group := groups[j.alike(d)]
		shared, ok := j.shared(group)
		switch {
		case !ok:
			causes = append(causes, d)
		case d == group[0]:
			causes = append(causes, joinedCause(group, shared))
		}
	}
	return causes
}

// alike is the same for differences that are the same but for the provider.
func (j judge) alike(d *difference) string {
	side, _, _ := strings.Cut(d.what, " ")
	named := d.rule.Rule
	if named == "" && d.cause != "" {
		named = d.rule.ID[strings.IndexByte(d.rule.ID, '.')+1:]
	}
	parts := []string{string(d.kind), side, d.path, d.to, d.about, d.cause, named}
	if !d.loose() && d.about == "" {
		parts = append(parts, j.contract.formats.words(d.a), j.contract.formats.words(d.b))
	}
	return strings.Join(parts, "\x00")
}

var ofSchema = regexp.MustCompile(`, an? ([A-Z][A-Za-z]+)$`)

// shared is the rule that a group of differences is about as one; ok is false when each is a finding of its own.
func (j judge) shared(group []*difference) (rule openapi.Entry, ok bool) {
	var psps []string
	for _, d := range group {
		for _, op := range d.flows {
			if op != nil && !slices.Contains(psps, op.PSP) {
				psps = append(psps, op.PSP)
			}
		}
	}
	first := group[0]
	switch {
	case len(group) < 2:
		return rule, false
	case first.rule.Rule != "" && first.cause != "":
		return first.rule, true
	case len(psps) < 3:
		return rule, false
	}
	general := "CashierAnswer"
	if of := ofSchema.FindStringSubmatch(first.rule.Description); of != nil && first.cause != "" {
		general = of[1]
	} else if strings.HasPrefix(first.what, "webhook") {
		general = "Webhook"
		if _, ok := j.contract.ledger["Webhook."+withoutIndex(first.path)]; ok {
			general += "." + withoutIndex(first.path)
		}
	}
	rule, ok = j.contract.ledger[general]
	return rule, ok
}

func joinedCause(group []*difference, rule openapi.Entry) *difference {
	all := *group[0]
	all.rule, all.parts = rule, group
	all.flows, all.scenarios = slices.Clone(all.flows), slices.Clone(all.scenarios)
	for _, d := range group[1:] {
		all.flows = append(all.flows, d.flows...)
		for _, s := range d.scenarios {
			if !slices.Contains(all.scenarios, s) {
				all.scenarios = append(all.scenarios, s)
			}
		}
	}
	return &all
}

// finding words a difference.
func (j judge) finding(d *difference) Finding {
	f := Finding{
		Kind: d.kind, Rule: d.rule.ID, Provenance: d.rule.Provenance, Description: d.rule.Description, Where: d.where(), A: d.a, B: d.b,
		Request: d.request, Scenarios: d.scenarios, Changes: changesOf(d),
	}
	if f.Provenance.Basis == "" {
		f.Provenance = openapi.Provenance{Basis: openapi.Assumed, Note: "the ledger has no such entry"}
	}
	return f
}

// explained reports whether each scenario that refutes a rule shows another difference: then that one is the finding, and says what
// it refutes.
func (j judge) explained(refuted Finding, findings []Finding) bool {
	var by []int
	for _, name := range refuted.Scenarios {
		i := slices.IndexFunc(findings, func(f Finding) bool { return f.Kind != Refuted && slices.Contains(f.Scenarios, name) })
		if i < 0 {
			return false
		}
		by = append(by, i)
	}
	for _, i := range by {
		if !slices.Contains(findings[i].Refutes, refuted.Rule) {
			findings[i].Refutes = append(findings[i].Refutes, refuted.Rule)
		}
	}
	return true
}

// changesOf are a difference's, or those of its parts.
func changesOf(d *difference) (all []Change) {
	if d.parts != nil {
		for _, part := range d.parts {
			all = append(all, changesOf(part)...)
		}
		return all
	}
	c := Change{
		Kind: d.kind, Rule: d.rule, Op: d.op, Echo: d.echo, Flows: d.flows, Schema: d.schema, Path: d.path, To: d.to, About: d.about, Where: d.where(), Request: d.request, Answered: d.answered,
		Status: d.status, A: d.a, B: d.b, Spans: d.spans, Times: len(d.scenarios), Inside: map[string]Value{},
	}
	for _, pair := range d.values {
		c.Values = append(c.Values, [2]Value{exported(pair[0]), exported(pair[1])})
	}
	for path, v := range d.inside {
		c.Inside[path] = exported(v)
	}
	for _, sides := range d.sequences {
		var both [2][]evidence.Webhook
		for i, side := range sides {
			for _, r := range side {
				both[i] = append(both[i], r.Webhook)
			}
		}
		c.Sequences = append(c.Sequences, both)
	}
	return []Change{c}
}

func exported(v value) Value { return Value{v.kind, v.text} }
