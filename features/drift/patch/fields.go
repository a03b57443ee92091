package patch

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// errAlreadyAllowed says that the contract need not change: the side that differs from it has to.
var errAlreadyAllowed = errors.New("the contract allows it already")

// patcher changes the contract's files to what a run shows.
type patcher struct {
	contractFiles
	contract *openapi.Contract
	run      *evidence.Run
}

// patch makes the change for a difference; its b must be the observed side.
func (p *patcher) patch(d change) (words string, err error) {
	switch {
	case d.Kind == drift.ChangedStatus:
		return p.status(d)
	case d.About != "":
		return p.behaviour(d)
	case d.Echo:
		return "", errors.New("the contract describes in words only what a value repeats")
	case d.Schema == "" || d.Path == "" && d.Kind != drift.Renamed:
		return "", errManual
	}
	switch d.Kind {
	case drift.Added:
		return p.property(d)
	case drift.Missing:
		return p.optional(d)
	case drift.Renamed:
		return p.rename(d)
	case drift.ChangedType:
		return p.kind(d)
	case drift.ChangedFormat:
		return p.form(d)
	case drift.ChangedText:
		return p.text(d)
	}
	return "", errManual
}

// mark is the provenance of a change, as flow-style YAML.
func (p *patcher) mark(note string) string {
	return markText(openapi.Provenance{Basis: openapi.Documented, Source: drift.Source(p.run), Note: note})
}

func markText(p openapi.Provenance) string {
	text := "{basis: " + string(p.Basis)
	if p.Source != "" {
		text += ", source: " + strconv.Quote(p.Source)
	}
	if p.Note != "" {
		text += ", note: " + strconv.Quote(p.Note)
	}
	return text + "}"
}

// fieldOf is what the contract says about the field at a path; an array's items count as the array.
func fieldOf(contract *openapi.Contract, schema, path string) (openapi.Field, bool) {
	fields := contract.FieldsOf(schema)
	i := slices.IndexFunc(fields, func(f openapi.Field) bool { return f.Path == withoutIndex(path) })
	if i < 0 {
		return openapi.Field{}, false
	}
	return fields[i], true
}

// property declares a new field.
func (p *patcher) property(d change) (string, error) {
	path := withoutIndex(d.Path)
	if _, known := fieldOf(p.contract, d.Schema, path); known {
		return "", errAlreadyAllowed
	}
	holder, ok := p.schema(d.Schema, parent(path))
	if !ok {
		return "", errManual
	}
	properties, ok := within(p.follow(holder), "properties")
	if !ok {
		return "", errManual
	}
	return "declare the field", p.add(properties.file, properties.value, base(path), p.schemaText(d.is, ""))
}

// schemaText is a field's schema as one line of YAML.
func (p *patcher) schemaText(l drift.Value, note string) string {
	kind := l.Kind
	if kind == "null" {
		kind = "'null'"
	}
	text := "{type: " + kind
	if pattern := drift.PatternOf(l); pattern != "" {
		text += ", pattern: '" + pattern + "'"
	}
	return text + ", x-provenance: " + p.mark(note) + "}"
}

// optional removes a missing field from the required ones.
func (p *patcher) optional(d change) (string, error) {
	path := withoutIndex(d.Path)
	known, ok := fieldOf(p.contract, d.Schema, path)
	if !ok || !known.Required || path != d.Path {
		return "", errAlreadyAllowed
	}
	list, ok := p.required(d.Schema, path)
	if !ok {
		return "", errManual
	}
	i := slices.IndexFunc(list.value.Content, func(n *yaml.Node) bool { return n.Value == base(path) })
	if i < 0 {
		return "", errManual
	}
	return "the field may be absent", p.remove(list.file, list.value, i)
}

func (p *patcher) required(schema, path string) (location, bool) {
	holder, ok := p.schema(schema, parent(path))
	if !ok {
		return location{}, false
	}
	return within(p.follow(holder), "required")
}

