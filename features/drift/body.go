package drift

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// body is an answer's or a webhook's body, laid flat: every value under its dotted path, objects and arrays too. A body that
// is no JSON object has one value, under "".
type body struct {
	fields map[string]leaf
	json   bool // whether it is an object
}

func newBody(text string) body {
	b := body{fields: map[string]leaf{}}
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		kind := "text"
		if strings.TrimSpace(text) == "" {
			kind = "nothing"
		} else if strings.HasPrefix(strings.TrimSpace(text), "<") {
			kind = "a page"
		}
		b.fields[""] = leaf{kind: kind}
		return b
	}
	b.json = true
	b.lay("", doc.Fields)
	return b
}

func (b *body) lay(prefix string, object map[string]any) {
	for name, value := range object {
		b.put(prefix+name, value)
	}
}

func (b *body) put(path string, value any) {
	b.fields[path] = leafOf(value)
	switch value := value.(type) {
	case map[string]any:
		b.lay(path+".", value)
	case []any:
		for i, item := range value {
			b.put(fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
}

// paths returns the paths sorted, which puts what holds others before them.
func (b *body) paths() []string {
	all := make([]string, 0, len(b.fields))
	for path := range b.fields {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// text returns the string under a path, "" when there is none.
func (b *body) text(path string) string {
	if l := b.fields[path]; l.kind == "string" {
		return l.text
	}
	return ""
}

// sources are where a value may come from: the request, and for a webhook the payment's answer.
type sources struct {
	request, answer body
}

// echo names the fields that a value repeats: those of the request by name, those of the answer as one, because a field that
// the answer has under another name is the answer's drift and not the webhook's.
func (s sources) echo(l leaf) []string {
	if l.text == "" || l.kind != "string" && l.kind != "number" {
		return nil
	}
	var names []string
	for path, sent := range s.request.fields {
		if same(sent, l) {
			names = append(names, "the request's "+path)
		}
	}
	for _, sent := range s.answer.fields {
		if same(sent, l) && len(l.text) >= 8 {
			names = append(names, "the answer's")
			break
		}
	}
	slices.Sort(names)
	return names
}

// same says that two values are the same text, or numbers of the same value.
func same(a, b leaf) bool {
	if a.kind != "string" && a.kind != "number" {
		return false
	}
	if a.text == b.text {
		return true
	}
	x, ok := decimalOf(a.text)
	y, also := decimalOf(b.text)
	return ok && also && (a.kind == "number" || b.kind == "number") && x.Cmp(y) == 0
}

// parent is the path of what holds a value.
func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// base is a path's last name.
func base(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// below says whether path lies in what stands under top.
func below(path, top string) bool {
	return len(path) > len(top) && strings.HasPrefix(path, top) && (path[len(top)] == '.' || path[len(top)] == '[')
}
