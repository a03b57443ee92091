package scenario

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What an expression's operators and functions do with the values of a request: nil, bool, string, json.Number,
// []any, map[string]any, and decimal for the numbers of the expression itself.

// kindOf names a value's kind to people; the value itself may be a secret.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case bool:
		return "true or false"
	case string:
		return "text"
	case json.Number, decimal:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}

// truth reads a condition; an absent field is false.
func truth(value any) (bool, error) {
	switch value := value.(type) {
	case nil:
		return false, nil
	case bool:
		return value, nil
	}
	return false, fmt.Errorf("%s is not true or false", kindOf(value))
}

// equal never fails: values of different kinds are different. Numbers are equal by value, 100 and 100.00.
func equal(a, b any) bool {
	if x, ok := asDecimal(a); ok {
		y, ok := asDecimal(b)
		return ok && x.compare(y) == 0
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		other, ok := b.(bool)
		return ok && a == other
	case string:
		other, ok := b.(string)
		return ok && a == other
	}
	return false
}

// order compares two numbers or two texts; ok is false when either is absent, which is neither less nor greater.
func order(a, b any) (sign int, ok bool, err error) {
	if a == nil || b == nil {
		return 0, false, nil
	}
	x, number := asDecimal(a)
	y, both := asDecimal(b)
	if number && both {
		return x.compare(y), true, nil
	}
	s, text := a.(string)
	t, texts := b.(string)
	if text && texts {
		return strings.Compare(s, t), true, nil
	}
	return 0, false, fmt.Errorf("cannot compare %s with %s", kindOf(a), kindOf(b))
}

// within is the operator `in`: an entry of a list, a name in an object.
func within(value, in any) (bool, error) {
	switch in := in.(type) {
	case nil:
		return false, nil
	case []any:
		for _, entry := range in {
			if equal(value, entry) {
				return true, nil
			}
		}
		return false, nil
	case map[string]any:
		name, ok := value.(string)
		return ok && in[name] != nil, nil
	}
	return false, fmt.Errorf("cannot look for something in %s", kindOf(in))
}

// member reads a name of an object or an entry of a list; nil where there is none.
func member(value, key any) any {
	switch value := value.(type) {
	case map[string]any:
		if name, ok := key.(string); ok {
			return value[name]
		}
	case []any:
		if d, ok := asDecimal(key); ok {
			for i := range min(len(value), maxIndex) {
				if d.compare(wholeDecimal(i)) == 0 {
					return value[i]
				}
			}
		}
	}
	return nil
}

// maxIndex bounds the entries of a list that can be read by their number.
const maxIndex = 100

// texts reads the two sides of contains, startsWith and endsWith; ok is false when either is absent.
func texts(a, b any) (x, y string, ok bool, err error) {
	if a == nil || b == nil {
		return "", "", false, nil
	}
	x, left := a.(string)
	y, right := b.(string)
	if !left || !right {
		return "", "", false, fmt.Errorf("needs text on both sides, not %s and %s", kindOf(a), kindOf(b))
	}
	return x, y, true, nil
}

// functions are all that an expression can call, each with one argument; what is absent stays absent.
var functions = map[string]func(any) (any, error){
	"len": func(value any) (any, error) {
		switch value := value.(type) {
		case nil:
			return wholeDecimal(0), nil
		case string:
			return wholeDecimal(utf8.RuneCountInString(value)), nil
		case []any:
			return wholeDecimal(len(value)), nil
		case map[string]any:
			return wholeDecimal(len(value)), nil
		}
		return nil, fmt.Errorf("%s has no length", kindOf(value))
	},
	"lower": ofText(strings.ToLower),
	"upper": ofText(strings.ToUpper),
	"trim":  ofText(strings.TrimSpace),
	"string": func(value any) (any, error) {
		switch value := value.(type) {
		case nil, string:
			return value, nil
		case json.Number:
			return string(value), nil
		case bool:
			return fmt.Sprint(value), nil
		}
		return nil, fmt.Errorf("cannot make text of %s", kindOf(value))
	},
	"number": func(value any) (any, error) {
		text, ok := value.(string)
		if !ok {
			text = "-"
		}
		if d, ok := parseDecimal(text); ok {
			return d, nil
		}
		if d, ok := asDecimal(value); ok {
			return d, nil
		}
		return nil, nil
	},
}

func ofText(change func(string) string) func(any) (any, error) {
	return func(value any) (any, error) {
		switch value := value.(type) {
		case nil:
			return nil, nil
		case string:
			return change(value), nil
		}
		return nil, fmt.Errorf("needs text, not %s", kindOf(value))
	}
}
