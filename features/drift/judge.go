package drift

import (
	"slices"
	"strings"

	"mozartosim/openapi"
)

// judge fills the report with findings of the differences, one for each cause under the rule that it is about, and of the
// assumptions that were judged.
func (c *differences) judge(assumptions []Finding) {
	r := c.report
	r.Findings = []Finding{} // an empty list, not null, for readers of the JSON
	for _, d := range c.found {
		d.Compared = c.answered
	}
	for _, d := range c.causes() {
		r.Findings = append(r.Findings, d.finding())
	}
	for _, f := range assumptions {
		switch {
		case f.Kind == Confirmed:
			r.Confirmed = append(r.Confirmed, f)
		case !explained(f, r.Findings):
			r.Findings = append(r.Findings, f)
		}
	}
}

// causes joins the differences that have one cause: a named rule that several requests have, and what the answers or webhooks of
// at least three providers show alike, which is then about a rule of all.
func (c *differences) causes() []*Change {
	groups := map[string][]*Change{}
	for _, d := range c.found {
		key := c.contract.causeKey(d)
		groups[key] = append(groups[key], d)
	}
	var causes []*Change
	for _, d := range c.found {
		group := groups[c.contract.causeKey(d)]
		shared, ok := c.contract.shared(group)
		switch {
		case !ok:
			causes = append(causes, d)
		case d == group[0]:
			causes = append(causes, joinedCause(group, shared))
		}
	}
	return causes
}

// causeKey is the same for differences that are the same but for the provider.
func (c *contract) causeKey(d *Change) string {
	side, _, _ := strings.Cut(d.what, " ")
	named := ""
	switch {
	case isNamed(d.Rule):
		named = d.Rule.Rule
	case d.cause != "":
		named = d.Rule.ID[strings.IndexByte(d.Rule.ID, '.')+1:]
	}
	parts := []string{string(d.Kind), side, d.Path, d.To, d.About, d.cause, named}
	switch {
	case !d.loose():
		parts = append(parts, c.words(d.A), c.words(d.B))
	case d.About != "" && d.cause == "":
		parts = append(parts, c.words(d.B)) // webhooks that came: those that were to come depend on how a payment ends
	}
	return strings.Join(parts, "\x00")
}

// isNamed says that a rule has a name of its own in each request that has it.
func isNamed(rule openapi.Entry) bool { return rule.Rule != rule.ID }

// shared is the rule that a group of differences is about as one; ok is false when each is a finding of its own.
func (c *contract) shared(group []*Change) (rule openapi.Entry, ok bool) {
	var psps []string
	for _, d := range group {
		for _, op := range d.Flows {
			if op != nil && !slices.Contains(psps, op.PSP) {
				psps = append(psps, op.PSP)
			}
		}
	}
	first := group[0]
	switch {
	case len(group) < 2:
		return rule, false
	case isNamed(first.Rule) && first.cause != "":
		return first.Rule, true
	case len(psps) < 3:
		return rule, false
	}
	general := "CashierAnswer"
	if form := first.Rule.Form; form != "" && first.cause != "" {
		general = form
	} else if strings.HasPrefix(first.what, "webhook") {
		general = "Webhook"
		if _, ok := c.ledger["Webhook."+withoutIndex(first.Path)]; ok {
			general += "." + withoutIndex(first.Path)
		}
	} else if first.Schema == "" { // it is no field of answers
		return rule, false
	}
	rule, ok = c.ledger[general]
	return rule, ok
}

func joinedCause(group []*Change, rule openapi.Entry) *Change {
	all := *group[0]
	all.Rule, all.parts = rule, group
	all.Flows, all.Scenarios = slices.Clone(all.Flows), slices.Clone(all.Scenarios)
	for _, d := range group[1:] {
		all.Flows = append(all.Flows, d.Flows...)
		for _, s := range d.Scenarios {
			if !slices.Contains(all.Scenarios, s) {
				all.Scenarios = append(all.Scenarios, s)
			}
		}
	}
	return &all
}

// finding words a difference.
func (d *Change) finding() Finding {
	f := Finding{
		Kind: d.Kind, Rule: d.Rule.ID, Provenance: d.Rule.Provenance, Description: d.Rule.Description, Where: d.Where(), A: d.A, B: d.B,
		Request: d.Request, Scenarios: d.Scenarios, Changes: d.parts,
	}
	if d.parts == nil {
		f.Changes = []*Change{d}
	}
	if f.Provenance.Basis == "" {
		f.Provenance = openapi.Provenance{Basis: openapi.Assumed, Note: "the ledger has no such entry"}
	}
	return f
}

// explained reports whether each scenario that refutes a rule shows another difference: then that one is the finding, and says what
// it refutes.
func explained(refuted Finding, findings []Finding) bool {
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
