package observed

import (
	"cmp"
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
	edit := openapi.NewEditor(contract)
	if err := write(edit, contract, f); err != nil {
		return nil, err
	}
	return edit.Contract()
}

// ApplyToFiles makes the same changes in the files that a contract is merged from, and returns the new text of each one that
// changes, by its name: none when the files say it all already. f must have been read for their contract.
func ApplyToFiles(files *openapi.Files, f File) (texts map[string][]byte, err error) {
	contract, err := files.Contract()
	if err != nil {
		return nil, err
	}
	edit := files.Editor()
	if err := write(edit, contract, f); err != nil {
		return nil, err
	}
	return files.Edited(edit)
}

// Open reads files of observations for a contract, and returns the contract with them in it; without files the contract itself.
func Open(base *openapi.Contract, names []string) (f File, with *openapi.Contract, err error) {
	if len(names) == 0 {
		return File{}, base, nil
	}
	if f, err = ReadFiles(base, names); err == nil {
		with, err = Apply(base, f)
	}
	return f, with, err
}

// Contract returns the Cashier API's contract with the observations of files in it; without files the contract itself.
func Contract(files []string) (*openapi.Contract, error) {
	base, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	_, with, err := Open(base, files)
	return with, err
}

// document is a contract that observations are written into.
type document struct {
	edit       *openapi.Editor
	operations []*openapi.Operation
	words      map[string][]word // of fields whose values are replaced one by one
}

// word is a value of an enum: the contract's, and what is seen in its place.
type word struct{ old, now string }

// write writes observations into a contract; one that the contract's marks say already only updates its source.
func write(edit *openapi.Editor, contract *openapi.Contract, f File) error {
	d, now := document{edit, contract.Operations(), map[string][]word{}}, renames(contract.Ledger())
	for _, o := range f.InOrder() {
		mark, present := o.mark(), *o
		present.Rule = cmp.Or(now[o.Rule], o.Rule)
		settled := present.settled()
		settled = cmp.Or(now[settled], settled)
		if !edit.Says(settled, mark.Note) {
			if err := d.apply(&present); err != nil {
				return o.wrong(err)
			}
		}
		if !edit.Mark(settled, mark) {
			return o.wrong(fmt.Errorf("the contract has no %s any more: another observation has removed it", settled))
		}
	}
	return nil
}

// wrong says which observation an error is about, and where it is written.
func (o *Observation) wrong(err error) error {
	err = fmt.Errorf("observation of %s: %w", o.Rule, err)
	if o.at == nil {
		return err
	}
	return &openapi.LineError{File: o.at.File, Line: o.at.Line, Column: o.at.Column, Reason: err.Error()}
}

// settled is the rule that an observation is known by once it is applied.
func (o *Observation) settled() string {
	schema, _, _ := strings.Cut(o.Rule, ".")
	switch {
	case o.Renamed != "":
		return schema + "." + o.Renamed
	case o.Added != nil:
		return o.Rule + "." + o.Added.Field
	case o.Request != nil && o.Request.Field != "":
		return o.Rule + "." + o.Request.Field
	}
	return o.Rule
}

const renamedFrom = "renamed from "

// renames are the rules whose fields, or what is around them, were renamed by observations that a contract has already: the
// former id and the present one.
func renames(ledger []openapi.Entry) map[string]string {
	now := map[string]string{}
	for _, e := range ledger {
		if e.Provenance.Basis != openapi.Observed || e.Inherited {
			continue
		}
		schema, _, _ := strings.Cut(e.ID, ".")
		for note := range strings.SplitSeq(e.Provenance.Note, "; ") {
			from, found := strings.CutPrefix(note, renamedFrom)
			if from, _, _ = strings.Cut(from, " (was "); !found {
				continue
			}
			for _, below := range ledger {
				if rest, found := strings.CutPrefix(below.ID+".", e.ID+"."); found {
					now[strings.TrimSuffix(schema+"."+from+"."+rest, ".")] = below.ID
				}
			}
		}
	}
	return now
}

