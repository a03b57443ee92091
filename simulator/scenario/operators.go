package scenario

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// binary compiles an operator with a value on either side.
func (c *compiler) binary(n *ast.BinaryNode) (step, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return c.logic(n)
	case "matches":
		return c.matches(n)
	}
	do := operators[n.Operator]
	if do == nil && n.Operator != "??" {
		return nil, c.fail(n, "the operator %s can't be used here: there is no arithmetic", n.Operator)
	}
	if _, list := n.Right.(*ast.ArrayNode); list && n.Operator != "in" {
		return nil, c.fail(n, "only in takes a list")
	}
	left, err := c.value(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.value(n.Right)
	if err != nil {
		return nil, err
	}
	if n.Operator == "??" {
		return func(request map[string]any) (any, error) {
			value, err := left(request)
			if value != nil || err != nil {
				return value, err
			}
			return right(request)
		}, nil
	}
	return c.at(n, both(left, right, do)), nil
}

// logic computes its right side only when the left one doesn't decide.
func (c *compiler) logic(n *ast.BinaryNode) (step, error) {
	left, err := c.condition(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.condition(n.Right)
	decides := n.Operator == "or" || n.Operator == "||"
	return func(request map[string]any) (any, error) {
		value, err := left(request)
		if err != nil || value == decides {
			return value, err
		}
		return right(request)
	}, err
}

func (c *compiler) matches(n *ast.BinaryNode) (step, error) {
	left, err := c.value(n.Left)
	if err != nil {
		return nil, err
	}
	pattern, err := c.pattern(n.Right)
	if err != nil {
		return nil, err
	}
	return c.at(n, func(request map[string]any) (any, error) {
		value, err := left(request)
		if err != nil {
			return nil, err
		}
		text, _, ok, err := texts(value, "")
		return ok && pattern.MatchString(text), err
	}), nil
}

// operators are those that need both of their sides.
var operators = map[string]func(a, b any) (any, error){
	"==":         func(a, b any) (any, error) { return equal(a, b), nil },
	"!=":         func(a, b any) (any, error) { return !equal(a, b), nil },
	"<":          ordered(func(sign int) bool { return sign < 0 }),
	"<=":         ordered(func(sign int) bool { return sign <= 0 }),
	">":          ordered(func(sign int) bool { return sign > 0 }),
	">=":         ordered(func(sign int) bool { return sign >= 0 }),
	"in":         func(a, b any) (any, error) { return within(a, b) },
	"contains":   compared(strings.Contains),
	"startsWith": compared(strings.HasPrefix),
	"endsWith":   compared(strings.HasSuffix),
}

func ordered(holds func(sign int) bool) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		sign, ok, err := order(a, b)
		return ok && holds(sign), err
	}
}

func compared(holds func(s, t string) bool) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		s, t, ok, err := texts(a, b)
		return ok && holds(s, t), err
	}
}
