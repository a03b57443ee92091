package condition

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"mozartosim/openapi"
)

// The bounds of a condition.
const (
	maxLength = 2000 // characters
	maxNodes  = 200  // of its tree
)

// Condition is a compiled condition. It is safe for concurrent use.
type Condition struct {
	source  string
	program *vm.Program
	fields  []Field
	used    []use
}

// Field is a field that a condition reads, by its dotted name, and where it stands in the condition.
type Field struct {
	Name         string
	Line, Column int // from 1
}

// Error says what is wrong with a condition, and where in it, from 1.
type Error struct {
	Line, Column int
	Reason       string
}

func (e *Error) Error() string {
	return openapi.Problem{Reason: e.Reason, Line: e.Line, Column: e.Column}.String()
}

// At is the problem of a document whose value at a path is the condition.
func (e *Error) At(path string) openapi.Problem {
	return openapi.Problem{Path: path, Reason: "must be a condition: " + e.Reason, Line: e.Line, Column: e.Column}
}

// Compile reads a condition. Errors are *Error: its syntax, and operations that can't work whatever a request holds. What can't
// work because of the fields Check finds.
func Compile(source string) (*Condition, error) {
	if utf8.RuneCountInString(source) > maxLength {
		return nil, &Error{1, 1, fmt.Sprintf("is longer than %d characters", maxLength)}
	}
	config := conf.New(map[string]any{})
	config.MaxNodes = maxNodes
	for name := range config.Builtins {
		config.Disabled[name] = true
	}
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, newError(err)
	}
	r := rewriter{source: []rune(source)}
	tree.Node = r.condition(tree.Node)
	if r.err != nil {
		return nil, r.err
	}
	for _, table := range []map[string]function{operators, functions, internal} {
		for name, f := range table {
			config.Functions[name] = &builtin.Function{Name: name, Func: f}
		}
	}
	program, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, newError(err)
	}
	c := &Condition{source: source, program: program, fields: r.fields, used: r.used}
	if wrong := c.check(func(string) (f openapi.Field, unknown string) { return f, "" }); wrong != nil {
		return nil, wrong
	}
	return c, nil
}

// newError takes the place and the words out of expr-lang's errors.
func newError(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return &Error{1, 1, err.Error()}
	}
	reason, _, _ := strings.Cut(at.Message, ": strconv.")
	switch {
	case strings.HasPrefix(reason, "unexpected token EOF"):
		reason = "it ends too early"
	case strings.Contains(reason, "exceeds maximum allowed nodes"):
		reason = fmt.Sprintf("it has more than %d parts", maxNodes)
	}
	if _, token, ok := strings.Cut(reason, "unexpected token "); ok {
		_, token, _ = strings.Cut(token, `("`)
		reason = unexpected(strings.TrimSuffix(token, `")`))
	}
	return &Error{max(at.Line, 1), at.Column + 1, reason}
}

// unexpected says what stands where it can't, and what was meant if it is often written so in other languages.
func unexpected(token string) string {
	switch small := strings.ToLower(token); {
	case token == "=":
		return "= must be == to compare"
	case token == "&" || token == "|":
		return fmt.Sprintf("%s must be %s%s", token, token, token)
	case token != small && (small == "and" || small == "or" || small == "not"):
		return fmt.Sprintf("%s must be %s", token, small)
	}
	return "unexpected " + token
}

// String returns the condition as it was written.
func (c *Condition) String() string { return c.source }

// Fields lists the fields that the condition reads by name, and "request" for what it reads through request["…"].
func (c *Condition) Fields() []Field { return c.fields }

// Match says whether the condition is true for a request's fields. The error is an *Error: a comparison of things
// that can't be compared, such as text with a number.
func (c *Condition) Match(request map[string]any) (bool, error) {
	value, err := vm.Run(c.program, request)
	if err != nil {
		return false, newError(err)
	}
	matched, _ := value.(bool)
	return matched, nil
}
