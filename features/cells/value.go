package cells

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// Value reads a cell as a value to send: kind, a type of JSON Schema, decides whether it is text; "text" in quotes always is,
// json: begins any JSON, (empty) and (null) are what they say, <request.userId> is what another document has there.
func (r Refer) Value(cell, kind string) (any, error) {
	cell = angled(cell)
	switch {
	case cell == "(empty)":
		return "", nil
	case cell == "(null)":
		return nil, nil
	case len(cell) >= 2 && cell[0] == '"' && cell[len(cell)-1] == '"':
		return Unquote(cell[1 : len(cell)-1]), nil
	case strings.HasPrefix(cell, "json:"):
		return parsed(strings.TrimPrefix(cell, "json:"))
	}
	if document, from, ok := reference(strings.Trim(cell, "<>")); ok && strings.HasPrefix(cell, "<") {
		value, there := r(document, from)
		if !there {
			return nil, fmt.Errorf("the %s has no %s", document, from)
		}
		return value, nil
	}
	for _, plain := range []string{"number", "integer", "boolean", "object", "array"} {
		if !strings.Contains(kind, plain) || strings.Contains(kind, "string") {
			continue
		}
		if value, err := parsed(cell); err == nil {
			return value, nil
		}
	}
	return cell, nil
}

func parsed(text string) (any, error) {
	doc, err := openapi.Decode([]byte(`{"value":` + text + `}`))
	if err != nil {
		return nil, fmt.Errorf("%q must be JSON: %w", strings.TrimSpace(text), err)
	}
	return doc.Fields["value"], nil
}

// Copy copies a JSON value.
func Copy(value any) any {
	switch value := value.(type) {
	case map[string]any:
		twin := maps.Clone(value)
		for name, below := range twin {
			twin[name] = Copy(below)
		}
		return twin
	case []any:
		twin := slices.Clone(value)
		for i, below := range twin {
			twin[i] = Copy(below)
		}
		return twin
	}
	return value
}

// Unquote undoes the escapes in a quoted text.
func Unquote(text string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n").Replace(text)
}

// Text writes a value for people: JSON, but text without its quotes.
func Text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return string(value)
	case nil:
		return "null"
	}
	text, _ := json.Marshal(value) // it came out of JSON
	return string(text)
}
