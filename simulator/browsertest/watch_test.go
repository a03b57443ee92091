package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What the watch is for, one page each: it sees every one of them, and nothing on a page where all is well.
func TestWatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, sees string }{
		{"nothing", `<p>Fine</p>`, ""},
		{"console error", `<script>console.error("broken", 7)</script>`, "console.error: \"broken\" 7"},
		{"console warning", `<script>console.warn("odd")</script>`, "console.warning"},
		{"exception", `<script>throw new Error("ouch")</script>`, "exception: Error: ouch"},
		{"rejected promise", `<script>Promise.reject(new Error("late"))</script>`, "exception: Error: late"},
		{"missing picture", `<img alt="" src="/missing.png">`, "answered 404"},
		{"nobody answers", `<img alt="" src="http://127.0.0.1:1/x.png">`, "request failed"},
		{"outside host", `<img alt="" src="http://shop.example/x.png">`, "request to an outside host: http://shop.example/x.png"},
		{"outside by a redirect", `<img alt="" src="/away">`, "request to an outside host: http://away.example/"},
		{"against the policy", `<script>1</script>`, "content security policy: script-src"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/missing.png":
				http.NotFound(w, r)
			case "/away":
				http.Redirect(w, r, "http://away.example/", http.StatusFound)
			default:
				w.Header().Set("Content-Type", "text/html")
				if c.name == "against the policy" {
					w.Header().Set("Content-Security-Policy", "script-src 'none'")
				}
				fmt.Fprintf(w, `<!doctype html><title>x</title><link rel="icon" href="data:,"><body>%s`, c.body)
			}
		}))
		t.Cleanup(server.Close)
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := tab(t, server.URL)
			at.Open(server.URL)
			at.settle()
			got := strings.Join(at.watch.faults(), "\n")
			if c.sees == "" && got != "" || !strings.Contains(got, c.sees) {
				t.Errorf("saw %q instead of %q", got, c.sees)
			}
			at.Allow("") // this page is meant to be bad
		})
	}
}
