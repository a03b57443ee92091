package condition

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"mozartosim/openapi"
)

// wholeRequest is the name of the request itself in a condition.
const wholeRequest = "request"

// rewriter turns the parser's tree into one in which members, operators and functions are calls of the functions in values.go,
// and numbers are decimals. It keeps the first error.
type rewriter struct {
	source []rune
	fields []Field
	used   []use
	err    *Error
}

// position returns the line and column of a node, from 1.
func (r *rewriter) position(node ast.Node) (line, column int) {
	line, column = 1, 1
	for _, c := range r.source[:max(0, min(node.Location().From, len(r.source)))] {
		column++
		if c == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}

// fail records an error at a node, unless there is one already.
func (r *rewriter) fail(node ast.Node, format string, args ...any) ast.Node {
	if r.err == nil {
		line, column := r.position(node)
		r.err = &Error{line, column, fmt.Sprintf(format, args...)}
	}
	return node
}

// callOf makes the call of a function, at the position of the node that it stands for.
func callOf(at ast.Node, function string, args ...ast.Node) ast.Node {
	node := &ast.CallNode{Callee: &ast.IdentifierNode{Value: function}, Arguments: args}
	node.SetLocation(at.Location())
	return node
}

// condition rewrites a node whose value must be true, false or absent.
func (r *rewriter) condition(node ast.Node) ast.Node {
	r.uses(node, "", node)
	return callOf(node, truthFunction, r.value(node))
}

func (r *rewriter) value(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.NilNode, *ast.BoolNode, *ast.StringNode:
		return n
	case *ast.IntegerNode, *ast.FloatNode:
		return r.number(n)
	case *ast.IdentifierNode, *ast.MemberNode:
		value, name := r.path(n)
		r.read(name, n)
		return value
	case *ast.ChainNode: // a?.b: every member is optional here
		return r.value(n.Node)
	case *ast.UnaryNode:
		return r.unary(n)
	case *ast.BinaryNode:
		return r.binary(n)
	case *ast.ConditionalNode:
		return &ast.ConditionalNode{Cond: r.condition(n.Cond), Exp1: r.value(n.Exp1), Exp2: r.value(n.Exp2)}
	case *ast.CallNode:
		return r.function(n)
	case *ast.ArrayNode:
		for i, entry := range n.Nodes {
			n.Nodes[i] = r.value(entry)
		}
		return n
	case *ast.BuiltinNode:
		return r.unknownFunction(n, n.Name)
	}
	return r.fail(node, "only comparisons, logic and functions of one value can be used here")
}

// number reads a literal as it is written, because the parser keeps only a float64 of it.
func (r *rewriter) number(node ast.Node) ast.Node {
	from, to := node.Location().From, node.Location().To
	if from >= 0 && from < to && to <= len(r.source) {
		if d, ok := parseDecimal(strings.ReplaceAll(string(r.source[from:to]), "_", "")); ok {
			return &ast.ConstantNode{Value: d}
		}
	}
	return r.fail(node, "numbers are written in decimal digits")
}

// path rewrites a field, and returns its dotted name: "" when it isn't fixed or begins at `request`.
func (r *rewriter) path(node ast.Node) (value ast.Node, name string) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		request := &ast.IdentifierNode{Value: "$env"} // expr-lang's name for what Match is given
		switch n.Value {
		case wholeRequest:
			return request, wholeRequest
		case request.Value: // a field of that name
			return callOf(n, memberFunction, request, &ast.StringNode{Value: n.Value}), n.Value
		}
		return n, n.Value
	case *ast.ChainNode:
		return r.path(n.Node)
	case *ast.MemberNode:
		object, name := r.path(n.Node)
		value = callOf(n, memberFunction, object, r.value(n.Property))
		if property, fixed := n.Property.(*ast.StringNode); fixed && name != "" && name != wholeRequest {
			return value, name + "." + property.Value
		}
		r.read(name, n)
		return value, ""
	}
	return r.value(node), ""
}

// read records that the condition reads a field, or something of the whole request.
func (r *rewriter) read(name string, node ast.Node) {
	if name != "" {
		line, column := r.position(node)
		r.fields = append(r.fields, Field{name, line, column})
	}
}

func (r *rewriter) unary(n *ast.UnaryNode) ast.Node {
	switch n.Operator {
	case "not", "!":
		return &ast.UnaryNode{Operator: n.Operator, Node: r.condition(n.Node)}
	case "-":
		switch n.Node.(type) {
		case *ast.IntegerNode, *ast.FloatNode:
			if number, ok := r.number(n.Node).(*ast.ConstantNode); ok {
				return &ast.ConstantNode{Value: number.Value.(decimal).negate()}
			}
		}
	}
	return r.fail(n, "there is no arithmetic here")
}

func (r *rewriter) binary(n *ast.BinaryNode) ast.Node {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return &ast.BinaryNode{Operator: n.Operator, Left: r.condition(n.Left), Right: r.condition(n.Right)}
	case "matches":
		r.uses(n, n.Operator, n.Left)
		return callOf(n, n.Operator, r.value(n.Left), r.pattern(n.Right))
	}
	if operators[n.Operator] == nil && n.Operator != "??" {
		return r.fail(n, "the operator %s can't be used here: there is no arithmetic", n.Operator)
	}
	if _, list := n.Right.(*ast.ArrayNode); list && n.Operator != "in" {
		return r.fail(n, "only in takes a list")
	}
	if n.Operator != "in" && n.Operator != "??" {
		r.uses(n, n.Operator, n.Left, n.Right)
	}
	left, right := r.value(n.Left), r.value(n.Right)
	if n.Operator == "??" {
		return &ast.BinaryNode{Operator: n.Operator, Left: left, Right: right}
	}
	return callOf(n, n.Operator, left, right)
}

// pattern compiles the regular expression of `matches`. It must stand in the condition itself: one that came with a request
// would be compiled again and again.
func (r *rewriter) pattern(node ast.Node) ast.Node {
	text, ok := node.(*ast.StringNode)
	if !ok {
		return r.fail(node, "the pattern of matches must be a text that stands here")
	}
	pattern, err := regexp.Compile(text.Value)
	if err != nil {
		return r.fail(node, "no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return &ast.ConstantNode{Value: pattern}
}

func (r *rewriter) function(n *ast.CallNode) ast.Node {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	switch {
	case !ok:
		return r.fail(n, "only functions can be called")
	case functions[callee.Value] == nil:
		return r.unknownFunction(n, callee.Value)
	case len(n.Arguments) != 1:
		return r.fail(n, "%s takes one value", callee.Value)
	}
	if slices.Contains([]string{"lower", "upper", "trim"}, callee.Value) {
		r.uses(n, callee.Value, n.Arguments[0])
	}
	return callOf(n, callee.Value, r.value(n.Arguments[0]))
}

func (r *rewriter) unknownFunction(node ast.Node, name string) ast.Node {
	known := slices.Sorted(maps.Keys(functions))
	return r.fail(node, "there is no function %s%s", name, cmp.Or(openapi.DidYouMean(name, known), "; known are "+strings.Join(known, ", ")))
}
