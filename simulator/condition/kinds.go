package condition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"mozartosim/openapi"
)

// Kind is what a value is, in the words of error messages; "" is not known.
type Kind string

// The kinds of values.
const (
	Number  Kind = "a number"
	Text    Kind = "text"
	Boolean Kind = "true or false"
	List    Kind = "a list"
	Object  Kind = "an object"
)

// KindOf is the kind of what JSON Schema calls a type; alternatives, joined by " or ", are not known.
func KindOf(schemaType string) Kind {
	return map[string]Kind{
		"number": Number, "integer": Number, "string": Text, "boolean": Boolean, "array": List, "object": Object,
	}[schemaType]
}

// operand is a value in a condition: of a kind, or a field.
type operand struct {
	kind  Kind
	field string // dotted; "" = none
	text  string // that stands in the condition itself
}

func (o operand) resolve(find Vocabulary) Kind {
	if o.field != "" {
		f, _ := find(o.field)
		return KindOf(f.Type)
	}
	return o.kind
}

// use is an operation on values of certain kinds.
type use struct {
	line, column int
	operator     string // "" = the value alone must be true or false
	operands     []operand
}

// uses notes an operation, at a node of the parser's tree.
func (r *rewriter) uses(at ast.Node, operator string, operands ...ast.Node) {
	u := use{operator: operator}
	u.line, u.column = r.position(at)
	for _, node := range operands {
		u.operands = append(u.operands, operandOf(node))
	}
	r.used = append(r.used, u)
}

// operandOf says what the value of a node of the parser's tree is.
func operandOf(node ast.Node) operand {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return operand{kind: Number}
	case *ast.StringNode:
		return operand{kind: Text, text: n.Value}
	case *ast.BoolNode:
		return operand{kind: Boolean}
	case *ast.ArrayNode:
		return operand{kind: List}
	case *ast.ChainNode:
		return operandOf(n.Node)
	case *ast.UnaryNode:
		if n.Operator == "-" {
			return operand{kind: Number}
		}
		return operand{kind: Boolean}
	case *ast.BinaryNode:
		if n.Operator != "??" {
			return operand{kind: Boolean}
		}
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return operand{kind: map[string]Kind{"len": Number, "number": Number, "lower": Text, "upper": Text, "trim": Text, "string": Text}[callee.Value]}
		}
	case *ast.IdentifierNode, *ast.MemberNode:
		var naming rewriter
		if _, name := naming.path(n); name != wholeRequest {
			return operand{field: name}
		}
	}
	return operand{}
}

// Vocabulary finds a field that a condition reads by its dotted name: what is known of its values, or why no condition can read it.
type Vocabulary = func(name string) (f openapi.Field, unknown string)

// Check finds what can't work because of the fields that the condition reads: unknown ones; an operation that needs another kind of value,
// such as an amount alone, which is no condition, or text that is compared with a number; words that a field never is. The condition stands
// at a path of a document.
func (c *Condition) Check(path string, find Vocabulary) (problems openapi.Problems) {
	for _, f := range c.fields {
		if _, reason := find(f.Name); reason != "" {
			problems = append(problems, (&Error{f.Line, f.Column, reason}).At(path))
		}
	}
	if wrong := c.check(find); wrong != nil {
		problems = append(problems, wrong.At(path))
	}
	for _, u := range c.used {
		if reason := u.never(find); reason != "" {
			problems = append(problems, (&Error{u.line, u.column, reason}).At(path))
		}
	}
	return problems
}

// check finds the first operation that needs another kind of value.
func (c *Condition) check(find Vocabulary) *Error {
	for _, u := range c.used {
		if reason := u.wrong(find); reason != "" {
			return &Error{u.line, u.column, reason}
		}
	}
	return nil
}

// never says which text a field is compared with that it can't be, "" when there is none.
func (u use) never(find Vocabulary) string {
	if u.operator != "==" && u.operator != "!=" {
		return ""
	}
	for i, o := range u.operands {
		text := u.operands[1-i].text
		if o.field == "" || text == "" {
			continue
		}
		if f, _ := find(o.field); f.Enum != nil && !slices.Contains(f.Enum, text) {
			return fmt.Sprintf("%s is never %q: it is one of %s%s", o.field, text, strings.Join(f.Enum, ", "), openapi.DidYouMean(text, f.Enum))
		}
	}
	return ""
}

// wrong says why an operation can't work, "" when it can.
func (u use) wrong(find Vocabulary) string {
	first := u.operands[0].resolve(find)
	last := u.operands[len(u.operands)-1].resolve(find)
	switch u.operator {
	case "":
		if first != "" && first != Boolean {
			return string(first) + " is not true or false: compare it with something" + u.example(first)
		}
	case "==", "!=":
		if first != "" && last != "" && first != last {
			return string(first) + " never equals " + string(last)
		}
	case "<", "<=", ">", ">=":
		switch {
		case first == "" || last == "":
		case first != last || first != Number && first != Text:
			return "cannot compare " + string(first) + " with " + string(last)
		}
	default: // of texts
		for _, kind := range []Kind{first, last} {
			if kind != "" && kind != Text {
				return u.operator + " needs text, not " + string(kind)
			}
		}
	}
	return ""
}

// example shows how a field alone is made a condition.
func (u use) example(kind Kind) string {
	value := map[Kind]string{Number: " > 0", Text: ` == "…"`}[kind]
	if field := u.operands[0].field; field != "" && value != "" {
		return ", such as " + strings.TrimSpace(field) + value
	}
	return ""
}
