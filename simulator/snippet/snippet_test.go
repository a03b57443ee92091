package snippet_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mozartosim/simulator/snippet"
)

const body = `{"note": "it's a \"<test>\" & 100 %", "amount": 12.50}`

// Each snippet makes the call when it is run, with the tokens of its environment.
func TestSnippetsRun(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got <- strings.Join([]string{r.Method, r.Header.Get("Authorization"), r.Header.Get("X-User-Token"), r.Header.Get("Content-Type"), string(text)}, "|")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("refused"))
	}))
	t.Cleanup(server.Close)
	call := snippet.Cashier(server.URL, body)
	for _, c := range []struct{ name, text, file string }{
		{"sh", call.Curl(), "call.sh"}, {"node", call.Node(), "call.mjs"}, {"python3", call.Python(), "call.py"}, {"go run", call.Go(), "call.go"},
	} {
		file := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		words := append(strings.Fields(c.name), file)
		command := exec.Command(words[0], words[1:]...) //nolint:gosec // the test's own programs
		command.Env = append(os.Environ(), "COMPANY_TOKEN=c", "USER_TOKEN=u")
		out, err := command.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "refused") {
			t.Fatalf("%s: %v\n%s\n%s", c.name, err, out, c.text)
		}
		if sent := <-got; sent != "POST|Bearer c|Bearer u|application/json|"+body {
			t.Errorf("%s sends %s", c.name, sent)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	lines, ok := snippet.Diff([]byte(`{"a": 1.50, "b": {"c": "x", "d": [1]}, "gone": null}`), []byte(`{"b": {"d": [1], "c": "y"}, "a": 1.50, "new": true}`))
	var out strings.Builder
	for _, l := range lines {
		out.WriteString(l.Sign + "|" + l.Text + "\n")
	}
	want := `|{
|  "a": 1.50
|  "b": {
-|    "c": "x"
+|    "c": "y"
|    "d": [
|      1
|    ]
|  }
-|  "gone": null
+|  "new": true
|}
`
	if !ok || out.String() != want {
		t.Errorf("got %t\n%s", ok, out.String())
	}
	if _, ok := snippet.Diff([]byte(`{"a": 1}`), []byte(`{"a": 1}`)); ok {
		t.Error("the same documents differ")
	}
	if _, ok := snippet.Diff([]byte(`{"a": 1}`), []byte(`***`)); ok {
		t.Error("a text that is no JSON is compared")
	}
}
