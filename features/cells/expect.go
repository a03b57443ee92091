package cells

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// Table is the rows below a step.
type Table [][]string

// Pairs are the rows of a table that has two columns; a first row that only names them is left out.
func (t Table) Pairs(name, value string) ([][2]string, error) {
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

// Refer returns what another document of the scenario has at a path: "request", "answer", "user" or "kept".
type Refer func(document, path string) (value any, there bool)

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

// Expect compares a value with a cell. It returns "" or what was expected instead:
//
//	text or number    that value; numbers by value, 100 and 100.00 are the same
//	"text"            exactly this text, no number
//	(absent) (empty) (null)
//	<any> <number> <boolean> <text> <uuid> <transaction id> <url> <amount> <token> <hex>
//	/regular expression/      <not:anything of these>
//	<request.userId> <answer.data.transactionId>     what another document has there
//
// {any} is the same as <any>: in an outline <any> is a column of its examples.
func (r Refer) Expect(value any, there bool, cell string) string {
	cell = angled(cell)
	if wrong := unreadable(cell); wrong != "" {
		return wrong
	}
	switch cell {
	case "(absent)":
		return unless(!there || value == nil, "nothing at all")
	case "(empty)":
		return unless(there && value == "", "an empty text")
	case "(null)":
		return unless(there && value == nil, "null")
	}
	if !there {
		return r.wanted(cell)
	}
	switch {
	case between(cell, '<', '>'):
		return r.expectKind(value, cell[1:len(cell)-1])
	case between(cell, '/', '/'):
		return unless(regexp.MustCompile(cell[1:len(cell)-1]).MatchString(Text(value)), "something that matches "+cell)
	case len(cell) >= 2 && cell[0] == '"' && cell[len(cell)-1] == '"':
		return unless(value == Unquote(cell[1:len(cell)-1]), "the text "+cell)
	}
	if number, ok := value.(json.Number); ok {
		return unless(sameNumber(string(number), cell), cell)
	}
	return unless(Text(value) == cell, cell)
}

// between says that a cell is something between two letters.
func between(cell string, first, last byte) bool {
	return len(cell) > 2 && cell[0] == first && cell[len(cell)-1] == last
}

// unreadable says what is wrong with a cell that stands for no value; "" for any other.
func unreadable(cell string) string {
	switch {
	case between(cell, '/', '/'):
		if _, err := regexp.Compile(cell[1 : len(cell)-1]); err != nil {
			return fmt.Sprintf("a regular expression that can be read, and %q can't: %v", cell, err)
		}
	case between(cell, '<', '>'):
		kind := cell[1 : len(cell)-1]
		other, negated := strings.CutPrefix(kind, "not:")
		_, _, refers := reference(kind)
		switch _, known := kinds()[kind]; {
		case negated:
			return unreadable(angled(other))
		case !known && !refers && kind != "any" && kind != "number" && kind != "boolean":
			return fmt.Sprintf("a kind that is known, and <%s> is not: use <any>, <number>, <boolean>, <text>, <uuid>, <transaction id>, <url>, <amount>, <token> or <hex>", kind)
		}
	}
	return ""
}

var braced = regexp.MustCompile(`^\{([a-z][^{}"]*)\}$`)

// angled is a cell with <> where it has {}.
func angled(cell string) string { return braced.ReplaceAllString(cell, "<$1>") }

// wanted words what a cell asks for.
func (r Refer) wanted(cell string) string {
	if document, path, ok := reference(strings.Trim(cell, "<>")); ok {
		if value, there := r(document, path); there {
			return fmt.Sprintf("%s, as in the %s's %s", Text(value), document, path)
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

func (r Refer) expectKind(value any, kind string) string {
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
		return unless(r.Expect(value, true, other) != "", "anything but "+other)
	}
	if document, path, ok := reference(kind); ok {
		other, there := r(document, path)
		if !there {
			return fmt.Sprintf("what the %s has as %s, which is nothing", document, path)
		}
		a, b := Text(value), Text(other)
		return unless(a == b || sameNumber(a, b), fmt.Sprintf("%s, as in the %s's %s", b, document, path))
	}
	text, ok := value.(string)
	return unless(ok && regexp.MustCompile(kinds()[kind]).MatchString(text), "<"+kind+">, written as text")
}

// reference splits "request.userId".
func reference(kind string) (document, path string, ok bool) {
	document, path, ok = strings.Cut(kind, ".")
	return document, path, ok && (document == "request" || document == "answer" || document == "kept" || document == "user")
}

// Mismatch says that a value is not what was expected.
func Mismatch(what, path string, value any, there bool, wanted string) string {
	seen := "absent"
	if there {
		seen = Clip(Text(value))
		if _, text := value.(string); text {
			seen = fmt.Sprintf("%q", seen)
		}
	}
	return fmt.Sprintf("%s %s is %s, expected %s", what, path, seen, wanted)
}

// readable is how much of a value a failure shows; the evidence has all of it.
const readable = 800

// Clip shortens a text that a failure shows.
func Clip(text string) string {
	if len(text) <= readable {
		return text
	}
	return text[:readable] + "…"
}

// sameNumber compares two decimal numbers by value.
func sameNumber(a, b string) bool {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}
