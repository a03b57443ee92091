package patch

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A diff leads from one text to the other, whatever they are.
func TestDiffLeadsThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"a", "b", "c", "", "  - d"})
		a := append(rapid.SliceOfN(line, 1, 30).Draw(t, "a"), "")
		b := append(rapid.SliceOfN(line, 1, 30).Draw(t, "b"), "")
		got := patched(a, hunks(a, b))
		if strings.Join(got, "\n") != strings.Join(b, "\n") {
			t.Fatalf("%q became %q, want %q", a, got, b)
		}
	})
}

// patched applies hunks as a patch tool does, by their line numbers alone.
func patched(a []string, all []string) []string {
	var out []string
	at := 0
	for _, h := range all {
		header, rest, _ := strings.Cut(h, "\n")
		var from, count, to, size int
		if _, err := fmt.Sscanf(header, "@@ -%d,%d +%d,%d @@", &from, &count, &to, &size); err != nil {
			return []string{err.Error()}
		}
		out = append(out, a[at:from-1]...)
		at = from - 1
		for line := range strings.SplitSeq(strings.TrimSuffix(rest, "\n"), "\n") {
			switch line[0] {
			case ' ':
				if a[at] != line[1:] {
					return []string{"context is wrong: " + line}
				}
				out = append(out, a[at])
				at++
			case '-':
				at++
			case '+':
				out = append(out, line[1:])
			}
		}
	}
	return append(out, a[at:]...)
}
