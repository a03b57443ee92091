package observed

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// Apply returns the contract with the observations in it: what requests and answers must be, and observed as the basis of each
// rule that one settles. The contract itself stays as it is; without observations it is returned. An error names the observation
// that doesn't fit.
func Apply(contract *openapi.Contract, f File) (*openapi.Contract, error) {
	if len(f.Observations) == 0 {
		return contract, nil
	}
	d := document{contract.Editor(), contract.Operations()}
	for _, o := range f.InOrder() {
		rule, err := d.apply(o)
		if err == nil && !d.edit.Mark(rule, o.mark()) {
			err = fmt.Errorf("the contract has no %s any more: another observation has removed it", rule)
		}
		if err != nil {
			return nil, fmt.Errorf("observation of %s: %w", o.Rule, err)
		}
	}
	return contract.Edited(d.edit)
}

// Contract returns the Cashier API's contract with the observations of files in it; without files the contract itself.
func Contract(files []string) (*openapi.Contract, error) {
	base, err := openapi.Cashier()
	if err != nil || len(files) == 0 {
		return base, err
	}
	codec, err := NewCodec(base)
	if err != nil {
		return nil, err
	}
	f, err := codec.ReadFiles(files)
	if err != nil {
		return nil, err
	}
	return Apply(base, f)
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

// Says puts what was observed into a line.
func (o *Observation) Says() string {
	_, path, _ := strings.Cut(o.Rule, ".")
	switch kind := o.Kind(); kind {
	case "renamed":
		return "renamed from " + path
	case "absent":
		return "absent"
	case "added":
		return "added"
	case "form":
		return "its form is " + o.Form
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

// document is a contract that observations are written into.
type document struct {
	edit       *openapi.Editor
	operations []*openapi.Operation
}

// apply writes one observation, and returns the rule that it is known by from now on.
func (d document) apply(o *Observation) (rule string, err error) {
	schema, path, _ := strings.Cut(o.Rule, ".")
	switch o.Kind() {
	case "renamed":
		if _, ok := d.edit.Move(schema, path, o.Renamed); !ok {
			return "", fmt.Errorf("%s has no field %s any more", schema, path)
		}
		for _, op := range d.operations {
			if op.Answer == schema && op.Redirect == path {
				d.edit.Redirect(op.Schema, o.Renamed)
			}
		}
		return schema + "." + o.Renamed, nil
	case "absent":
		d.edit.Require(schema, path, false) // it stays, so that the ledger says that it is absent
	case "added":
		return schema + "." + d.added(schema, path, *o.Added, true), nil
	case "form", "constant", "nullWhenEmpty":
		field, ok := d.edit.Field(schema, path)
		if !ok {
			return "", fmt.Errorf("%s has no field %s any more", schema, path)
		}
		d.value(field, o)
	case "status":
		d.edit.Response(o.Status, 200)
	case "error":
		d.err(o.Error)
	case "request":
		return d.request(o)
	}
	return o.Rule, nil
}

func (d document) added(schema, within string, a Added, required bool) (path string) {
	path = strings.TrimPrefix(within+"."+a.Field, ".")
	field := d.edit.Add(schema, path, required)
	field.Set("type", typeOf(a.Example))
	if form, err := ParseForm(a.Form); err == nil && typeOf(a.Example) == "string" {
		field.Set("pattern", form.Pattern())
	}
	return path
}

// bounds are the keywords that bound a value, besides its type.
func bounds() []string {
	return []string{"enum", "pattern", "x-must", "minLength", "maxLength", "format", "minimum", "exclusiveMinimum", "maximum"}
}

// value writes what a field's value is.
func (d document) value(field openapi.Keywords, o *Observation) {
	switch {
	case o.NullWhenEmpty:
		field.Set("type", append(field.Texts("type"), "null"))
	case o.InsteadOf != nil:
		instead, enum := text(o.InsteadOf), field.Texts("enum")
		if i := slices.Index(enum, instead); i >= 0 && typeOf(o.Constant) == "string" {
			enum[i] = text(o.Constant)
			field.Set("enum", enum)
		} else {
			field.Delete(bounds()...)
			field.Set("type", united(field.Texts("type"), typeOf(o.Constant)))
		}
	case o.Constant != nil:
		enum := []json.RawMessage{o.Constant}
		if typeOf(o.Constant) == "string" && mayBeEmpty(field) {
			enum = append(enum, json.RawMessage(`""`))
		}
		field.Delete(bounds()...)
		field.Set("type", typeOf(o.Constant))
		if typeOf(o.Constant) != "null" {
			field.Set("enum", enum)
		}
	default:
		d.form(field, o.Form)
	}
}

// mayBeEmpty says whether a field's value may be an empty text.
func mayBeEmpty(field openapi.Keywords) bool {
	enum, least, pattern := field.Texts("enum"), field.Texts("minLength"), field.Texts("pattern")
	matched := true
	if pattern != nil {
		matched, _ = regexp.MatchString(pattern[0], "")
	}
	return matched && (enum == nil || slices.Contains(enum, "")) && (least == nil || least[0] == "0") && field.Texts("format") == nil
}

func (d document) form(field openapi.Keywords, written string) {
	form, err := ParseForm(written)
	kind, _, _ := strings.Cut(form.Convert, " ")
	switch {
	case err != nil: // the reader has checked it
	case kind == "upper" || kind == "lower":
		enum := field.Texts("enum")
		for i := range enum {
			enum[i] = cased(kind, enum[i])
		}
		if field.Delete(bounds()...); enum != nil {
			field.Set("enum", enum)
		}
	default:
		field.Delete(bounds()...)
		field.Set("type", map[bool]string{true: "number", false: "string"}[kind == "number"])
		if pattern := form.Pattern(); pattern != "" {
			field.Set("pattern", pattern)
		}
	}
}

func cased(kind, text string) string {
	if kind == "upper" {
		return strings.ToUpper(text)
	}
	return strings.ToLower(text)
}

// err writes what the bodies of refusals have besides what the contract says of them. Which of them a call gets depends on the
// refusal, so nothing is required that was not.
func (d document) err(e *Error) {
	if e.Status != 0 {
		d.edit.Response(e.Status, 400)
	}
	for _, schema := range []string{"Error", "ErrorWithData", "TransportError"} {
		for _, name := range e.Absent {
			d.edit.Require(schema, name, false)
		}
		for _, a := range e.Added {
			if _, there := d.edit.Field(schema, a.Field); !there {
				d.added(schema, "", a, false)
			}
		}
	}
	if code, ok := d.edit.Field("TransportError", "errorCode"); ok && e.Code != "" {
		code.Set("enum", united(code.Texts("enum"), e.Code))
	}
}

func (d document) request(o *Observation) (rule string, err error) {
	schema, path, _ := strings.Cut(o.Rule, ".")
	r := o.Request
	if r.Enforced != nil && path == "" && r.Field == "" {
		return o.Rule, nil // a named rule, which is code
	}
	if path = strings.Trim(path+"."+r.Field, "."); path == "" {
		return "", fmt.Errorf("%s names no field", o.Rule)
	}
	field, there := d.edit.Field(schema, path)
	if !there {
		field = d.edit.Add(schema, path, false)
		field.Set("type", "string")
	}
	switch {
	case r.Enforced != nil:
		field.Delete(bounds()...)
	case r.Pattern != "":
		field.Delete("x-must")
		field.Set("pattern", r.Pattern)
		if r.Must != "" {
			field.Set("x-must", r.Must)
		}
	}
	if r.Enum != nil {
		field.Set("enum", r.Enum)
	}
	if r.Required != nil {
		d.edit.Require(schema, path, *r.Required)
	}
	return schema + "." + path, nil
}

func united(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// typeOf names the type of a value of JSON.
func typeOf(raw json.RawMessage) string {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return "null"
	case raw[0] == '"':
		return "string"
	case raw[0] == '{':
		return "object"
	case raw[0] == '[':
		return "array"
	case raw[0] == 't' || raw[0] == 'f':
		return "boolean"
	}
	return "number"
}

// text is a scalar of JSON as text.
func text(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