// rename renames a field: the property, in the list of required ones, as the redirect, and in the examples.
func (p *patcher) rename(d change) (string, error) {
	if d.To == "" || parent(d.Path) != parent(d.To) {
		return p.move(d)
	}
	field, ok := p.schema(d.Schema, d.Path)
	if !ok {
		return "", errAlreadyAllowed
	}
	if err := p.put(field.file, field.key, scalar(base(d.To))); err != nil {
		return "", err
	}
	if list, ok := p.required(d.Schema, d.Path); ok {
		for _, item := range list.value.Content {
			if item.Value == base(d.Path) {
				if err := p.put(list.file, item, scalar(base(d.To))); err != nil {
					return "", err
				}
			}
		}
	}
	if err := p.redirect(d); err != nil {
		return "", err
	}
	return "rename the property", p.examples(d.Schema, d.Path, func(at location) error { return p.put(at.file, at.key, scalar(base(d.To))) })
}

// redirect changes x-flow when the renamed field is the redirect.
func (p *patcher) redirect(d change) error {
	for _, op := range p.contract.Operations() {
		if op.Answer != d.Schema || op.Redirect != d.Path {
			continue
		}
		request, _ := p.component("schemas/" + op.Schema)
		at, ok := within(request, "x-flow", "redirect")
		if !ok {
			return errManual
		}
		if err := p.put(at.file, at.value, d.To); err != nil {
			return err
		}
	}
	return nil
}

// move moves a field into a new object of its schema.
func (p *patcher) move(d change) (string, error) {
	field, ok := p.schema(d.Schema, d.Path)
	list, required := p.required(d.Schema, d.Path)
	above := parent(parent(d.To))
	if !ok || !required || d.was.Kind == "object" || parent(d.To) == "" || above != parent(d.Path) {
		return "", errManual
	}
	end, ok := p.end(field.file, field.value)
	if !ok || field.value.Line != field.key.Line || field.value.Anchor != "" {
		return "", errManual
	}
	if _, there := p.schema(d.Schema, parent(d.To)); there {
		return "", errManual
	}
	line := []rune(p.contractFiles[field.file].lines[field.key.Line-1])
	indent := string(line[:field.key.Column-1])
	value := string(line[field.value.Column-1 : end])
	i := slices.IndexFunc(list.value.Content, func(n *yaml.Node) bool { return n.Value == base(d.Path) })
	if i >= 0 {
		if err := p.put(list.file, list.value.Content[i], scalar(base(parent(d.To)))); err != nil {
			return "", err
		}
	}
	p.splice(field.file, field.key.Line, field.key.Line,
		indent+scalar(base(parent(d.To)))+":",
		indent+"  type: object",
		indent+"  required: ["+scalar(base(d.To))+"]",
		indent+"  properties: {"+scalar(base(d.To))+": "+value+"}",
		indent+"  x-provenance: "+p.mark(""))
	return "move the property", nil
}

// kind gives a field another type; null as an additional one.
func (p *patcher) kind(d change) (string, error) {
	known, ok := fieldOf(p.contract, d.Schema, d.Path)
	if !ok || strings.Contains(d.Path, "[") {
		return "", errManual
	}
	if slices.Contains(strings.Split(known.Type, " or "), d.is.Kind) {
		return "", errAlreadyAllowed
	}
	field, found := p.schema(d.Schema, d.Path)
	if !found || d.is.Kind == "object" || d.is.Kind == "array" {
		return "", errManual
	}
	text := p.schemaText(d.is, "")
	if d.is.Kind == "null" {
		text = "{type: [" + strings.ReplaceAll(known.Type, " or ", ", ") + ", 'null'], x-provenance: " + p.mark("") + "}"
	}
	return "use the observed type", p.replace(field, text)
}

// form gives a field another pattern, or notes how its number is written.
func (p *patcher) form(d change) (string, error) {
	field, ok := p.schema(d.Schema, d.Path)
	if !ok {
		return "", errManual
	}
	if d.is.Kind == "number" {
		return "note how the number is written", p.provenance(field, p.mark("written as "+d.B))
	}
	known, _ := fieldOf(p.contract, d.Schema, d.Path)
	pattern, err := regexp.Compile(known.Pattern)
	if undescribed := known.Pattern == "" || err != nil; undescribed || pattern.MatchString(d.is.Text) {
		if !undescribed {
			return "", errAlreadyAllowed
		}
		return "note the format of the text", p.provenance(field, p.mark("seen as "+d.B))
	}
	text := p.schemaText(d.is, "")
	if !strings.Contains(text, "pattern") {
		text = "{type: string, minLength: 1, x-provenance: " + p.mark("") + "}"
	}
	return "use the observed format", p.replace(field, text)
}

