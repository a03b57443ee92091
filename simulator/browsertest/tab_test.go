package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stepTimeout bounds one step. No test waits for it: a step ends when the browser reports its end, and one that takes this
// long, on however busy a machine, will not end.
const stepTimeout = 2 * time.Minute

// Tab is one page in the browser. Its methods fail the test when the page does not do what they ask for. Elements are named
// by their data-testid.
type Tab struct {
	t         testing.TB
	ctx       context.Context
	monitor   *monitor
	screen    Screen
	scheme    Scheme
	closed    bool // by Close
	noScripts bool // pages don't run their scripts
}

// openTab opens a tab in the parent's browser context, or in a new one.
func openTab(parent context.Context, t testing.TB, hosts []string, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	tab := &Tab{t: t, monitor: newMonitor(hosts), screen: desktop, scheme: Light}
	var cancel context.CancelFunc
	tab.ctx, cancel = chromedp.NewContext(parent, append(options, chromedp.WithListener(tab.monitor.event))...)
	t.Cleanup(func() {
		if err := chromedp.Cancel(tab.ctx); err != nil && !tab.closed {
			t.Errorf("close the tab: %v", err)
		}
		cancel()
		for _, e := range tab.monitor.errors() {
			t.Errorf("in the browser: %s", e)
		}
	})
	// The page behaves as if it had the focus, and the browser reports issues.
	focus := emulation.SetFocusEmulationEnabledParams{Enabled: true}
	if err := chromedp.Do(tab.ctx, call(audits.Enable, cdp.Empty{}), call(emulation.SetFocusEmulationEnabled, focus), emulate(desktop, Light)); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return tab
}

// call is the action that calls a command of the browser's protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// SecondTab opens another tab of the same person: it shares the cookies, and may talk to the same hosts.
func (tab *Tab) SecondTab() *Tab {
	tab.t.Helper()
	second := openTab(tab.ctx, tab.t, tab.monitor.hosts)
	second.Emulate(tab.screen, tab.scheme)
	return second
}

// EnableScripts lets pages that are opened from now on run their scripts, or not.
func (tab *Tab) EnableScripts(on bool) {
	tab.t.Helper()
	tab.noScripts = !on
	tab.do("enable scripts", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

// Allow makes the monitor ignore errors that contain the text, such as the 404 of a page that is meant to be unknown.
func (tab *Tab) Allow(text string) { tab.monitor.allow(text) }

// WaitFor waits until an element is visible.
func (tab *Tab) WaitFor(id string) {
	tab.t.Helper()
	tab.WaitUntil(id+" is visible", visible(id))
}

// WaitForText waits until an element contains a text, whatever its case.
func (tab *Tab) WaitForText(id, text string) {
	tab.t.Helper()
	tab.WaitUntil(id+" contains "+text, fmt.Sprintf(`[...document.querySelectorAll(%s)].some(e => (e.innerText ?? e.textContent).toLowerCase().includes(%s))`,
		selector(id), quote(strings.ToLower(text))))
}

// Visible says whether an element is visible now.
func (tab *Tab) Visible(id string) bool {
	tab.t.Helper()
	return Evaluate[bool](tab, visible(id))
}

// Text is the text of an element, once it is visible.
func (tab *Tab) Text(id string) string {
	tab.t.Helper()
	tab.WaitFor(id)
	return strings.TrimSpace(Evaluate[string](tab, fmt.Sprintf(`document.querySelector(%s).innerText`, selector(id))))
}

// Attribute is the value of an element's attribute, "" when it has none.
func (tab *Tab) Attribute(id, name string) string {
	tab.t.Helper()
	return Evaluate[string](tab, fmt.Sprintf(`document.querySelector(%s)?.getAttribute(%s) ?? ""`, selector(id), quote(name)))
}

// Type replaces the text of a field, as pasting does.
func (tab *Tab) Type(id, text string) {
	tab.t.Helper()
	tab.WaitFor(id)
	Evaluate[chromedp.Void](tab, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.focus(); e.select(); })()`, selector(id)))
	step := call(input.InsertText, input.InsertTextParams{Text: text})
	if text == "" {
		step = chromedp.KeyEvent(kb.Backspace)
	}
	tab.do("type into "+id, step)
}

// Enter replaces the text of a field and presses Enter.
func (tab *Tab) Enter(id, text string) {
	tab.t.Helper()
	tab.Type(id, text)
	tab.do("press Enter in "+id, chromedp.KeyEvent(kb.Enter))
}

// Choose selects an option by its value.
func (tab *Tab) Choose(id, value string) {
	tab.t.Helper()
	tab.WaitFor(id)
	chosen := Evaluate[bool](tab, fmt.Sprintf(`(() => {
		const e = document.querySelector(%s), before = e.value;
		e.value = %s;
		if (e.value !== %[2]s) return false;
		if (before !== e.value) for (const kind of ["input", "change"]) e.dispatchEvent(new Event(kind, {bubbles: true}));
		return true;
	})()`, selector(id), quote(value)))
	if !chosen {
		tab.t.Fatalf("choose %s: it has no option %q", id, value)
	}
}

// do runs steps.
func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if _, err := run(tab, chromedp.Steps(steps...)); err != nil {
		tab.fail("%s: %v", what, err)
	}
}

// fail ends the test with what the page shows and what the monitor reports.
func (tab *Tab) fail(format string, args ...any) {
	tab.t.Helper()
	at, _ := run(tab, chromedp.Location())
	text, _ := run(tab, chromedp.Evaluate[string](`document.body?.innerText.slice(0, 2000) ?? ""`))
	tab.t.Fatalf("%s\nat %s the page reads:\n%s\nerrors in the browser: %q", fmt.Sprintf(format, args...), at, text, tab.monitor.errors())
}

func run[T any](tab *Tab, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// visible is the expression that an element is visible.
func visible(id string) string {
	return `[...document.querySelectorAll(` + selector(id) + `)].some(e => e.checkVisibility())`
}

// selector is the CSS selector of an element, as a string of JavaScript.
func selector(id string) string { return quote(`[data-testid=` + quote(id) + `]`) }

// quote writes a string of JavaScript.
func quote(text string) string {
	quoted, _ := json.Marshal(text) // a string always has a JSON form
	return string(quoted)
}
