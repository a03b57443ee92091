package observe

import (
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/drift"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// status says that a call is refused with another status, that a rule is not enforced, or that one is enforced in addition.
func (l *learning) status(c *drift.Change) (made []observed.Observation, why string) {
	refusedThere, refusedHere := c.Status[1]/100 != 2, c.Status[0]/100 != 2
	switch {
	case !refusedHere && !refusedThere:
		if len(c.Flows) != 1 || c.Flows[0] == nil {
			return nil, personOnly
		}
		return []observed.Observation{{Rule: c.Flows[0].Answer, Status: c.Status[1]}}, ""
	case refusedHere && refusedThere:
		made, why = l.errors(c, observed.Error{Status: c.Status[1]})
		if was, is := c.Values[0][0].Text, c.Values[0][1].Text; was != is {
			worded, _ := l.errors(c, observed.Error{Message: is})
			made = append(made, worded...)
		}
		return made, why
	case refusedHere:
		return l.unenforced(c)
	}
	return l.enforced(c)
}

// unenforced says that the target accepts what the contract refuses, in each request that has the rule.
func (l *learning) unenforced(c *drift.Change) (made []observed.Observation, why string) {
	no := false
	for _, rule := range l.rulesOf(c) {
		r := &observed.Request{Enforced: &no}
		if !strings.Contains(rule, "/") && strings.Contains(c.A, "Missing required field") {
			r = &observed.Request{Required: &no}
		}
		made = append(made, observed.Observation{Rule: rule, Request: r})
	}
	if len(made) == 0 {
		return nil, personOnly
	}
	return made, ""
}

// rulesOf are the ids of a change's rule in each request that shows it: a named rule stands in several.
func (l *learning) rulesOf(c *drift.Change) (rules []string) {
	_, named, isNamed := strings.Cut(c.Rule.ID, "/")
	_, field, isField := strings.Cut(c.Rule.ID, ".")
	switch {
	case c.Rule.ID == "amount-decimals":
		return []string{c.Rule.ID}
	case !isNamed && !isField || strings.HasPrefix(c.Rule.ID, "POST "):
		return nil
	}
	for _, op := range c.Flows {
		switch {
		case op == nil:
		case isNamed:
			rules = append(rules, op.Schema+"/"+named)
		case op.HasField(field):
			rules = append(rules, op.Schema+"."+field)
		}
	}
	return rules
}

var (
	missingField = regexp.MustCompile(`Missing required field: ([A-Za-z0-9_.]+)|([A-Za-z0-9_.]+) (?:is required|must not be missing)`)
	oneOf        = regexp.MustCompile(`must be one of:? ([^:]+)$`)
)

// enforced says that the target refuses what the contract accepts, as far as its sentence says what would be right.
func (l *learning) enforced(c *drift.Change) (made []observed.Observation, why string) {
	_, field, ok := strings.Cut(c.Rule.ID, ".")
	if !ok {
		return nil, "the refusal names no field of the request: " + personOnly
	}
	r := &observed.Request{}
	yes := true
	switch list := oneOf.FindStringSubmatch(c.B); {
	case missingField.MatchString(c.B) && strings.Contains(missingField.FindString(c.B), field):
		r.Required = &yes
	case list != nil:
		for word := range strings.SplitSeq(list[1], ",") {
			r.Enum = append(r.Enum, strings.TrimSpace(word))
		}
	default:
		return nil, "what the target asks for is not known: write a pattern by hand"
	}
	return []observed.Observation{{Rule: c.Rule.ID, Request: r}}, ""
}

// refusal says that an error has other words, another code, or other members.
func (l *learning) refusal(c *drift.Change) (made []observed.Observation, why string) {
	switch {
	case c.Kind == drift.Missing:
		return l.errors(c, observed.Error{Absent: []string{c.Path}})
	case c.Kind == drift.Added:
		return l.errors(c, observed.Error{Added: added(c)})
	case c.Kind != drift.ChangedText:
		return nil, personOnly
	case c.Path == "errors[]":
		return []observed.Observation{{Rule: c.Rule.ID, Error: &observed.Error{Problem: c.Values[0][1].Text}}}, ""
	case c.Path == "message":
		return l.errors(c, observed.Error{Message: c.Values[0][1].Text})
	case c.Path == "errorCode":
		return l.errors(c, observed.Error{Code: c.Values[0][1].Text})
	}
	return nil, personOnly
}

// errors says something of the refusals that show a change: of those of a case, of a provider or flow, or of all, as far as no
// refusal that was compared denies it. Words are said of a case only.
func (l *learning) errors(c *drift.Change, e observed.Error) (made []observed.Observation, why string) {
	words := e.Status != 0 || e.Message != "" || e.Code != ""
	for _, shown := range c.Answered {
		if shown.Words == "" {
			continue
		}
		said := e
		o := observed.Observation{Rule: c.Rule.ID, Error: &said}
		if c.Schema == "" && !words {
			o.Rule = shown.Schema
		}
		of := l.caseOf(shown)
		if words && of == "" || words && !strings.HasPrefix(o.Rule, shown.Schema) && strings.ContainsAny(o.Rule, "./") && !strings.HasPrefix(o.Rule, "POST ") {
			said.Case = of // it is about the calls that break the rule
		} else if said.Case, o.Flow, why = l.scope(c, shown, of, words); why != "" {
			return made, why
		}
		if !slices.ContainsFunc(made, func(known observed.Observation) bool { return known.Key() == o.Key() }) {
			made = append(made, o)
		}
	}
	return made, ""
}

// scope is the widest statement about refusals that is true of one that shows a change, and of no other that was compared.
func (l *learning) scope(c *drift.Change, shown drift.Answered, of string, words bool) (errorCase, flow, why string) {
	flows := []string{""}
	if shown.Flow != nil {
		parts := strings.Fields(drift.FlowName(shown.Flow))
		for i := range parts {
			flows = append(flows, strings.Join(parts[:i+1], " "))
		}
	}
	for _, flow := range flows {
		for _, errorCase := range []string{"", of} {
			denied := func(other drift.Answered) bool {
				about := other.Words != "" && other.Schema == shown.Schema && (errorCase == "" || l.caseOf(other) == errorCase) &&
					(flow == "" || other.Flow != nil && strings.HasPrefix(drift.FlowName(other.Flow)+" ", flow+" "))
				return about && !slices.Contains(c.Answered, other)
			}
			if (errorCase != "" || !words) && !slices.ContainsFunc(c.Compared, denied) {
				return errorCase, flow, ""
			}
		}
	}
	return "", "", "which refusals show it is not known: " + personOnly
}

// caseOf is the contract's example of a refusal; "" for none.
func (l *learning) caseOf(refused drift.Answered) string {
	was := refused.Words
	for _, name := range observed.Cases() {
		text, ok := l.contract.Example(name)
		doc, err := openapi.Decode(text)
		if !ok || err != nil {
			continue
		}
		message, _, templated := strings.Cut(doc.Text("message"), ": email")
		if was == doc.Text("errorCode") && was != "" || was == doc.Text("message") || templated && strings.HasPrefix(was, message+": ") {
			return name
		}
	}
	if refused.Schema == "ErrorWithData" { // in the provider's words
		return "Rejection"
	}
	return ""
}
