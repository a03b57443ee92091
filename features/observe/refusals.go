package observe

import (
	"regexp"
	"strings"

	"mozartosim/features/drift"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// status says that a call is refused with another status, that a rule is not enforced, or that one is enforced in addition.
func (l *learning) status(c drift.Change) (made []observed.Observation, why string) {
	refusedThere, refusedHere := c.Status[1]/100 != 2, c.Status[0]/100 != 2
	o := observed.Observation{Rule: c.Rule.ID}
	switch {
	case !refusedHere && !refusedThere:
		if len(c.Flows) != 1 || c.Flows[0] == nil {
			return nil, personOnly
		}
		o.Rule, o.Status = c.Flows[0].Answer, c.Status[1]
	case refusedHere && refusedThere:
		o.Error = &observed.Error{Status: c.Status[1], Case: l.caseOf(c.Values)}
		if was, is := c.Values[0][0].Text, c.Values[0][1].Text; was != is {
			o.Error.Message = is
		}
	case refusedHere:
		return l.unenforced(c)
	default:
		return l.enforced(c)
	}
	return []observed.Observation{o}, ""
}

// unenforced says that the target accepts what the contract refuses, in each request that has the rule.
func (l *learning) unenforced(c drift.Change) (made []observed.Observation, why string) {
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
func (l *learning) rulesOf(c drift.Change) (rules []string) {
	_, named, isNamed := strings.Cut(c.Rule.ID, "/")
	_, field, isField := strings.Cut(c.Rule.ID, ".")
	switch {
	case c.Rule.ID == "amount-decimals" || c.Rule.ID == "currency-known":
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
func (l *learning) enforced(c drift.Change) (made []observed.Observation, why string) {
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
func (l *learning) refusal(c drift.Change) (made []observed.Observation, why string) {
	e := &observed.Error{}
	o := observed.Observation{Rule: c.Rule.ID, Error: e}
	switch {
	case c.Kind == drift.Missing:
		e.Absent = []string{c.Path}
	case c.Kind == drift.Added:
		e.Added = added(c)
	case c.Kind != drift.ChangedText:
		return nil, personOnly
	case c.Path == "errors[]":
		e.Problem = c.Values[0][1].Text
	case c.Path == "message":
		e.Case, e.Message = l.caseOf(c.Values), c.Values[0][1].Text
	case c.Path == "errorCode":
		e.Case, e.Code = l.caseOf(c.Values), c.Values[0][1].Text
	default:
		return nil, personOnly
	}
	return []observed.Observation{o}, ""
}

// caseOf is the contract's example of an error that has a message or code; "" for none.
func (l *learning) caseOf(values [][2]drift.Value) string {
	was := values[0][0].Text
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
	return ""
}
