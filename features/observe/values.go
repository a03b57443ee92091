package observe

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/drift"
	"mozartosim/openapi/observed"
)

// value says what a field's value is instead: a conversion of what it would be, the form that it has in every run, or a constant.
func (l *learning) value(c *drift.Change) (made []observed.Observation, why string) {
	var was, is []drift.Value
	for _, pair := range c.Values {
		was, is = append(was, pair[0]), append(is, pair[1])
	}
	o := observed.Observation{Rule: c.Rule.ID}
	switch convert := conversion(was, is); {
	case convert != "":
		o.Form = observed.Form{Convert: convert}
	case all(is, func(v drift.Value) bool { return v.Kind == "null" }) && all(was, func(v drift.Value) bool { return v.Kind == "string" && v.Text == "" }):
		o.NullWhenEmpty = true
	case slices.ContainsFunc(is, func(v drift.Value) bool { return v.Kind == "object" || v.Kind == "array" }):
		return nil, "it is an object or a list: " + personOnly
	case c.Kind == drift.ChangedText && distinct(was) == len(was) && len(was) > 1 && words(was):
		for _, pair := range c.Values {
			made = append(made, observed.Observation{Rule: c.Rule.ID, Constant: pair[1].JSON(), InsteadOf: pair[0].JSON()})
		}
		return made, ""
	case distinct(is) == 1:
		o.Constant = is[0].JSON()
		if c.Kind == drift.ChangedText && words(was) && distinct(was) == 1 && len(l.enum(c)) > 1 {
			o.InsteadOf = was[0].JSON()
		} else if slices.Contains(was, drift.Value{Kind: "string"}) {
			made = append(made, observed.Observation{Rule: c.Rule.ID, Constant: o.Constant, InsteadOf: json.RawMessage(`""`)})
		}
	default:
		if o.Form = template(texts(is)); o.Form.IsZero() {
			return nil, "its values have no form in common: " + personOnly
		}
	}
	return append(made, o), ""
}

func (l *learning) enum(c *drift.Change) []string {
	for _, f := range l.contract.FieldsOf(c.Schema) {
		if f.Path == c.Path {
			if len(f.Enum) > 0 {
				return f.Enum
			}
			return []string{"any", "text"}
		}
	}
	return nil
}

func all(values []drift.Value, fits func(drift.Value) bool) bool {
	return !slices.ContainsFunc(values, func(v drift.Value) bool { return !fits(v) })
}

func distinct(values []drift.Value) int {
	seen := map[drift.Value]bool{}
	for _, v := range values {
		seen[v] = true
	}
	return len(seen)
}

// words reports whether values are texts that are the same in every run.
func words(values []drift.Value) bool {
	return all(values, func(v drift.Value) bool { return v.Kind == "string" && !longID.MatchString(v.Text) })
}

var longID = regexp.MustCompile(`^\S*\d\S*$`)

func texts(values []drift.Value) (all []string) {
	for _, v := range values {
		all = append(all, v.Text)
	}
	return all
}

// conversion is the form that makes each value of what it would be, "" for none.
func conversion(was, is []drift.Value) string {
	for _, form := range observed.Conversions() {
		fits := true
		for i := range was {
			got, ok := converted(form, was[i])
			fits = fits && ok && got == is[i]
		}
		if fits {
			return form
		}
	}
	return ""
}

// converted applies a conversion to a value.
func converted(form string, v drift.Value) (to drift.Value, ok bool) {
	text, number, ok := observed.Converted(form, v.Text)
	to = drift.Value{Kind: "string", Text: text}
	if number {
		to.Kind = "number"
	}
	isText, isNumber, isBoolean := v.Kind == "string", v.Kind == "number", v.Kind == "boolean"
	return to, ok && (isText || isNumber && !strings.HasSuffix(form, " case") || isBoolean && form == "text")
}

var idPart = regexp.MustCompile(`[A-Za-z0-9]+|[^A-Za-z0-9]+`)

// template is the form that texts have in common: PAY/{hex:12}; zero for none.
func template(texts []string) observed.Form {
	for _, text := range []string{"{uuid}", "{time}"} {
		if form, has := allHave(text, texts); has {
			return form
		}
	}
	parts := idPart.FindAllString(texts[0], -1)
	columns := make([][]string, len(parts))
	for _, text := range texts {
		found := idPart.FindAllString(text, -1)
		if len(found) != len(parts) {
			return observed.Form{}
		}
		for i, part := range found {
			columns[i] = append(columns[i], part)
		}
	}
	var text strings.Builder
	filled := false
	for _, column := range columns {
		part := partOf(column)
		if part == "" {
			return observed.Form{}
		}
		filled = filled || strings.HasPrefix(part, "{")
		text.WriteString(part)
	}
	form, err := observed.ParseForm(text.String())
	if err != nil || !filled {
		return observed.Form{}
	}
	return form
}

// partOf is the form of one part of an id in several texts: itself where it is always the same word.
func partOf(column []string) string {
	same := !slices.ContainsFunc(column, func(part string) bool { return part != column[0] })
	n := len(column[0])
	sameLength := !slices.ContainsFunc(column, func(part string) bool { return len(part) != n })
	random := n >= 8 && strings.ContainsAny(column[0], "0123456789")
	switch {
	case same && !random:
		return column[0]
	case !sameLength:
		return ""
	}
	for _, kind := range []string{"digits", "hex", "HEX"} {
		text := fmt.Sprintf("{%s:%d}", kind, n)
		if _, has := allHave(text, column); has {
			return text
		}
	}
	return ""
}

// allHave reads a form and reports whether all texts have it.
func allHave(written string, texts []string) (form observed.Form, has bool) {
	form, err := observed.ParseForm(written)
	if err != nil { // the part is longer than any that a form can have
		return form, false
	}
	pattern := regexp.MustCompile(form.Pattern())
	return form, !slices.ContainsFunc(texts, func(text string) bool { return !pattern.MatchString(text) })
}
