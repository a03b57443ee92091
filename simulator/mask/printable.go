package mask

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line is Printable for a text that must stay one line: line breaks and tabs are escaped too.
func Line(text string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(Printable(text))
}

// Printable returns text with everything escaped that would act on a terminal instead of being shown: control characters but line
// breaks and tabs, characters that change the direction of text, invisible ones, bytes that are no UTF-8. The escapes are JSON's, so
// that JSON stays the same JSON.
func Printable(text string) string {
	if strings.IndexFunc(text, acts) < 0 {
		return text
	}
	return string(printable(nil, []byte(text)))
}

// acts says whether a character is escaped. An invalid byte reads as U+FFFD.
func acts(r rune) bool {
	return r == utf8.RuneError || r != '\n' && r != '\t' && !strconv.IsPrint(r) && !unicode.Is(unicode.Zs, r) && !unicode.Is(unicode.Co, r)
}

func printable(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n <= 1:
			dst = fmt.Appendf(dst, `\x%02x`, text[0])
			n = 1
		case r == utf8.RuneError || !acts(r):
			dst = append(dst, text[:n]...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
		text = text[n:]
	}
	return dst
}

// Terminal returns a writer that writes everything Printable to out.
func Terminal(out io.Writer) *TerminalWriter { return &TerminalWriter{Out: out} }

// TerminalWriter is what Terminal returns.
type TerminalWriter struct {
	Out  io.Writer // as it is, for what is the program's own
	rest []byte    // the beginning of a character that the last write did not end
}

// Write implements io.Writer.
func (t *TerminalWriter) Write(text []byte) (int, error) {
	all := text
	if len(t.rest) > 0 {
		all = slices.Concat(t.rest, text)
	}
	end := len(all)
	for back := 1; back < utf8.UTFMax && back <= len(all); back++ {
		if b := all[len(all)-back:]; utf8.RuneStart(b[0]) {
			if !utf8.FullRune(b) {
				end -= back
			}
			break
		}
	}
	t.rest = bytes.Clone(all[end:])
	shown := all[:end]
	if bytes.IndexFunc(shown, acts) >= 0 {
		shown = printable(make([]byte, 0, len(shown)+64), shown)
	}
	if _, err := t.Out.Write(shown); err != nil {
		return 0, err
	}
	return len(text), nil
}
