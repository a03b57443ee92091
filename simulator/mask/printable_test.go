package mask_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"mozartosim/simulator/mask"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain é 卡 🙂 text":               "plain é 卡 🙂 text",
		"two\nlines\tand":                "two\nlines\tand",
		"a\rb":                           `a\u000db`,
		"\x1b[2Jcleared":                 `\u001b[2Jcleared`,
		"\x1b]52;c;aGk=\a":               `\u001b]52;c;aGk=\u0007`, // writes to the clipboard
		"\u009b31m":                      `\u009b31m`,
		"\x9b31m":                        `\x9b31m`, // the same as one byte
		"abc\u202edef":                   `abc\u202edef`,
		"\u2066\u2069\u200e\u200b\ufeff": `\u2066\u2069\u200e\u200b\ufeff`,
		"\u2028\u0085":                   `\u2028\u0085`,
		"\U000e0041":                     `\udb40\udc41`,
		"\ufffd":                         "\ufffd",
	} {
		if got := mask.Printable(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := mask.Line("a\nb\tc\x1b"); got != `a\nb\tc\u001b` {
		t.Errorf("%q", got)
	}
}

// However text is cut into writes, the same is written as at once, nothing of it acts on a terminal, and JSON stays the same JSON.
func TestTerminal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "\x1b[0m", "\u202e", "🙂", "\U000e0041"}).Draw(t, "more")
		var out strings.Builder
		w := mask.Terminal(&out)
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			if written, err := w.Write([]byte(rest[:n])); written != n || err != nil {
				t.Fatal(written, err)
			}
			rest = rest[n:]
		}
		if got, want := out.String(), mask.Printable(text); got != want {
			t.Fatalf("%q in parts became %q, at once %q", text, got, want)
		}
		if strings.ContainsAny(out.String(), "\x1b\r\a\u202e\u009b\u2066") || !utf8.ValidString(out.String()) {
			t.Fatalf("%q", out.String())
		}
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var again string
		if err := json.Unmarshal([]byte(mask.Printable(string(raw))), &again); err != nil || again != text {
			t.Fatalf("%q became %q: %v", text, again, err)
		}
	})
}
