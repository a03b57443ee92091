package drift

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// body is the body of an answer or a webhook, flattened: every value by its dotted path, objects and arrays too. A body that is
// not a JSON object has one value, at "".
type body struct {
	fields map[string]Value
	object bool
}

func newBody(text string) body {
	b := body{fields: map[string]Value{}}
	doc, err := openapi.Decode([]byte(text))
	if err == nil {
		b.object = true
		b.flatten("", doc.Fields)
		return b
	}
	kind := "text"
	if trimmed := strings.TrimSpace(text); trimmed == "" {
		kind = "nothing"
	} else if trimmed[0] == '<' {
		kind = "a page"
	}
	b.fields[""] = Value{Kind: kind}
	return b
}

func (b *body) flatten(prefix string, object map[string]any) {
	for name, decoded := range object {
		b.put(prefix+name, decoded)
	}
}

func (b *body) put(path string, decoded any) {
	b.fields[path] = valueOf(decoded)
	switch decoded := decoded.(type) {
	case map[string]any:
		b.flatten(path+".", decoded)
	case []any:
		for i, item := range decoded {
			b.put(fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
}

// paths returns the paths, sorted: an object or array comes before what it has.
func (b *body) paths() []string {
	all := make([]string, 0, len(b.fields))
	for path := range b.fields {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// text returns the string at a path, "" when there is none.
func (b *body) text(path string) string {
	if v := b.fields[path]; v.Kind == "string" {
		return v.Text
	}
	return ""
}

// kind describes what the body is.
func (b *body) kind() string {
	if b.object {
		return "a JSON object"
	}
	return b.fields[""].Kind
}

// errorWord tells an error from others of its HTTP status.
func (b *body) errorWord() string {
	if code := b.text("errorCode"); code != "" {
		return code
	}
	return b.text("message")
}

// inside is what an object has, by the whole path.
func (b *body) inside(object string) map[string]Value {
	found := maps.Clone(b.fields)
	maps.DeleteFunc(found, func(path string, _ Value) bool { return !below(path, object) })
	return found
}

// withoutWords is an error without its sentences.
func (b *body) withoutWords() body {
	left := body{object: b.object, fields: maps.Clone(b.fields)}
	maps.DeleteFunc(left.fields, func(path string, _ Value) bool { return path == "message" || strings.HasPrefix(path, "errors[") })
	return left
}

// parent is the path of the object or array that has a value.
func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// base is the last name of a path.
func base(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// below reports whether path is inside of the object or array at top.
func below(path, top string) bool {
	return len(path) > len(top) && strings.HasPrefix(path, top) && (path[len(top)] == '.' || path[len(top)] == '[')
}

func withoutIndex(path string) string {
	path, _, _ = strings.Cut(path, "[")
	return path
}
