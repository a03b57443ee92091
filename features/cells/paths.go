package cells

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"mozartosim/openapi"
)

// Set puts a value at a dotted path and makes the objects on the way.
func Set(fields map[string]any, path string, value any) error {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		switch next := fields[name].(type) {
		case map[string]any:
			fields = next
		case nil:
			made := map[string]any{}
			fields[name] = made
			fields = made
		default:
			return fmt.Errorf("%s of %s is no object", name, path)
		}
	}
	fields[names[len(names)-1]] = value
	return nil
}

// Remove takes the value at a dotted path away and says whether there was one.
func Remove(fields map[string]any, path string) bool {
	at := strings.LastIndexByte(path, '.')
	if at >= 0 {
		holder, _ := openapi.Lookup(fields, path[:at])
		below, ok := holder.(map[string]any)
		if !ok {
			return false
		}
		fields, path = below, path[at+1:]
	}
	_, ok := fields[path]
	delete(fields, path)
	return ok
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

// sameNumber compares two decimal numbers by value.
func sameNumber(a, b string) bool {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}
