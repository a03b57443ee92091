package words

import (
	"strings"
	"testing"
	"unicode/utf8"

	"mozartosim/simulator/mask"

	"pgregory.net/rapid"
)

func TestWriteColumns(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := Wrapped(&out, [][]string{
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

// What a merchant wrote is shown in a table, in its cell, and does nothing to the terminal.
func TestTableOfHostileText(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := Table(mask.Terminal(&out), [][]string{{"id", "order\n  forged  line\t\x1b]52;c;aGk=\a"}, {"id", "abc\u202edef\x9b2J"}})
	want := `  id  order\n  forged  line\t\u001b]52;c;aGk=\u0007` + "\n" + `  id  abc\u202edef\x9b2J` + "\n"
	if err != nil || out.String() != want {
		t.Errorf("%v\n%q\nwant\n%q", err, out.String(), want)
	}
}

// A body that is no JSON can't look like lines of the program's own.
func TestIndented(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":"b\nc"}`: "{\n  \"a\": \"b\\nc\"\n}", "thanks\nattempt 2: 200\x1b[A": `thanks\nattempt 2: 200\u001b[A`,
	} {
		if got := Indented(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
