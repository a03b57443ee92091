package observed

import (
	"cmp"
	"maps"
	"net/http"
	"strings"

	"mozartosim/openapi"
	seen "mozartosim/openapi/observed"
	"mozartosim/simulator/provider"
)

// refusal is what is different about some refusals.
type refusal struct {
	rule, flow string
	seen.Error
	absent  [][]string
	added   []edit
	headers http.Header
}

// Refused is a call that is refused.
type Refused struct {
	Operation *openapi.Operation // nil when it is unknown
	Rule      string             // that it broke, by its id in the ledger; "" when it is not known
	Case      string             // the contract's example of such a refusal
	Payment   Payment
}

func (c *Observations) addRefusal(o *seen.Observation) {
	r := refusal{rule: o.Rule, flow: o.Flow, Error: *o.Error}
	addHeaders(&r.headers, o.Error.Headers)
	for _, name := range o.Error.Absent {
		r.absent = append(r.absent, strings.Split(name, "."))
	}
	for _, a := range o.Error.Added {
		r.added = append(r.added, added("", a))
	}
	c.refusals = append(c.refusals, r)
}

// Refuse changes the status and the fields of a refusal, and returns the headers that are different, as an Answer has them.
func (c *Observations) Refuse(of Refused, status int, fields provider.Fields) (_ int, _ provider.Fields, headers http.Header) {
	form := openapi.ErrorSchema(func(name string) bool { return there(fields, []string{name}) })
	for i := range c.refusals {
		r := &c.refusals[i]
		about, fits := r.fits(of, form, fields)
		if !fits {
			continue
		}
		status = cmp.Or(r.Status, status)
		fields = r.apply(of, about, fields)
		if headers == nil {
			headers = r.headers.Clone()
		} else {
			maps.Copy(headers, r.headers)
		}
	}
	return status, fields, headers
}

// fits says whether a refusal of a form (Error, …) is one of these; about is the field of the request that it has to be about, "" for
// any.
func (r *refusal) fits(of Refused, form string, fields provider.Fields) (about string, fits bool) {
	if op := of.Operation; r.flow != "" && (op == nil || !strings.HasPrefix(op.PSP+" "+op.Type+" "+op.Variant+" ", r.flow+" ")) {
		return "", false
	}
	schema, field, isField := strings.Cut(r.rule, ".")
	if isField && of.Operation != nil && of.Operation.Schema == schema {
		about = field
	}
	switch {
	case r.Case != "" && r.Case != of.Case:
		return "", false
	case about == "": // a case of one request's rule is about that request alone
		ofAll := r.Case != "" && (strings.HasPrefix(r.rule, "POST ") || !strings.ContainsAny(r.rule, "./"))
		return "", ofAll || r.rule == of.Rule || schema == form
	case of.Rule == r.rule:
		return about, true
	}
	for _, problem := range problems(fields) {
		if name, _, _ := strings.Cut(problem, " "); name == about {
			return about, true
		}
	}
	return about, false
}

const missingField = "Missing required field: "

func (r *refusal) apply(of Refused, about string, fields provider.Fields) provider.Fields {
	list := problems(fields)
	message, _ := find(fields, []string{"message"})
	field, _ := strings.CutPrefix(textOf(message), missingField)
	if field == textOf(message) && len(list) > 0 {
		field, _, _ = strings.Cut(list[0], " ")
	}
	fill := func(template, usual string, field string) string {
		return strings.NewReplacer("{message}", usual, "{problem}", usual, "{field}", field).Replace(template)
	}
	if r.Message != "" {
		fields = set(fields, []string{"message"}, fill(r.Message, textOf(message), field))
	}
	if r.Problem != "" && list != nil {
		worded := make([]string, len(list))
		for i, problem := range list {
			worded[i] = problem
			if name, _, _ := strings.Cut(problem, " "); about == "" || name == about {
				worded[i] = fill(r.Problem, problem, name)
			}
		}
		fields = set(fields, []string{"errors"}, worded)
	}
	if r.Code != "" {
		fields = set(fields, []string{"errorCode"}, r.Code)
	}
	for _, path := range r.absent {
		if there(fields, path) {
			fields = remove(fields, path)
		}
	}
	for i := range r.added {
		fields, _ = r.added[i].apply(fields, of.Payment)
	}
	return fields
}

func there(fields provider.Fields, path []string) bool {
	_, there := find(fields, path)
	return there
}

func problems(fields provider.Fields) []string {
	value, _ := find(fields, []string{"errors"})
	list, _ := value.([]string)
	return list
}
