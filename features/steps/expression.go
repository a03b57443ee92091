package steps

import (
	"fmt"
	"regexp"
	"strings"
)

// placeholders are the kinds of values that a pattern can ask for, as regular expressions with one group.
func placeholders() map[string]string {
	return map[string]string{
		"{psp}":      `([A-Z][A-Z_]+)`,
		"{flow}":     `(PAYIN|PAYOUT(?: ETO| ACH)?)`,
		"{string}":   `"((?:[^"\\]|\\.)*)"`,
		"{int}":      `(\d+)`,
		"{duration}": `((?:\d+(?:ms|s|m|h|d))+)`,
		"{word}":     `([A-Za-z][A-Za-z-]*)`,
	}
}

var (
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
	optional    = regexp.MustCompile(`\\\(([^()]*)\\\)`)
	alternative = regexp.MustCompile(`[A-Za-z']+(?:/[A-Za-z']+)+`)
)

// compile turns a pattern into a regular expression over the whole of a step's text: {kind} takes a value, (text) may be
// left out, one/another are alternatives.
func compile(pattern string) (*regexp.Regexp, error) {
	known := placeholders()
	for _, name := range placeholder.FindAllString(pattern, -1) {
		if known[name] == "" {
			return nil, fmt.Errorf("the pattern %q asks for the unknown kind %s", pattern, name)
		}
	}
	text := regexp.QuoteMeta(pattern)
	text = optional.ReplaceAllString(text, `(?:$1)?`)
	text = alternative.ReplaceAllStringFunc(text, func(words string) string {
		return "(?:" + strings.ReplaceAll(words, "/", "|") + ")"
	})
	for name, expression := range known {
		text = strings.ReplaceAll(text, regexp.QuoteMeta(name), expression)
	}
	return regexp.Compile("^" + text + "$")
}

// unquote undoes the escapes of a {string}.
func unquote(text string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n").Replace(text)
}

// KindsOf lists the kinds of a pattern's values, in their order.
func KindsOf(pattern string) []string { return placeholder.FindAllString(pattern, -1) }
