package scenario

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// The bounds of an expression.
const (
	maxExpression = 2000 // characters
	maxNodes      = 200  // of its tree
)

// Expression is a compiled condition over a request's fields. It is safe for concurrent use.
//
// The syntax is expr-lang's, and so is its parser. The tree is evaluated here, because three things must hold that
// expr-lang's machine doesn't promise: numbers compare exactly as they were written, without binary floating point (0.1,
// 100 and 100.00, 19 digits); a field that is absent is nil, never an error; and the work is bounded by the size of the
// expression times that of the request. So there are comparisons and logic, but no arithmetic, no loops and no variables.
type Expression struct {
	source string
	run    step
	fields []Field
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
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	for name := range config.Builtins {
		config.Disabled[name] = true
	}
	tree, err := parser.ParseWithConfig(source, config)
	var syntax *file.Error
	switch {
	case errors.As(err, &syntax):
		return nil, &ExpressionError{max(syntax.Line, 1), syntax.Column + 1, reword(syntax.Message)}
	case err != nil:
		return nil, &ExpressionError{1, 1, err.Error()}
	}
	c := compiler{source: []rune(source)}
	root, err := c.condition(tree.Node)
	if err != nil {
		return nil, err
	}
	return &Expression{source: source, run: root, fields: c.fields}, nil
}

// reword puts the parser's words into ours where its own are about its insides.
func reword(message string) string {
	switch {
	case strings.HasPrefix(message, "unexpected token EOF"):
		return "it ends too early"
	case strings.Contains(message, "exceeds maximum allowed nodes"):
		return fmt.Sprintf("it has more than %d parts", maxNodes)
	}
	message, _, _ = strings.Cut(message, ": strconv.")
	return message
}

// String returns the expression as it was written.
func (e *Expression) String() string { return e.source }

// Fields lists the fields that the expression reads by name; what it reads through request["…"] is not among them.
func (e *Expression) Fields() []Field { return e.fields }

// Match says whether the condition holds for a request's fields. The error is an *ExpressionError: a comparison of things
// that can't be compared, such as text with a number.
func (e *Expression) Match(request map[string]any) (bool, error) {
	value, err := e.run(request)
	if err != nil {
		return false, err
	}
	holds, _ := value.(bool)
	return holds, nil
}
