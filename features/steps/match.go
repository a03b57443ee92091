package steps

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/cucumber/godog"
)

// table is the rows below a step.
type table [][]string

func newTable(below *godog.Table) table {
	var rows table
	for _, row := range below.Rows {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, cell.Value)
		}
		rows = append(rows, cells)
	}
	return rows
}

// pairs are the rows of a table that has two columns; a first row that only names them is left out.
func (t table) pairs(name, value string) ([][2]string, error) {
	var pairs [][2]string
	for i, row := range t {
		if len(row) != 2 {
			return nil, fmt.Errorf("a row of the table must have two cells, %s and %s; row %d has %d", name, value, i+1, len(row))
		}
		if i > 0 || row[0] != name {
			pairs = append(pairs, [2]string{row[0], row[1]})
		}
	}
	return pairs, nil
}

// kinds are what a cell such as <uuid> stands for, beside <any> and (absent).
func kinds() map[string]string {
	return map[string]string{
		"transaction id": `^[0-9a-f]{24}$`,
		"uuid":           `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`,
		"url":            `^https?://[^\s]+$`,
		"amount":         `^\d+\.\d{2}$`,
		"text":           `.`,
		"token":          `^[A-Za-z0-9_.-]{16,}$`,
		"payone id":      `^po-[0-9a-f]{12}$`,
		"hex":            `^[0-9a-f]+$`,
	}
}

// expect compares a value with a cell. It returns "" or what was expected instead:
//
//	text or number    that value; numbers by value, 100 and 100.00 are the same
//	"text"            exactly this text, no number
//	(absent) (empty) (null)
//	<any> <number> <boolean> <text> <uuid> <transaction id> <url> <amount> <token> <hex>
//	/regular expression/      <not:anything of these>
//	<request.userId> <answer.data.transactionId>     what another document has there
func (w *World) expect(value any, there bool, cell string) string {
	switch cell {
	case "(absent)":
		return unless(!there || value == nil, "nothing at all")
	case "(empty)":
		return unless(there && value == "", "an empty text")
	case "(null)":
		return unless(there && value == nil, "null")
	}
	if !there {
		return wanted(w, cell)
	}
	switch {
	case len(cell) > 2 && cell[0] == '<' && cell[len(cell)-1] == '>':
		return expectKind(w, value, cell[1:len(cell)-1])
	case len(cell) > 2 && cell[0] == '/' && cell[len(cell)-1] == '/':
		expression, err := regexp.Compile(cell[1 : len(cell)-1])
		if err != nil {
			return fmt.Sprintf("a regular expression that can be read, and %q can't: %v", cell, err)
		}
		return unless(expression.MatchString(shown(value)), "something that matches "+cell)
	case len(cell) >= 2 && cell[0] == '"' && cell[len(cell)-1] == '"':
		return unless(value == unquote(cell[1:len(cell)-1]), "the text "+cell)
	}
	if number, ok := value.(json.Number); ok {
		return unless(sameNumber(string(number), cell), cell)
	}
	return unless(shown(value) == cell, cell)
}

// wanted words what a cell asks for.
func wanted(w *World, cell string) string {
	if document, path, ok := reference(strings.Trim(cell, "<>")); ok {
		if value, there := w.referred(document, path); there {
			return fmt.Sprintf("%s, as in the %s's %s", shown(value), document, path)
		}
	}
	return cell
}

func unless(ok bool, wanted string) string {
	if ok {
		return ""
	}
	return wanted
}

func expectKind(w *World, value any, kind string) string {
	switch kind {
	case "any":
		return ""
	case "number":
		_, ok := value.(json.Number)
		return unless(ok, "a number")
	case "boolean":
		_, ok := value.(bool)
		return unless(ok, "true or false")
	}
	if other, negated := strings.CutPrefix(kind, "not:"); negated {
		return unless(w.expect(value, true, other) != "", "anything but "+other)
	}
	if document, path, ok := reference(kind); ok {
		other, there := w.referred(document, path)
		if !there {
			return fmt.Sprintf("what the %s has as %s, which is nothing", document, path)
		}
		a, b := shown(value), shown(other)
		return unless(a == b || sameNumber(a, b), fmt.Sprintf("%s, as in the %s's %s", b, document, path))
	}
	pattern, known := kinds()[kind]
	if !known {
		return fmt.Sprintf("a kind that is known, and <%s> is not: use <any>, <number>, <boolean>, <text>, <uuid>, <transaction id>, <url>, <amount>, <token> or <hex>", kind)
	}
	text, ok := value.(string)
	return unless(ok && regexp.MustCompile(pattern).MatchString(text), "<"+kind+">, written as text")
}

// reference splits "request.userId".
func reference(kind string) (document, path string, ok bool) {
	document, path, ok = strings.Cut(kind, ".")
	return document, path, ok && (document == "request" || document == "answer" || document == "kept" || document == "user")
}

func (w *World) referred(document, path string) (any, bool) {
	switch document {
	case "request":
		if w.request != nil {
			return lookup(w.request.fields, path)
		}
	case "answer":
		if a, err := w.last(); err == nil {
			return lookup(a.doc.Fields, path)
		}
	case "user":
		if w.acting != nil {
			return lookup(w.acting.User, path)
		}
	case "kept":
		value, ok := w.kept[path]
		return value, ok
	}
	return nil, false
}

// expectTable compares a document with a table of fields and what they are. rules names the ledger's entries of a field.
func (w *World) expectTable(what string, doc map[string]any, t table, rules func(path string) []string) error {
	pairs, err := t.pairs("field", "what it is")
	if err != nil {
		return err
	}
	var problems, concerned []string
	for _, p := range pairs {
		value, there := lookup(doc, p[0])
		if wanted := w.expect(value, there, p[1]); wanted != "" {
			problems = append(problems, mismatch(what, p[0], value, there, wanted))
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
		return failed(rules, "%s", mismatch(what, name, text, text != "", wanted))
	}
	return nil
}

func mismatch(what, path string, value any, there bool, wanted string) string {
	seen := "absent"
	if there {
		seen = clip(shown(value))
		if _, text := value.(string); text {
			seen = fmt.Sprintf("%q", seen)
		}
	}
	return fmt.Sprintf("%s %s is %s, expected %s", what, path, seen, wanted)
}

// readable is how much of a value a failure shows; the evidence has all of it.
const readable = 800

func clip(text string) string {
	if len(text) <= readable {
		return text
	}
	return text[:readable] + "…"
}