// text writes another constant: into the enum, or into the examples that show it.
func (p *patcher) text(d change) (string, error) {
	if known, ok := fieldOf(p.contract, d.Schema, d.Path); ok && len(known.Enum) > 0 && d.is.Kind == d.was.Kind {
		if slices.Contains(known.Enum, d.is.Text) {
			return "", errAlreadyAllowed
		}
		return p.enum(d, known)
	}
	if strings.HasPrefix(d.Path, "errors[") && d.Op != nil {
		if words, err := p.requirement(d); err == nil {
			return words, nil
		}
	}
	changed := 0
	err := p.examples(d.Schema, d.Path, func(at location) error {
		if at.value.Value != d.was.Text {
			return nil
		}
		changed++
		return p.put(at.file, at.value, literal(d.is))
	})
	if err == nil && changed == 0 {
		err = errors.New("the contract has no text there; it is in the provider's file in simulator/provider")
	}
	return "use the observed text", err
}

func (p *patcher) enum(d change, known openapi.Field) (string, error) {
	field, ok := p.schema(d.Schema, d.Path)
	if !ok {
		return "", errManual
	}
	list, ok := within(field, "enum")
	if !ok { // a shared list stays as it is for other fields
		words := make([]string, len(known.Enum))
		for i, word := range known.Enum {
			words[i] = literal(drift.Value{Kind: d.is.Kind, Text: word})
			if word == d.was.Text {
				words[i] = literal(d.is)
			}
		}
		if err := p.replace(field, "{type: "+d.is.Kind+", enum: ["+strings.Join(words, ", ")+"], x-provenance: "+p.mark("")+"}"); err != nil {
			return "", err
		}
	} else if err := p.word(list, d); err != nil {
		return "", err
	}
	return "use the observed text", p.examples(d.Schema, d.Path, func(at location) error {
		if at.value.Value != d.was.Text {
			return nil
		}
		return p.put(at.file, at.value, literal(d.is))
	})
}

// word replaces one word of a list.
func (p *patcher) word(list location, d change) error {
	for _, item := range list.value.Content {
		if item.Value == d.was.Text {
			return p.put(list.file, item, literal(d.is))
		}
	}
	return errManual
}

// literal is a value as YAML.
func literal(l drift.Value) string {
	if l.Kind == "string" {
		return scalar(l.Text)
	}
	return l.Text
}

// requirement changes the words for what a field of the request must be, if the contract has them.
func (p *patcher) requirement(d change) (string, error) {
	name, was, _ := strings.Cut(d.was.Text, " must ")
	other, is, found := strings.Cut(d.is.Text, " must ")
	field, ok := p.schema(d.Op.Schema, name)
	if !ok || !found || other != name {
		return "", errManual
	}
	at, ok := within(p.follow(field), "x-must")
	if !ok || at.value.Value != was {
		return "", errManual
	}
	return "use the observed words for what the value must be", p.put(at.file, at.value, scalar(is))
}

// examples visits a path in every example of a schema: those whose names begin with the schema's. Errors have no examples of
// their names; for them it visits all of cashier.yaml's.
func (p *patcher) examples(schema, path string, do func(at location) error) error {
	keys := append([]string{"value"}, strings.Split(withoutIndex(path), ".")...)
	for _, file := range p.names() {
		if file != "cashier.yaml" && !p.mentions(file, schema) {
			continue
		}
		root, err := p.root(file)
		if err != nil {
			return err
		}
		all, ok := within(location{file: file, value: root}, "components", "examples")
		if !ok {
			continue
		}
		for i := 0; i < len(all.value.Content); i += 2 {
			mine := strings.HasPrefix(all.value.Content[i].Value, schema) || strings.Contains(schema, "Error") && file == "cashier.yaml"
			if at, ok := within(location{file: file, value: all.value.Content[i+1]}, keys...); ok && mine {
				if err := do(at); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
