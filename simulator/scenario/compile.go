package scenario

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"mozartosim/openapi"
)

// step computes one node of an expression.
type step func(request map[string]any) (any, error)

// compiler turns expr-lang's tree into steps.
type compiler struct {
	source []rune
	fields []Field
}

// whole is the name that stands for the whole request in an expression.
const whole = "request"

// fail makes an error at a node.
func (c *compiler) fail(node ast.Node, format string, args ...any) *ExpressionError {
	e := &ExpressionError{Line: 1, Column: 1, Reason: fmt.Sprintf(format, args...)}
	for _, r := range c.source[:max(0, min(node.Location().From, len(c.source)))] {
		e.Column++
		if r == '\n' {
			e.Line, e.Column = e.Line+1, 1
		}
	}
	return e
}

// at puts a node's place to the error of an operation on values.
func (c *compiler) at(node ast.Node, run step) step {
	place := c.fail(node, "")
	return func(request map[string]any) (any, error) {
		value, err := run(request)
		if err == nil {
			return value, nil
		}
		if _, placed := err.(*ExpressionError); placed {
			return nil, err
		}
		return nil, &ExpressionError{place.Line, place.Column, err.Error()}
	}
}

// condition compiles a node whose value is true or false.
func (c *compiler) condition(node ast.Node) (step, error) {
	run, err := c.value(node)
	if err != nil {
		return nil, err
	}
	return c.at(node, func(request map[string]any) (any, error) {
		value, err := run(request)
		if err != nil {
			return nil, err
		}
		return truth(value)
	}), nil
}

func (c *compiler) value(node ast.Node) (step, error) {
	switch n := node.(type) {
	case *ast.NilNode:
		return constant(nil), nil
	case *ast.BoolNode:
		return constant(n.Value), nil
	case *ast.StringNode:
		return constant(n.Value), nil
	case *ast.IntegerNode, *ast.FloatNode:
		return c.number(n)
	case *ast.IdentifierNode, *ast.MemberNode:
		return c.path(n)
	case *ast.ChainNode: // a?.b: every member is optional here
		return c.value(n.Node)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.choice(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.ArrayNode:
		return c.list(n)
	case *ast.BuiltinNode:
		return nil, c.unknownFunction(n, n.Name)
	}
	return nil, c.fail(node, "only comparisons, logic and functions of one value can be used here")
}

func constant(value any) step {
	return func(map[string]any) (any, error) { return value, nil }
}

// number takes a literal as it is written, because the parser keeps a float64 of it only.
func (c *compiler) number(node ast.Node) (step, error) {
	from, to := node.Location().From, node.Location().To
	if !literal(node) {
		return nil, c.fail(node, "needs a number that stands here")
	}
	if from >= 0 && from < to && to <= len(c.source) {
		if d, ok := parseDecimal(strings.ReplaceAll(string(c.source[from:to]), "_", "")); ok {
			return constant(d), nil
		}
	}
	return nil, c.fail(node, "numbers are written in decimal digits")
}

// literal says whether a node is a number that stands in the expression.
func literal(node ast.Node) bool {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	}
	return false
}

// path compiles a field, by its name or through others.
func (c *compiler) path(node ast.Node) (step, error) {
	run, name, err := c.walk(node)
	if err == nil && name != "" && name != whole {
		at := c.fail(node, "")
		c.fields = append(c.fields, Field{name, at.Line, at.Column})
	}
	return run, err
}

// walk returns the dotted name too, "" when it isn't fixed or leads through `request`.
func (c *compiler) walk(node ast.Node) (run step, name string, err error) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		if n.Value == whole {
			return func(request map[string]any) (any, error) { return request, nil }, whole, nil
		}
		return func(request map[string]any) (any, error) { return request[n.Value], nil }, n.Value, nil
	case *ast.ChainNode:
		return c.walk(n.Node)
	case *ast.MemberNode:
		of, name, err := c.walk(n.Node)
		if err != nil {
			return nil, "", err
		}
		key, err := c.value(n.Property)
		if err != nil {
			return nil, "", err
		}
		property, fixed := n.Property.(*ast.StringNode)
		if fixed && name != "" && name != whole {
			name += "." + property.Value
		} else {
			c.read(name, node)
			name = ""
		}
		return both(of, key, func(value, key any) (any, error) { return member(value, key), nil }), name, nil
	}
	run, err = c.value(node)
	return run, "", err
}

