package runner

import (
	"strings"
	"testing"
)

func TestTagExpressions(t *testing.T) {
	t.Parallel()
	tags := []string{"@sandbox", "@psp:TRUST", "@slow"}
	for text, want := range map[string]bool{
		"":                               true,
		"@sandbox":                       true,
		"@control":                       false,
		"not @control":                   true,
		"not not @slow":                  true,
		"@sandbox and @psp:TRUST":        true,
		"@sandbox and not @slow":         false,
		"@control or @slow":              true,
		"@control or @sandbox and @x":    false,
		"(@control or @sandbox) and @x":  false,
		"(@control or @sandbox)":         true,
		"not (@control or @x)":           true,
		"@sandbox AND (NOT @x OR @slow)": true,
	} {
		meant, err := parseTags(text)
		if err != nil || meant(tags) != want {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	for text, says := range map[string]string{
		"sandbox":      "begins with @",
		"@a @b":        "must not follow",
		"(@a":          "a ) is missing",
		"@a and":       "ends too early",
		"not":          "ends too early",
		"@a )":         "must not follow",
		"@":            "must be a tag",
		"@a and or @b": "must be a tag",
	} {
		if _, err := parseTags(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

// Whatever is written, it is read or refused, and what is read can be asked.
func FuzzTags(f *testing.F) {
	for _, seed := range []string{"@a and not (@b or @c)", "((", "not not @x", "@a or"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		if meant, err := parseTags(text); err == nil {
			meant([]string{"@a"})
		}
	})
}
