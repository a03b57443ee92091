package condition

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"mozartosim/openapi"
)

// function computes an operator or a function. Its values are those of a request (nil, bool, string, json.Number, []any,
// map[string]any), and decimal for the numbers of the condition itself.
type function = func(args ...any) (any, error)

// operators take two values. An absent value is neither less nor greater than any, and contains nothing.
var operators = map[string]function{
	"==":         func(args ...any) (any, error) { return equal(args[0], args[1]), nil },
	"!=":         func(args ...any) (any, error) { return !equal(args[0], args[1]), nil },
	"<":          ordered(func(sign int) bool { return sign < 0 }),
	"<=":         ordered(func(sign int) bool { return sign <= 0 }),
	">":          ordered(func(sign int) bool { return sign > 0 }),
	">=":         ordered(func(sign int) bool { return sign >= 0 }),
	"in":         within,
	"contains":   ofTexts(strings.Contains),
	"startsWith": ofTexts(strings.HasPrefix),
	"endsWith":   ofTexts(strings.HasSuffix),
}

// functions are all that a condition can call by name, each with one value; what is absent stays absent.
var functions = map[string]function{
	"len":    length,
	"lower":  ofText(strings.ToLower),
	"upper":  ofText(strings.ToUpper),
	"trim":   ofText(strings.TrimSpace),
	"string": text,
	"number": number,
}

// The names of the functions that a rewriter puts in; no condition can name them.
const (
	truthFunction  = "<truth>"
	memberFunction = "<member>"
)

var internal = map[string]function{truthFunction: truth, memberFunction: member, "matches": matches}

// kindOf names a value's kind to people; the value itself may be a secret.
func kindOf(value any) Kind {
	switch value.(type) {
	case nil:
		return "nothing"
	case decimal:
		return Number
	}
	return KindOf(openapi.TypeOf(value))
}

// truth reads a condition; an absent field is false.
func truth(args ...any) (any, error) {
	switch value := args[0].(type) {
	case nil:
		return false, nil
	case bool:
		return value, nil
	}
	return nil, fmt.Errorf("%s is not true or false", kindOf(args[0]))
}

// equal never fails: values of different kinds are different. Numbers are equal by value, 100 and 100.00.
func equal(a, b any) bool {
	if x, ok := asDecimal(a); ok {
		y, ok := asDecimal(b)
		return ok && x.compare(y) == 0
	}
	switch a.(type) {
	case nil, bool, string:
		switch b.(type) {
		case nil, bool, string:
			return a == b
		}
	}
	return false
}

// ordered compares two numbers or two texts.
func ordered(wanted func(sign int) bool) function {
	return func(args ...any) (any, error) {
		a, b := args[0], args[1]
		if a == nil || b == nil {
			return false, nil
		}
		x, number := asDecimal(a)
		if y, ok := asDecimal(b); ok && number {
			return wanted(x.compare(y)), nil
		}
		s, text := a.(string)
		if t, ok := b.(string); ok && text {
			return wanted(strings.Compare(s, t)), nil
		}
		return nil, fmt.Errorf("cannot compare %s with %s", kindOf(a), kindOf(b))
	}
}

// within is the operator `in`: an entry of a list, a name in an object.
func within(args ...any) (any, error) {
	switch in := args[1].(type) {
	case nil:
		return false, nil
	case []any:
		for _, entry := range in {
			if equal(args[0], entry) {
				return true, nil
			}
		}
		return false, nil
	case map[string]any:
		name, ok := args[0].(string)
		return ok && in[name] != nil, nil
	}
	return nil, fmt.Errorf("cannot look for something in %s", kindOf(args[1]))
}

// maxIndex bounds the entries of a list that can be read by their number.
const maxIndex = 100

// member reads a name of an object or an entry of a list; nil where there is none.
func member(args ...any) (any, error) {
	switch value := args[0].(type) {
	case map[string]any:
		if name, ok := args[1].(string); ok {
			return value[name], nil
		}
	case []any:
		if d, ok := asDecimal(args[1]); ok {
			for i := range min(len(value), maxIndex) {
				if d.compare(wholeDecimal(i)) == 0 {
					return value[i], nil
				}
			}
		}
	}
	return nil, nil
}

// ofTexts compares two texts.
func ofTexts(compare func(s, t string) bool) function {
	return func(args ...any) (any, error) {
		if args[0] == nil || args[1] == nil {
			return false, nil
		}
		s, left := args[0].(string)
		t, right := args[1].(string)
		if !left || !right {
			return nil, fmt.Errorf("needs text on both sides, not %s and %s", kindOf(args[0]), kindOf(args[1]))
		}
		return compare(s, t), nil
	}
}

// matches looks for a compiled pattern, its second value.
func matches(args ...any) (any, error) {
	pattern := args[1].(*regexp.Regexp)
	return ofTexts(func(s, _ string) bool { return pattern.MatchString(s) })(args[0], "")
}

func length(args ...any) (any, error) {
	switch value := args[0].(type) {
	case nil:
		return wholeDecimal(0), nil
	case string:
		return wholeDecimal(utf8.RuneCountInString(value)), nil
	case []any:
		return wholeDecimal(len(value)), nil
	case map[string]any:
		return wholeDecimal(len(value)), nil
	}
	return nil, fmt.Errorf("%s has no length", kindOf(args[0]))
}

func ofText(change func(string) string) function {
	return func(args ...any) (any, error) {
		switch value := args[0].(type) {
		case nil:
			return nil, nil
		case string:
			return change(value), nil
		}
		return nil, fmt.Errorf("needs text, not %s", kindOf(args[0]))
	}
}

func text(args ...any) (any, error) {
	switch value := args[0].(type) {
	case nil, string:
		return value, nil
	case json.Number:
		return string(value), nil
	case bool:
		return fmt.Sprint(value), nil
	}
	return nil, fmt.Errorf("cannot make text of %s", kindOf(args[0]))
}

// number reads a text as a number; anything else that is no number is absent.
func number(args ...any) (any, error) {
	if text, ok := args[0].(string); ok {
		if d, ok := parseDecimal(text); ok {
			return d, nil
		}
		return nil, nil
	}
	if d, ok := asDecimal(args[0]); ok {
		return d, nil
	}
	return nil, nil
}
