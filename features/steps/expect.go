package steps

import (
	"strings"

	"mozartosim/features/cells"
	"mozartosim/openapi"
)

// expect compares a value with a cell. It returns "" or what was expected instead.
func (w *World) expect(value any, there bool, cell string) string {
	return cells.Refer(w.referred).Expect(value, there, cell)
}

// referred returns what a document of the scenario has at a path.
func (w *World) referred(document, path string) (any, bool) {
	switch document {
	case "request":
		if w.request != nil {
			return openapi.Lookup(w.request.fields, path)
		}
	case "answer":
		if a, err := w.last(); err == nil {
			return openapi.Lookup(a.doc.Fields, path)
		}
	case "user":
		if w.acting != nil {
			return openapi.Lookup(w.acting.User, path)
		}
	case "kept":
		value, ok := w.kept[path]
		return value, ok
	}
	return nil, false
}

// expectTable compares a document with a table of fields and what they are. rules names the ledger's entries of a field.
func (w *World) expectTable(what string, doc map[string]any, t cells.Table, rules func(path string) []string) error {
	pairs, err := t.Pairs("field", "what it is")
	if err != nil {
		return err
	}
	var problems, concerned []string
	for _, p := range pairs {
		value, there := openapi.Lookup(doc, p[0])
		if wanted := w.expect(value, there, p[1]); wanted != "" {
			problems = append(problems, cells.Mismatch(what, p[0], value, there, wanted))
			concerned = append(concerned, rules(p[0])...)
		}
	}
	if problems == nil {
		return nil
	}
	return &Failure{strings.Join(problems, "\n"), concerned}
}

// expectText compares a text that is absent when it is empty, such as a header's.
func (w *World) expectText(what, name, text, cell string, rules ...string) error {
	if wanted := w.expect(text, text != "", cell); wanted != "" {
		return failed(rules, "%s", cells.Mismatch(what, name, text, text != "", wanted))
	}
	return nil
}
