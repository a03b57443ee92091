package snippet

import (
	"os/exec"
	"testing"

	"pgregory.net/rapid"
)

// TestQuote is a property: a shell hands every text on as it was.
func TestQuote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching("[a-z'\"$`\\\\ \n!&;|é{}]{0,20}").Draw(t, "text")
		out, err := exec.Command("sh", "-c", "printf %s "+Quote(text)).Output()
		if err != nil || string(out) != text {
			t.Fatalf("%q became %q: %v", text, out, err)
		}
	})
}
