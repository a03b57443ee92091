package openapi

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// Mark gives the rule of an id in the ledger another provenance; the note of one that is observed already is kept before the new
// note. ok is false when there is no such rule.
func (e *Editor) Mark(id string, mark Provenance) (ok bool) {
	node := e.ruleNode(id)
	if node == nil {
		return false
	}
	old, own := provenance(node, Provenance{})
	switch {
	case old.Basis != Observed:
	case says(old, mark.Note):
		mark.Note = old.Note
	default:
		mark.Note = old.Note + "; " + mark.Note
	}
	if !own {
		old = e.inherited(id)
	}
	for _, field := range members(member(node, "properties")) { // they are known as before
		if member(field, "x-provenance") == nil && old.Basis != Observed {
			Keywords{field}.Set("x-provenance", old)
		}
	}
	Keywords{node}.Set("x-provenance", mark)
	return true
}

// Says reports whether the rule of an id in the ledger is marked as observed with a note, perhaps among others.
func (e *Editor) Says(id, note string) bool {
	mark, _ := provenance(e.ruleNode(id), Provenance{})
	return says(mark, note)
}

func says(p Provenance, note string) bool {
	return p.Basis == Observed && strings.Contains("; "+p.Note+"; ", "; "+note+"; ")
}

// inherited is the mark of what is around a field.
func (e *Editor) inherited(id string) (mark Provenance) {
	schema, path, _ := strings.Cut(id, ".")
	object := e.part("schemas/" + schema)
	for _, name := range strings.Split(path, ".") {
		mark, _ = provenance(object, mark)
		object = member(member(object, "properties"), name)
	}
	return mark
}

// ruleNode finds the rule of an id in the ledger.
func (e *Editor) ruleNode(id string) *yaml.Node {
	schema, path, isField := strings.Cut(id, ".")
	owner, rule, isRule := strings.Cut(id, "/")
	verb, call, isCall := strings.Cut(id, " ")
	switch {
	case isCall:
		for _, section := range []string{"paths", "webhooks"} {
			if node := member(member(e.part(section), call), strings.ToLower(verb)); node != nil {
				return node
			}
		}
		return nil
	case isRule:
		return named(member(e.part("schemas/"+owner), "x-rules"), rule)
	case isField:
		object, name := e.object(schema, path, false, false)
		return member(member(object, "properties"), name)
	}
	if node := e.part("schemas/" + id); node != nil {
		return node
	}
	if node := named(e.part("x-behaviours"), id); node != nil {
		return node
	}
	return named(member(member(member(e.part("paths"), CashierPath), "post"), "x-rules"), id)
}

func named(rules *yaml.Node, name string) *yaml.Node {
	for _, rule := range content(rules) {
		if text(member(rule, "name")) == name {
			return rule
		}
	}
	return nil
}
