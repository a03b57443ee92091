package drift

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// errAllowed says that the contract lets this be already: then the side that differs from it has to change, not the contract.
var errAllowed = errors.New("the contract allows it already")

// settler writes the changes that would make the contract say what a run saw.
type settler struct {
	*book
	facts *facts
	truth *evidence.Run
}

// settle changes the book so that the contract says what b saw; d must have been turned so that b is the truth.
func (s *settler) settle(d difference) (says string, err error) {
	switch {
	case d.kind == ChangedStatus:
		return s.status(d)
	case d.about != "":
		return s.behaviour(d)
	case d.echo:
		return "", errors.New("what a value repeats, the contract says in words only")
	case d.schema == "" || d.path == "" && d.kind != Renamed:
		return "", errByHand
	}
	switch d.kind {
	case Added:
		return s.property(d)
	case Missing:
		return s.optional(d)
	case Renamed:
		return s.rename(d)
	case ChangedType:
		return s.kind(d)
	case ChangedFormat:
		return s.form(d)
	case ChangedText:
		return s.text(d)
	}
	return "", errByHand
}

// mark is the provenance of a change, as flow YAML.
func (s *settler) mark(note string) string {
	return markText(openapi.Provenance{Basis: openapi.Documented, Source: source(s.truth), Note: note})
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

// property adds an undocumented field.
func (s *settler) property(d difference) (string, error) {
	path := withoutIndex(d.path)
	if _, known := s.facts.field(d.schema, path); known {
		return "", errAllowed
	}
	holder, ok := s.schema(d.schema, parent(path))
	if !ok {
		return "", errByHand
	}
	properties, ok := within(s.follow(holder), "properties")
	if !ok {
		return "", errByHand
	}
	return "name the field in the contract", s.add(properties.file, properties.key, properties.value, base(path), s.schemaText(d.is, ""))
}

// schemaText is a field's schema as one line of YAML.
func (s *settler) schemaText(l leaf, note string) string {
	kind := l.kind
	if kind == "null" {
		kind = "'null'"
	}
	text := "{type: " + kind
	switch look := s.facts.look(l.text); {
	case l.kind != "string":
	case number(look): // one value does not tell how many digits others have
		text += `, pattern: '^-?\d+(\.\d+)?$'`
	case look.pattern != "":
		text += ", pattern: '" + look.pattern + "'"
	}
	return text + ", x-provenance: " + s.mark(note) + "}"
}

// optional takes a field that does not come off the required ones.
func (s *settler) optional(d difference) (string, error) {
	path := withoutIndex(d.path)
	known, ok := s.facts.field(d.schema, path)
	if !ok || !known.Required || path != d.path {
		return "", errAllowed
	}
	list, ok := s.required(d.schema, path)
	if !ok {
		return "", errByHand
	}
	i := slices.IndexFunc(list.value.Content, func(n *yaml.Node) bool { return n.Value == base(path) })
	if i < 0 {
		return "", errByHand
	}
	return "the field may be absent", s.remove(list.file, list.value, i)
}

func (s *settler) required(schema, path string) (spot, bool) {
	holder, ok := s.schema(schema, parent(path))
	if !ok {
		return spot{}, false
	}
	return within(s.follow(holder), "required")
}

// rename gives a field its other name: the property, where it is required, where it is the redirect, and in the examples.
func (s *settler) rename(d difference) (string, error) {
	if d.to == "" || parent(d.path) != parent(d.to) {
		return s.move(d)
	}
	field, ok := s.schema(d.schema, d.path)
	if !ok {
		return "", errAllowed
	}
	if err := s.put(field.file, field.key, scalar(base(d.to))); err != nil {
		return "", err
	}
	if list, ok := s.required(d.schema, d.path); ok {
		for _, item := range list.value.Content {
			if item.Value == base(d.path) {
				if err := s.put(list.file, item, scalar(base(d.to))); err != nil {
					return "", err
				}
			}
		}
	}
	if err := s.redirect(d); err != nil {
		return "", err
	}
	return "rename the property", s.examples(d.schema, d.path, func(at spot) error { return s.put(at.file, at.key, scalar(base(d.to))) })
}

// redirect changes x-flow where the renamed field is the redirect.
func (s *settler) redirect(d difference) error {
	for _, op := range s.facts.contract.Operations() {
		if op.Answer != d.schema || op.Redirect != d.path {
			continue
		}
		request, _ := s.component("schemas/" + op.Schema)
		at, ok := within(request, "x-flow", "redirect")
		if !ok {
			return errByHand
		}
		if err := s.put(at.file, at.value, d.to); err != nil {
			return err
		}
	}
	return nil
}

// move takes a field to another object of its schema, which it makes where there is none.
func (s *settler) move(d difference) (string, error) {
	field, ok := s.schema(d.schema, d.path)
	list, required := s.required(d.schema, d.path)
	above := parent(parent(d.to))
	if !ok || !required || d.was.kind == "object" || parent(d.to) == "" || above != parent(d.path) {
		return "", errByHand
	}
	end, ok := s.end(field.file, field.value)
	if !ok || field.value.Line != field.key.Line || field.value.Anchor != "" {
		return "", errByHand
	}
	if _, there := s.schema(d.schema, parent(d.to)); there {
		return "", errByHand
	}
	line := []rune(s.files[field.file][field.key.Line-1])
	indent := string(line[:field.key.Column-1])
	value := string(line[field.value.Column-1 : end])
	i := slices.IndexFunc(list.value.Content, func(n *yaml.Node) bool { return n.Value == base(d.path) })
	if i >= 0 {
		if err := s.put(list.file, list.value.Content[i], scalar(base(parent(d.to)))); err != nil {
			return "", err
		}
	}
	s.splice(field.file, field.key.Line, field.key.Line,
		indent+scalar(base(parent(d.to)))+":",
		indent+"  type: object",
		indent+"  required: ["+scalar(base(d.to))+"]",
		indent+"  properties: {"+scalar(base(d.to))+": "+value+"}",
		indent+"  x-provenance: "+s.mark(""))
	return "move the property", nil
}

// kind gives a field another type; null beside the type that it has.
func (s *settler) kind(d difference) (string, error) {
	known, ok := s.facts.field(d.schema, d.path)
	if !ok || strings.Contains(d.path, "[") {
		return "", errByHand
	}
	if slices.Contains(strings.Split(known.Type, " or "), d.is.kind) {
		return "", errAllowed
	}
	field, found := s.schema(d.schema, d.path)
	if !found || d.is.kind == "object" || d.is.kind == "array" {
		return "", errByHand
	}
	text := s.schemaText(d.is, "")
	if d.is.kind == "null" {
		text = "{type: [" + strings.ReplaceAll(known.Type, " or ", ", ") + ", 'null'], x-provenance: " + s.mark("") + "}"
	}
	return "give the field the type that was seen", s.replace(field, text)
}

// form gives a field another pattern, or says how its number is written.
func (s *settler) form(d difference) (string, error) {
	field, ok := s.schema(d.schema, d.path)
	if !ok {
		return "", errByHand
	}
	if d.is.kind == "number" {
		return "say how the number is written", s.provenance(field, s.mark("written as "+d.b))
	}
	known, _ := s.facts.field(d.schema, d.path)
	if known.pattern == nil || known.pattern.MatchString(d.is.text) {
		if known.pattern != nil {
			return "", errAllowed
		}
		return "say which form the text has", s.provenance(field, s.mark("seen as "+d.b))
	}
	text := s.schemaText(d.is, "")
	if !strings.Contains(text, "pattern") {
		text = "{type: string, minLength: 1, x-provenance: " + s.mark("") + "}"
	}
	return "give the field the form that was seen", s.replace(field, text)
}

// text writes another constant: into the enum, or into the examples that show it.
func (s *settler) text(d difference) (string, error) {
	if known, ok := s.facts.field(d.schema, d.path); ok && len(known.Enum) > 0 && d.is.kind == d.was.kind {
		if slices.Contains(known.Enum, d.is.text) {
			return "", errAllowed
		}
		return s.enum(d, known)
	}
	if strings.HasPrefix(d.path, "errors[") && d.op != nil {
		if says, err := s.must(d); err == nil {
			return says, nil
		}
	}
	changed := 0
	err := s.examples(d.schema, d.path, func(at spot) error {
		if at.value.Value != d.was.text {
			return nil
		}
		changed++
		return s.put(at.file, at.value, literal(d.is))
	})
	if err == nil && changed == 0 {
		err = errors.New("the contract fixes no text there; it stands in the provider's file under simulator/provider")
	}
	return "write the text that was seen", err
}

func (s *settler) enum(d difference, known fact) (string, error) {
	field, ok := s.schema(d.schema, d.path)
	if !ok {
		return "", errByHand
	}
	list, ok := within(field, "enum")
	if !ok { // a shared list stays as it is for the others
		words := make([]string, len(known.Enum))
		for i, word := range known.Enum {
			words[i] = literal(leaf{kind: d.is.kind, text: word})
			if word == d.was.text {
				words[i] = literal(d.is)
			}
		}
		if err := s.replace(field, "{type: "+d.is.kind+", enum: ["+strings.Join(words, ", ")+"], x-provenance: "+s.mark("")+"}"); err != nil {
			return "", err
		}
	} else if err := s.word(list, d); err != nil {
		return "", err
	}
	return "write the text that was seen", s.examples(d.schema, d.path, func(at spot) error {
		if at.value.Value != d.was.text {
			return nil
		}
		return s.put(at.file, at.value, literal(d.is))
	})
}

// word replaces one word of a list.
func (s *settler) word(list spot, d difference) error {
	for _, item := range list.value.Content {
		if item.Value == d.was.text {
			return s.put(list.file, item, literal(d.is))
		}
	}
	return errByHand
}

// literal is a value as YAML.
func literal(l leaf) string {
	if l.kind == "string" {
		return scalar(l.text)
	}
	return l.text
}

// must rewords a complaint about a request's field, where the contract has its words.
func (s *settler) must(d difference) (string, error) {
	name, was, _ := strings.Cut(d.was.text, " must ")
	other, is, found := strings.Cut(d.is.text, " must ")
	field, ok := s.schema(d.op.Schema, name)
	if !ok || !found || other != name {
		return "", errByHand
	}
	at, ok := within(s.follow(field), "x-must")
	if !ok || at.value.Value != was {
		return "", errByHand
	}
	return "reword what a value must do", s.put(at.file, at.value, scalar(is))
}

// examples visits a path in every example of a schema: the one of its name and those whose names go on behind it. For the
// errors, which have no example of their names, it visits all of cashier.yaml's.
func (s *settler) examples(schema, path string, do func(at spot) error) error {
	keys := append([]string{"value"}, strings.Split(withoutIndex(path), ".")...)
	for _, file := range s.names() {
		root, err := s.root(file)
		if err != nil {
			return err
		}
		all, ok := within(spot{file: file, value: root}, "components", "examples")
		if !ok {
			continue
		}
		for i := 0; i < len(all.value.Content); i += 2 {
			mine := strings.HasPrefix(all.value.Content[i].Value, schema) || strings.Contains(schema, "Error") && file == "cashier.yaml"
			if at, ok := within(spot{file: file, value: all.value.Content[i+1]}, keys...); ok && mine {
				if err := do(at); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
