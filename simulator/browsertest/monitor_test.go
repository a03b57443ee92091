package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// monitor records what must not happen in a page. It is safe for concurrent use.
type monitor struct {
	hosts []string

	mu      sync.Mutex
	found   []string
	allowed []string
	urls    map[network.RequestID]string
}

func newMonitor(hosts []string) *monitor {
	return &monitor{hosts: hosts, urls: map[network.RequestID]string{}}
}

// allow ignores errors that contain the text.
func (m *monitor) allow(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.allowed = append(m.allowed, text)
}

// errors returns what was recorded and is not allowed.
func (m *monitor) errors() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for _, e := range m.found {
		if !slices.ContainsFunc(m.allowed, func(text string) bool { return strings.Contains(e, text) }) {
			out = append(out, e)
		}
	}
	return out
}

// event runs in the loop that reads from the browser, so it only records.
func (m *monitor) event(event any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		m.error("exception: %s", exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		switch e.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeAssert, runtime.ConsoleAPICalledTypeWarning:
			m.error("console.%s: %s", e.Type, arguments(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			m.error("console: %s %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		m.issue(e.Issue)
	case *network.EventRequestWillBeSent:
		m.request(e)
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			m.error("answered %d: %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != aborted { // leaving a page ends its requests
			m.error("request failed: %s %s %s", m.urls[e.RequestID], e.ErrorText, e.BlockedReason)
		}
	}
}

func (m *monitor) error(format string, args ...any) {
	m.found = append(m.found, fmt.Sprintf(format, args...))
}

// request compares every request, also those of redirects, with the hosts of the test.
func (m *monitor) request(e *network.EventRequestWillBeSent) {
	m.urls[e.RequestID] = e.Request.URL
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		m.error("request to an unreadable address: %s", e.Request.URL)
		return
	}
	switch u.Scheme {
	case "data", "blob", "about":
		return
	}
	if !slices.Contains(m.hosts, u.Host) {
		m.error("request to an outside host: %s", e.Request.URL)
	}
}

// harmless is the issue that a field is named like a kind of autocompletion: every form has a "name".
const harmless = audits.GenericIssueErrorTypeFormInputAssignedAutocompleteValueToIDOrNameAttributeError

// issue records what the browser reports about policies and forms.
func (m *monitor) issue(issue *audits.InspectorIssue) {
	switch d := issue.Details; {
	case d == nil:
	case d.ContentSecurityPolicyIssueDetails != nil:
		c := d.ContentSecurityPolicyIssueDetails
		m.error("content security policy: %s %s", c.ViolatedDirective, c.BlockedURL)
	case d.GenericIssueDetails != nil && strings.HasPrefix(string(d.GenericIssueDetails.ErrorType), "Form") && d.GenericIssueDetails.ErrorType != harmless:
		m.error("issue: %s %s", d.GenericIssueDetails.ErrorType, d.GenericIssueDetails.ViolatingNodeAttribute)
	}
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func arguments(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		if a.Description != "" {
			out = append(out, a.Description)
			continue
		}
		out = append(out, string(a.Value))
	}
	return strings.Join(out, " ")
}

// The monitor records what it is for, one page each, and nothing on a page without errors.
func TestMonitor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"nothing", `<p>Good</p>`, ""},
		{"console error", `<script>console.error("broken", 7)</script>`, "console.error: \"broken\" 7"},
		{"console warning", `<script>console.warn("odd")</script>`, "console.warning"},
		{"exception", `<script>throw new Error("ouch")</script>`, "exception: Error: ouch"},
		{"rejected promise", `<script>Promise.reject(new Error("late"))</script>`, "exception: Error: late"},
		{"missing picture", `<img alt="" src="/missing.png">`, "answered 404"},
		{"no answer", `<img alt="" src="http://127.0.0.1:1/x.png">`, "request failed"},
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
			tab := newTab(t, server.URL)
			tab.Open(server.URL)
			tab.waitForAnimations()
			got := strings.Join(tab.monitor.errors(), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("recorded %q, want %q", got, c.want)
			}
			tab.Allow("") // the error is wanted
		})
	}
}
