package drift

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// leaf is one value of a body, as far as it is compared.
type leaf struct {
	kind string // string, number, boolean, null, object, array
	text string // a string's value, a number's digits as they were written, true or false
}

// leafOf describes a decoded value; objects and arrays by their kind alone.
func leafOf(value any) leaf {
	switch value := value.(type) {
	case nil:
		return leaf{kind: "null", text: "null"}
	case string:
		return leaf{kind: "string", text: value}
	case bool:
		return leaf{kind: "boolean", text: fmt.Sprint(value)}
	case json.Number:
		return leaf{kind: "number", text: string(value)}
	case map[string]any:
		return leaf{kind: "object"}
	}
	return leaf{kind: "array"}
}

// shown is a value in the words of a report.
func (l leaf) shown() string {
	switch l.kind {
	case "string":
		const most = 200
		text := fmt.Sprintf("%q", l.text)
		if len(text) > most {
			text = strings.ToValidUTF8(text[:most], "") + "…"
		}
		return text
	case "object", "array":
		return "an " + l.kind
	}
	return l.text
}

// looks knows a class of values by its form: such values are other ones in every run.
type looks struct {
	name    string // what a person calls it
	form    *regexp.Regexp
	pattern string // as the contract would write it; "" = no pattern says it
}

// classes are tried in this order. What fits none is a text, and is compared word for word.
func classes() []looks {
	form := func(name, pattern string) looks { return looks{name, regexp.MustCompile(pattern), pattern} }
	return []looks{
		{"masked", regexp.MustCompile(`\*\*\*`), ""},
		form("a UUID", `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`),
		form("a UUID in capitals", `^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$`),
		form("24 hexadecimal digits", `^[0-9a-f]{24}$`),
		form("32 hexadecimal digits", `^[0-9a-f]{32}$`),
		form("a JWT", `^ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`),
		form("a date and time", `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$`),
		form("a date", `^\d{4}-\d{2}-\d{2}$`),
		form("a URL", `^https?://`),
		form("a whole number", `^-?\d+$`),
	}
}

// look is what a text looks like; "" for words.
type look struct {
	name    string
	pattern string
}

// judge looks at texts. It is made once for a comparison, so that the patterns are compiled once.
type judge struct {
	classes []looks
	decimal *regexp.Regexp
	spans   *regexp.Regexp // parts of a sentence that are other ones in every run
}

func newJudge() *judge {
	return &judge{
		classes: classes(),
		decimal: regexp.MustCompile(`^-?\d+\.(\d+)$`),
		spans: regexp.MustCompile(`https?://\S+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{12,}\b|` +
			`\d{4}-\d{2}-\d{2}(?:T[0-9:.]+Z?)?|\b\d{2}:\d{2}:\d{2}\b|\b\d{5,}\b`),
	}
}

// look returns a text's class. An id of parts, po-9f2c4e7a1b3d, is classed by its parts: po-#12.
func (j *judge) look(text string) look {
	if text == "" {
		return look{name: "empty"}
	}
	for _, c := range j.classes {
		if c.form.MatchString(text) {
			return look{c.name, c.pattern}
		}
	}
	if found := j.decimal.FindStringSubmatch(text); found != nil {
		return look{name: decimals(found[0])}
	}
	if len(text) < 8 || strings.ContainsAny(text, " \t\n") || !strings.ContainsAny(text, "0123456789") {
		return look{}
	}
	return look{name: "an id such as " + skeleton(text)}
}

// skeleton replaces the parts of an id that hold digits: by their length when they are long, which ids keep.
func skeleton(text string) string {
	var out, part strings.Builder
	digits := false
	flush := func() {
		switch {
		case digits && part.Len() >= 8:
			fmt.Fprintf(&out, "#%d", part.Len())
		case digits:
			out.WriteByte('#')
		default:
			out.WriteString(part.String())
		}
		part.Reset()
		digits = false
	}
	if len(text) >= 32 && !strings.ContainsAny(text, ".:/@") { // a token: its hyphens are chance
		return "a token"
	}
	for _, r := range text {
		if strings.ContainsRune("-_./:@+=", r) {
			flush()
			out.WriteRune(r)
			continue
		}
		digits = digits || r >= '0' && r <= '9'
		part.WriteRune(r)
	}
	flush()
	return out.String()
}

// words is a sentence without what is another one in every run.
func (j *judge) words(text string) string { return j.spans.ReplaceAllString(text, "…") }

// decimalOf reads a number for comparison by value. Texts that no amount has are no numbers here: an exponent could ask for
// gigabytes.
func decimalOf(text string) (*big.Rat, bool) {
	if len(text) == 0 || len(text) > 40 || strings.Trim(text, "-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// places says how many digits stand behind a number's point.
func places(text string) int {
	_, behind, _ := strings.Cut(text, ".")
	return len(behind)
}
