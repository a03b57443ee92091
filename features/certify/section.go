package certify

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
)

// problems collects what is wrong with a file.
type problems struct {
	y     *openapi.YAML
	found []error
}

// all joins them in the order of the file; nil when there are none.
func (p *problems) all() error {
	place := func(err error) (line, column int) {
		var at *openapi.LineError
		if errors.As(err, &at) {
			return at.Line, at.Column
		}
		return 0, 0
	}
	slices.SortStableFunc(p.found, func(a, b error) int {
		lineA, columnA := place(a)
		lineB, columnB := place(b)
		return cmp.Or(cmp.Compare(lineA, lineB), cmp.Compare(columnA, columnB))
	})
	return errors.Join(p.found...)
}

// section is one mapping of the file, with its place in it. One that is absent has no fields.
type section struct {
	*problems
	path   string
	fields map[string]any
}

func (s section) at(name string) string { return strings.Trim(s.path+"."+name, ".") }

// wrong notes what a field must be; "" is the section itself.
func (s section) wrong(name, must string) {
	path := s.at(name)
	word := path
	if word == "" {
		word = "the file"
	}
	s.found = append(s.found, s.y.At(path, word+" "+must))
}

// only refuses every other field.
func (s section) only(names ...string) {
	for _, name := range sortedNames(s.fields) {
		if slices.Contains(names, name) {
			continue
		}
		hint := "; known are " + strings.Join(names, ", ")
		if near := openapi.Similar(name, names); near != nil {
			hint = "; did you mean " + near[0] + "?"
		}
		s.found = append(s.found, s.y.At(s.at(name), s.at(name)+" is not known here"+hint))
	}
}

func sortedNames(fields map[string]any) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// object returns a mapping below this one.
func (s section) object(name string) section {
	below := section{s.problems, s.at(name), nil}
	switch value := s.fields[name].(type) {
	case nil:
	case map[string]any:
		below.fields = value
	default:
		s.wrong(name, "must be a mapping")
	}
	return below
}

// need is object for one that must be there.
func (s section) need(name string) section {
	if s.fields[name] == nil && (s.fields != nil || s.path == "") {
		s.wrong(name, "is missing")
	}
	return s.object(name)
}

// list returns the mappings of a list, of which there must be one at least.
func (s section) list(name string) (all []section) {
	items, ok := s.fields[name].([]any)
	if !ok || len(items) == 0 {
		s.wrong(name, "must be a list with one entry at least")
		return nil
	}
	for i, item := range items {
		below := section{s.problems, fmt.Sprintf("%s.%d", s.at(name), i), nil}
		fields, ok := item.(map[string]any)
		if !ok {
			below.wrong("", "must be a mapping")
			continue
		}
		below.fields = fields
		all = append(all, below)
	}
	return all
}

// text returns a string, or a number as it was written; "" when there is none.
func (s section) text(name string) string {
	switch value := s.fields[name].(type) {
	case nil:
	case string:
		return value
	case json.Number:
		return string(value)
	default:
		s.wrong(name, "must be a text")
	}
	return ""
}

// words returns a list of texts; one text stands for a list of one.
func (s section) words(name string, needed bool) (all []string) {
	switch value := s.fields[name].(type) {
	case nil:
	case string:
		all = []string{value}
	case []any:
		for _, item := range value {
			word, ok := item.(string)
			if !ok {
				s.wrong(name, "must be a list of texts")
				return nil
			}
			all = append(all, word)
		}
	default:
		s.wrong(name, "must be a list of texts")
		return nil
	}
	if needed && s.fields != nil && len(all) == 0 {
		s.wrong(name, "must list one text at least")
	}
	return all
}

// pairs returns a mapping of texts.
func (s section) pairs(name string) map[string]string {
	below := s.object(name)
	all := map[string]string{}
	for _, key := range sortedNames(below.fields) {
		all[key] = below.text(key)
	}
	return all
}

// span returns a duration in real time, or otherwise when there is none.
func (s section) span(name string, otherwise time.Duration) time.Duration {
	text := s.text(name)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > time.Hour {
		s.wrong(name, "must be a duration of at most 1h, such as 500ms or 10s")
	}
	return d
}

func (s section) url(name string) string {
	text := s.text(name)
	if text != "" {
		s.httpURL(name, text)
	}
	return text
}

func (s section) httpURL(name, text string) {
	if text == "" {
		return
	}
	if why := webURL(placeholder.ReplaceAllString(text, "x")); why != "" {
		s.wrong(name, why)
	}
}

// placeholder is a name in braces, as templates have it.
var placeholder = regexp.MustCompile(`\{[A-Za-z]+\}`)

// template returns a text in which only known names stand in braces.
func (s section) template(name string) string {
	text := s.text(name)
	s.known(name, text)
	return text
}

func (s section) known(name, text string) {
	for _, found := range placeholder.FindAllString(text, -1) {
		if !slices.Contains(templates(), strings.Trim(found, "{}")) {
			s.wrong(name, fmt.Sprintf("must not use %s: known are {%s}", found, strings.Join(templates(), "}, {")))
		}
	}
}