// apply writes one observation.
func (d document) apply(o *Observation) error {
	schema, path, _ := strings.Cut(o.Rule, ".")
	switch o.Kind() {
	case "renamed":
		if err := d.edit.Move(schema, path, o.Renamed); err != nil {
			return err
		}
		for _, op := range d.operations {
			if op.Answer == schema && op.Redirect == path {
				d.edit.Redirect(op.Schema, o.Renamed)
			}
		}
	case "absent":
		d.edit.Require(schema, path, false) // it stays, so that the ledger says that it is absent
		d.edit.Show(schema, path, func(json.RawMessage) json.RawMessage { return nil })
	case "added":
		d.added(schema, path, *o.Added, true)
	case "form", "constant", "nullWhenEmpty":
		field, ok := d.edit.Field(schema, path)
		if !ok {
			return fmt.Errorf("%s has no field %s any more", schema, path)
		}
		d.value(field, o)
		d.edit.Show(schema, path, o.shown)
	case "status":
		d.edit.Response(o.Status, 200)
	case "error":
		d.err(o.Error)
	case "request":
		return d.request(o)
	}
	return nil
}

// shown is what an example shows instead of a field's value.
func (o *Observation) shown(old json.RawMessage) json.RawMessage {
	switch {
	case old == nil || o.InsteadOf != nil && text(old) != text(o.InsteadOf):
		return old
	case o.NullWhenEmpty:
		if text(old) == "" {
			return json.RawMessage("null")
		}
		return old
	case o.Constant != nil:
		return o.Constant
	}
	return o.Form.example(old)
}

func (d document) added(schema, within string, a Added, required bool) {
	path := strings.TrimPrefix(within+"."+a.Field, ".")
	field, there := d.edit.Field(schema, path)
	if there { // it is optional, and the simulator leaves it out
		d.edit.Require(schema, path, required)
	} else {
		field = d.edit.Add(schema, path, required)
	}
	if kind := typeOf(a.Example); !slices.Contains(field.Texts("type"), kind) {
		field.Delete(bounds()...)
		field.Set("type", kind)
	}
	if !a.Form.IsZero() && typeOf(a.Example) == "string" && !there {
		field.Set("pattern", a.Form.Pattern())
	}
	d.edit.Show(schema, path, func(json.RawMessage) json.RawMessage { return a.Example })
}

// bounds are the keywords that bound a value, besides its type.
func bounds() []string {
	return []string{"enum", "pattern", "x-must", "minLength", "maxLength", "format", "minimum", "exclusiveMinimum", "maximum"}
}

// replaced is the enum of a field with the observation's constant in the place of one word. ok is false where it has no such word.
func (d document) replaced(field openapi.Keywords, o *Observation) (enum []string, ok bool) {
	words := d.words[o.Rule]
	if words == nil {
		for _, w := range field.Texts("enum") {
			words = append(words, word{w, w})
		}
	}
	i := slices.IndexFunc(words, func(w word) bool { return w.old == text(o.InsteadOf) })
	if i < 0 || typeOf(o.Constant) != "string" {
		return nil, false
	}
	words[i].now = text(o.Constant)
	d.words[o.Rule] = words
	for _, w := range words {
		if !slices.Contains(enum, w.now) {
			enum = append(enum, w.now)
		}
	}
	return enum, true
}

// value writes what a field's value is.
func (d document) value(field openapi.Keywords, o *Observation) {
	switch {
	case o.NullWhenEmpty:
		field.Set("type", append(field.Texts("type"), "null"))
	case o.InsteadOf != nil:
		if enum, ok := d.replaced(field, o); ok {
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

func (d document) form(field openapi.Keywords, form Form) {
	switch kind, _, _ := strings.Cut(form.Convert, " "); kind {
	case "upper", "lower":
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

func (d document) request(o *Observation) error {
	schema, path, _ := strings.Cut(o.Rule, ".")
	r := o.Request
	if r.Enforced != nil && path == "" && r.Field == "" {
		return nil // a named rule, which is code
	}
	if path = strings.Trim(path+"."+r.Field, "."); path == "" {
		return fmt.Errorf("%s names no field", o.Rule)
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
		field.Delete("x-must", "format", "enum")
		field.Set("pattern", r.Pattern)
		if r.Must != "" {
			field.Set("x-must", r.Must)
		}
	}
	if r.Enum != nil {
		if r.Must == "" {
			field.Delete("x-must") // the words say it
		}
		field.Set("enum", r.Enum)
	}
	if r.Required != nil {
		d.edit.Require(schema, path, *r.Required)
	}
	return nil
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
