package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWriteColumns(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := WrappedTable(&out, [][]string{
		{"Heading"},
		{"a", "long name", "short"},
		{"naïve", "b", strings.Repeat("word ", 30)},
		{"c", "d", ""},
	})
	want := "\nHeading\n" +
		"  a      long name  short\n" +
		"  naïve  b          " + strings.TrimSpace(strings.Repeat("word ", 19)) + "\n" +
		"                    " + strings.TrimSpace(strings.Repeat("word ", 11)) + "\n" +
		"  c      d\n"
	if err != nil || out.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out.String(), want)
	}
}

// TestWrap is a property: wrapping loses no word, and only a word that is longer than the line sticks out.
func TestWrap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zé \n]{0,80}`).Draw(t, "text")
		width := rapid.IntRange(1, 30).Draw(t, "width")
		lines := Wrap(text, width)
		if got, want := strings.Fields(strings.Join(lines, " ")), strings.Fields(text); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%q became %q", text, lines)
		}
		for _, l := range lines {
			if utf8.RuneCountInString(l) > width && strings.Contains(l, " ") {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
	})
}
