package snippet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Line is a line of a difference: Sign is "-" for what is only in the first document, "+" for what is only in the second, and ""
// for what both have.
type Line struct{ Sign, Text string }

// Diff compares two JSON documents member by member; ok is false when one is no JSON or they are the same.
func Diff(before, after []byte) (lines []Line, ok bool) {
	a, errA := decode(before)
	b, errB := decode(after)
	if errA != nil || errB != nil {
		return nil, false
	}
	lines = diff("", "", a, b)
	return lines, slices.ContainsFunc(lines, func(l Line) bool { return l.Sign != "" })
}

func decode(text []byte) (value any, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	err = dec.Decode(&value)
	return value, err
}

// diff compares two values that stand at the same place; name is what their first line begins with.
func diff(indent, name string, a, b any) (lines []Line) {
	first, isObject := a.(map[string]any)
	second, bothObjects := b.(map[string]any)
	if !isObject || !bothObjects {
		x, y := write("", indent, name, a), write("", indent, name, b)
		if slices.Equal(x, y) {
			return x
		}
		return append(write("-", indent, name, a), write("+", indent, name, b)...)
	}
	both := maps.Clone(first)
	maps.Copy(both, second)
	lines = append(lines, Line{"", indent + name + "{"})
	for _, key := range slices.Sorted(maps.Keys(both)) {
		x, inFirst := first[key]
		y, inSecond := second[key]
		label := fmt.Sprintf("%q: ", key)
		switch {
		case !inSecond:
			lines = append(lines, write("-", indent+"  ", label, x)...)
		case !inFirst:
			lines = append(lines, write("+", indent+"  ", label, y)...)
		default:
			lines = append(lines, diff(indent+"  ", label, x, y)...)
		}
	}
	return append(lines, Line{"", indent + "}"})
}

// write makes lines of a value.
func write(sign, indent, name string, value any) (lines []Line) {
	text, err := json.MarshalIndent(value, indent, "  ")
	if err != nil { // what was decoded can be written
		return nil
	}
	for i, line := range strings.Split(string(text), "\n") {
		if i == 0 {
			line = indent + name + line
		}
		lines = append(lines, Line{sign, line})
	}
	return lines
}
