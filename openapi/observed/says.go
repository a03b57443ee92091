package observed

import (
	"encoding/json"
	"fmt"
	"strings"

	"mozartosim/openapi"
)

// Unsaid puts into a line what of an observation no document can say, only its mark; "" when the document says it all.
func (o *Observation) Unsaid() string {
	said := false
	switch kind := o.Kind(); kind {
	case "renamed", "absent", "added", "constant", "nullWhenEmpty", "status":
		said = true
	case "form":
		_, how, _ := strings.Cut(o.Form.Convert, " ")
		said = how == "" || how == "case" || o.Form.Pattern() != ""
	case "error":
		said = o.Error.Message == "" && o.Error.Problem == ""
	case "request":
		said = o.Request.Enforced == nil || strings.Contains(o.Rule, ".") || o.Request.Field != ""
	}
	if said {
		return ""
	}
	return o.Rule + ": " + o.Says()
}

// Where says where an observation was read, "observed.yaml:12:5: "; "" for one that was in no file.
func (o *Observation) Where() string {
	if o.at == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d: ", o.at.File, o.at.Line, o.at.Column)
}

// mark is the provenance of what an observation settles.
func (o *Observation) mark() openapi.Provenance {
	last := o.Last()
	mark := openapi.Provenance{
		Basis: openapi.Observed, Note: o.Says(),
		Source: fmt.Sprintf("%s, %s, run %s, seen %s", last.Target, last.Date, last.Run, times(o.Times())),
	}
	if o.Was != "" {
		mark.Note += " (was " + o.Was + ")"
	}
	return mark
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Statement is what an observation says, as JSON, without how it is known: {"renamed":"data.redirectUrl"}.
func (o Observation) Statement() string {
	o.Rule, o.Was, o.Seen = "", "", nil
	text, _ := json.Marshal(o) // it was read from JSON, or made of values that can be written
	return strings.TrimSuffix(strings.Replace(string(text), `"rule":"",`, "", 1), `,"seen":null}`) + "}"
}

// Says puts what was observed into a line.
func (o *Observation) Says() string {
	_, path, _ := strings.Cut(o.Rule, ".")
	switch kind := o.Kind(); kind {
	case "renamed":
		return renamedFrom + path
	case "absent":
		return "absent"
	case "added":
		return "added"
	case "form":
		return "its form is " + o.Form.String()
	case "constant":
		if o.InsteadOf != nil {
			return fmt.Sprintf("%s instead of %s", o.Constant, o.InsteadOf)
		}
		return fmt.Sprintf("always %s", o.Constant)
	case "nullWhenEmpty":
		return "null when it is empty"
	default: // the members of the file say it
		var members map[string]json.RawMessage
		text, _ := json.Marshal(o)
		_ = json.Unmarshal(text, &members)
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", o.Flow, kind, members[kind]))
	}
}
