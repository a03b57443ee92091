package certify

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"mozartosim/openapi"
)

// placeholders are the names that stand for a value in a URL, a body or a command.
func placeholders() []string {
	return []string{"psp", "type", "variant", "amount", "currency", "reference", "order", "transactionId"}
}

// fill replaces the placeholders of a template, each value escaped for its place.
func fill(template string, values map[string]string, escape func(string) string) string {
	var pairs []string
	for _, name := range placeholders() {
		pairs = append(pairs, "{"+name+"}", escape(values[name]))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// inText escapes a value for the inside of a JSON string; references and amounts are the same in a form or in XML.
func inText(value string) string {
	quoted, _ := json.Marshal(value) // a string can always be written
	return string(quoted[1 : len(quoted)-1])
}

// inURL escapes a value for a path or a query.
func inURL(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

func unescaped(value string) string { return value }

// fields are the fields of a JSON object.
type fields = map[string]any

// decode reads JSON, numbers as they are written; nil when it is not JSON.
func decode(text string) (value any) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&value) != nil || dec.More() {
		return nil
	}
	return value
}

// object reads a JSON object; nil when it is none.
func object(text string) fields {
	found, _ := decode(text).(fields)
	return found
}

// pick finds a value of decoded JSON by its dotted path; numbers are indexes of arrays. ok is false when there is none.
func pick(value any, path string) (found string, ok bool) {
	at, _ := openapi.Lookup(value, path)
	switch value := at.(type) {
	case string:
		return value, true
	case json.Number:
		return string(value), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}
