package drift

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"mozartosim/openapi"
)

// Value is one value of a body, as far as it is compared.
type Value struct {
	Kind string // string, number, boolean, null, object, array
	Text string // a string's text, a number's digits as they were written, true or false
}

// JSON writes the value; objects and arrays are empty.
func (v Value) JSON() json.RawMessage {
	switch v.Kind {
	case "string":
		text, _ := json.Marshal(v.Text) // a string can always be written
		return text
	case "object":
		return json.RawMessage("{}")
	case "array":
		return json.RawMessage("[]")
	case "":
		return json.RawMessage("null")
	}
	return json.RawMessage(v.Text)
}

// valueOf describes a decoded value; of objects and arrays only the kind.
func valueOf(decoded any) Value {
	v := Value{Kind: openapi.TypeOf(decoded)}
	switch v.Kind {
	case "null":
		v.Text = "null"
	case "string", "boolean", "number":
		v.Text = fmt.Sprint(decoded)
	}
	return v
}

// shown is the value as reports show it.
func (v Value) shown() string {
	switch v.Kind {
	case "string":
		const most = 200
		text := fmt.Sprintf("%q", v.Text)
		if len(text) > most {
			text = strings.ToValidUTF8(text[:most], "") + "…"
		}
		return text
	case "object", "array":
		return "an " + v.Kind
	}
	return v.Text
}

// same reports whether two values are the same text, or numbers of the same value.
func same(a, b Value) bool {
	if a.Kind != "string" && a.Kind != "number" {
		return false
	}
	if a.Text == b.Text {
		return true
	}
	x, ok := decimalOf(a.Text)
	y, also := decimalOf(b.Text)
	return ok && also && (a.Kind == "number" || b.Kind == "number") && x.Cmp(y) == 0
}

// decimalOf parses a number. Only texts that an amount can have are parsed: an exponent could ask for gigabytes.
func decimalOf(text string) (*big.Rat, bool) {
	if len(text) == 0 || len(text) > 40 || strings.Trim(text, "-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// decimals says how many decimals a number is written with.
func decimals(number string) string {
	_, fraction, _ := strings.Cut(number, ".")
	switch len(fraction) {
	case 0:
		return "a number without decimals"
	case 1:
		return "a number with one decimal"
	}
	return fmt.Sprintf("a number with %d decimals", len(fraction))
}

// isNumber reports whether a text of the format is a number.
func isNumber(format string) bool {
	return strings.Contains(format, " decimal") || format == "a whole number"
}

// masked is the format of a value that is hidden in the evidence.
const masked = "masked"

// formats recognizes the formats of texts. It is made once for a comparison, so that patterns are compiled once.
type formats struct {
	names    []string         // as reports name them, tried in this order
	match    []*regexp.Regexp // of each
	decimal  *regexp.Regexp
	part     *regexp.Regexp            // of an id
	patterns map[string]*regexp.Regexp // of fields
	varying  *regexp.Regexp            // parts of a sentence that are different in every run
}

func newFormats() *formats {
	f := &formats{
		patterns: map[string]*regexp.Regexp{},
		decimal:  regexp.MustCompile(`^-?\d+\.\d+$`),
		part:     regexp.MustCompile(`[^-_./:@+=]+`),
		varying: regexp.MustCompile(`https?://\S+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{12,}\b|` +
			`\d{4}-\d{2}-\d{2}(?:T[0-9:.]+Z?)?|\b\d{2}:\d{2}:\d{2}\b|\b\d{5,}\b`),
	}
	for _, known := range [][2]string{
		{"a UUID", `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`},
		{"a UUID in capitals", `^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$`},
		{"24 hexadecimal digits", `^[0-9a-f]{24}$`},
		{"32 hexadecimal digits", `^[0-9a-f]{32}$`},
		{"a JWT", `^ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`},
		{"a date and time", `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$`},
		{"a date", `^\d{4}-\d{2}-\d{2}$`},
		{"a URL", `^https?://`},
		{"a whole number", `^-?\d+$`},
	} {
		f.names, f.match = append(f.names, known[0]), append(f.match, regexp.MustCompile(known[1]))
	}
	return f
}

// matches says whether a text matches a field's pattern; "" matches all.
func (f *formats) matches(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	if f.patterns[pattern] == nil {
		f.patterns[pattern] = regexp.MustCompile(pattern) // the contract was loaded with it
	}
	return f.patterns[pattern].MatchString(text)
}

// format names the form of a text whose value is different in every run; "" for none: the text is words. An id is described by its
// parts: po-9f2c4e7a1b3d is "an id such as po-#12".
func (f *formats) format(text string) string {
	switch {
	case text == "":
		return "empty"
	case strings.Contains(text, "***"):
		return masked
	}
	for i, match := range f.match {
		if match.MatchString(text) {
			return f.names[i]
		}
	}
	switch {
	case f.decimal.MatchString(text):
		return decimals(text)
	case len(text) < 8 || strings.ContainsAny(text, " \t\n") || !strings.ContainsAny(text, "0123456789"):
		return ""
	case len(text) >= 32 && !strings.ContainsAny(text, ".:/@"): // its hyphens are chance
		return "an id such as a token"
	}
	return "an id such as " + f.part.ReplaceAllStringFunc(text, idPart)
}

// idPart describes a part of an id that has digits: by its length when it is long, because ids keep that.
func idPart(part string) string {
	switch {
	case !strings.ContainsAny(part, "0123456789"):
		return part
	case len(part) >= 8:
		return fmt.Sprintf("#%d", len(part))
	}
	return "#"
}

// words is a sentence without the parts that are different in every run.
func (f *formats) words(text string) string { return f.varying.ReplaceAllString(text, "…") }

// described is the value's format, or the value itself when it has none.
func (f *formats) described(v Value) string {
	if format := f.format(v.Text); format != "" && v.Kind != "object" && v.Kind != "array" {
		return format
	}
	return v.shown()
}
