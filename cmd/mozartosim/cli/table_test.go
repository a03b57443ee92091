package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/mask"

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

func TestErrorText(t *testing.T) {
	t.Parallel()
	refused := &adminapi.Error{Message: "no payment of order\nmozartosim: all is well\x1b[2J"}
	if got := ErrorText(fmt.Errorf("find: %w", refused)); got != `find: no payment of order\nmozartosim: all is well\u001b[2J` {
		t.Errorf("%q", got)
	}
	if got := ErrorText(errors.New("a.yaml:1: x\na.yaml:2: password=y")); got != "a.yaml:1: x\na.yaml:2: password=***" {
		t.Errorf("%q", got)
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
