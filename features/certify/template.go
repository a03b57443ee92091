package certify

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// fill puts values into a template, each escaped for where it stands.
func fill(template string, values map[string]string, escape func(string) string) string {
	pairs := make([]string, 0, 2*len(values))
	for _, name := range templates() {
		pairs = append(pairs, "{"+name+"}", escape(values[name]))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

func inURL(value string) string { return url.PathEscape(value) }

// inText escapes a value for the inside of a JSON string; references and amounts look the same in a form or in XML.
func inText(value string) string {
	quoted, _ := json.Marshal(value) // a string can always be written
	return string(quoted[1 : len(quoted)-1])
}

func plain(value string) string { return value }

// pick finds a value of decoded JSON by its dotted path; numbers step into arrays. ok is false when nothing is there.
func pick(value any, path string) (found string, ok bool) {
	for _, name := range strings.Split(path, ".") {
		switch at := value.(type) {
		case map[string]any:
			value = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return "", false
			}
			value = at[i]
		default:
			return "", false
		}
	}
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return string(value), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}
