package browsertest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch notes what must not happen while a test looks at a page. Its methods may be called at any time.
type watch struct {
	hosts []string

	mu      sync.Mutex
	seen    []string
	allowed []string
	urls    map[network.RequestID]string
	last    int64 // HTTP status of the last page
}

func newWatch(hosts []string) *watch {
	return &watch{hosts: hosts, urls: map[network.RequestID]string{}}
}

// allow lets pass whatever contains the text.
func (w *watch) allow(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.allowed = append(w.allowed, text)
}

// faults returns what was seen and not allowed.
func (w *watch) faults() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, fault := range w.seen {
		if !slices.ContainsFunc(w.allowed, func(text string) bool { return strings.Contains(fault, text) }) {
			out = append(out, fault)
		}
	}
	return out
}

// status is the HTTP status of the page.
func (w *watch) status() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.last)
}

// event runs inside the driver's reading loop, so it only notes.
func (w *watch) event(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.fault("exception: %s", exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		switch e.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeAssert, runtime.ConsoleAPICalledTypeWarning:
			w.fault("console.%s: %s", e.Type, arguments(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			w.fault("console: %s %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		w.issue(e.Issue)
	case *network.EventRequestWillBeSent:
		w.request(e)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			w.last = e.Response.Status
		}
		if e.Response.Status >= 400 {
			w.fault("answered %d: %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != aborted { // a page that is left ends its requests
			w.fault("request failed: %s %s %s", w.urls[e.RequestID], e.ErrorText, e.BlockedReason)
		}
	}
}

func (w *watch) fault(format string, args ...any) {
	w.seen = append(w.seen, fmt.Sprintf(format, args...))
}

// request holds every request, those of redirects too, against the hosts of the test.
func (w *watch) request(e *network.EventRequestWillBeSent) {
	w.urls[e.RequestID] = e.Request.URL
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		w.fault("request to an unreadable address: %s", e.Request.URL)
		return
	}
	switch u.Scheme {
	case "data", "blob", "about":
		return
	}
	if !slices.Contains(w.hosts, u.Host) {
		w.fault("request to an outside host: %s", e.Request.URL)
	}
}

// harmless is a hint that a field's name is also a word of autocompletion's, which is no mistake: every form has a "name".
const harmless = audits.GenericIssueErrorTypeFormInputAssignedAutocompleteValueToIDOrNameAttributeError

// issue notes what the browser's own advisers say of policies and forms.
func (w *watch) issue(issue *audits.InspectorIssue) {
	switch d := issue.Details; {
	case d == nil:
	case d.ContentSecurityPolicyIssueDetails != nil:
		c := d.ContentSecurityPolicyIssueDetails
		w.fault("content security policy: %s %s", c.ViolatedDirective, c.BlockedURL)
	case d.GenericIssueDetails != nil && strings.HasPrefix(string(d.GenericIssueDetails.ErrorType), "Form") && d.GenericIssueDetails.ErrorType != harmless:
		w.fault("browser's adviser: %s %s", d.GenericIssueDetails.ErrorType, d.GenericIssueDetails.ViolatingNodeAttribute)
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
