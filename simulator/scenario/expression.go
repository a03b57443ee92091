package scenario

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
)

// The bounds of an expression.
const (
	maxExpression = 2000 // characters
	maxNodes      = 200  // of its tree
)

// Expression is a compiled condition over a request's fields. It is safe for concurrent use.
//
// Syntax, parser and virtual machine are expr-lang's. Three properties are ours: numbers compare exactly as they were
// written, without binary floating point (0.1, 100 and 100.00, 19 digits); an absent field is nil, never an error; and the
// work is bounded by the size of the expression times that of the request. So there are comparisons and logic, but no
// arithmetic, no loops and no variables. See rewriter.
type Expression struct {
	source  string
	program *vm.Program
	fields  []Field
}

// Field is a field of the request that an expression reads, by its dotted name, and where it stands in the expression.
type Field struct {
	Name         string
	Line, Column int // from 1
}

// ExpressionError says what is wrong with an expression, and where in it, from 1.
type ExpressionError struct {
	Line, Column int
	Reason       string
}

func (e *ExpressionError) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("%s (line %d, column %d)", e.Reason, e.Line, e.Column)
	}
	return fmt.Sprintf("%s (column %d)", e.Reason, e.Column)
}

// NewExpression compiles a condition. Errors are *ExpressionError.
func NewExpression(source string) (*Expression, error) {
	if utf8.RuneCountInString(source) > maxExpression {
		return nil, &ExpressionError{1, 1, fmt.Sprintf("is longer than %d characters", maxExpression)}
	}
	config := conf.New(map[string]any{})
	config.MaxNodes = maxNodes
	for name := range config.Builtins {
		config.Disabled[name] = true
	}
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, expressionError(err)
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
		return nil, expressionError(err)
	}
	return &Expression{source: source, program: program, fields: r.fields}, nil
}

// expressionError takes the place and the words out of expr-lang's errors.
func expressionError(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return &ExpressionError{1, 1, err.Error()}
	}
	reason, _, _ := strings.Cut(at.Message, ": strconv.")
	switch {
	case strings.HasPrefix(reason, "unexpected token EOF"):
		reason = "it ends too early"
	case strings.Contains(reason, "exceeds maximum allowed nodes"):
		reason = fmt.Sprintf("it has more than %d parts", maxNodes)
	}
	return &ExpressionError{max(at.Line, 1), at.Column + 1, reason}
}

// String returns the expression as it was written.
func (e *Expression) String() string { return e.source }

// Fields lists the fields that the expression reads by name; what it reads through request["…"] is not among them.
func (e *Expression) Fields() []Field { return e.fields }

// Match says whether the condition is true for a request's fields. The error is an *ExpressionError: a comparison of things
// that can't be compared, such as text with a number.
func (e *Expression) Match(request map[string]any) (bool, error) {
	value, err := vm.Run(e.program, request)
	if err != nil {
		return false, expressionError(err)
	}
	matched, _ := value.(bool)
	return matched, nil
}