// read notes a field whose entries are read.
func (c *compiler) read(name string, node ast.Node) {
	if name != "" && name != whole {
		at := c.fail(node, "")
		c.fields = append(c.fields, Field{name, at.Line, at.Column})
	}
}

// both computes two values and what becomes of them.
func both(left, right step, do func(a, b any) (any, error)) step {
	return func(request map[string]any) (any, error) {
		a, err := left(request)
		if err != nil {
			return nil, err
		}
		b, err := right(request)
		if err != nil {
			return nil, err
		}
		return do(a, b)
	}
}

func (c *compiler) unary(n *ast.UnaryNode) (step, error) {
	switch n.Operator {
	case "not", "!":
		run, err := c.condition(n.Node)
		return func(request map[string]any) (any, error) {
			value, err := run(request)
			return value != true, err
		}, err
	case "-":
		if run, err := c.number(n.Node); err == nil {
			value, _ := run(nil)
			return constant(value.(decimal).negate()), nil
		}
	}
	return nil, c.fail(n, "there is no arithmetic here")
}

func (c *compiler) choice(n *ast.ConditionalNode) (step, error) {
	condition, err := c.condition(n.Cond)
	if err != nil {
		return nil, err
	}
	yes, err := c.value(n.Exp1)
	if err != nil {
		return nil, err
	}
	no, err := c.value(n.Exp2)
	return func(request map[string]any) (any, error) {
		holds, err := condition(request)
		switch {
		case err != nil:
			return nil, err
		case holds == true:
			return yes(request)
		}
		return no(request)
	}, err
}

func (c *compiler) list(n *ast.ArrayNode) (step, error) {
	entries := make([]step, len(n.Nodes))
	for i, node := range n.Nodes {
		var err error
		if entries[i], err = c.value(node); err != nil {
			return nil, err
		}
	}
	return func(request map[string]any) (any, error) {
		values := make([]any, len(entries))
		for i, entry := range entries {
			var err error
			if values[i], err = entry(request); err != nil {
				return nil, err
			}
		}
		return values, nil
	}, nil
}

func (c *compiler) call(n *ast.CallNode) (step, error) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return nil, c.fail(n, "only functions can be called")
	}
	function := functions[callee.Value]
	if function == nil {
		return nil, c.unknownFunction(n, callee.Value)
	}
	if len(n.Arguments) != 1 {
		return nil, c.fail(n, "%s takes one value", callee.Value)
	}
	run, err := c.value(n.Arguments[0])
	if err != nil {
		return nil, err
	}
	return c.at(n, func(request map[string]any) (any, error) {
		value, err := run(request)
		if err != nil {
			return nil, err
		}
		return function(value)
	}), nil
}

func (c *compiler) unknownFunction(node ast.Node, name string) *ExpressionError {
	known := slices.Sorted(maps.Keys(functions))
	if near := openapi.Similar(name, known); near != nil {
		return c.fail(node, "there is no function %s; did you mean %s?", name, near[0])
	}
	return c.fail(node, "there is no function %s; known are %s", name, strings.Join(known, ", "))
}

// pattern compiles the regular expression of `matches`, which must stand in the expression itself: one that came with a
// request would be compiled again and again.
func (c *compiler) pattern(node ast.Node) (*regexp.Regexp, error) {
	text, ok := node.(*ast.StringNode)
	if !ok {
		return nil, c.fail(node, "the pattern of matches must be a text that stands here")
	}
	re, err := regexp.Compile(text.Value)
	if err != nil {
		return nil, c.fail(node, "no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}
