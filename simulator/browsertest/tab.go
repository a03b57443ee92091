package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long the browser may take for one step. It is never waited for: a step ends when the browser says so, and
// one that takes longer will not come any more.
const patience = 45 * time.Second

// errNotSo says that the browser did what it was asked, and the page is another one than it should be.
var errNotSo = errors.New("it is not so")

// Tab is one page in the browser. Its methods fail the test when the page doesn't do what they say.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	watch  *watch
	screen Screen
	scheme Scheme
	closed bool // by Close
	plain  bool // pages run no scripts of their own
}

// open opens a tab beside the parent's: the browser's own context, or another tab's.
func open(t testing.TB, parent context.Context, hosts []string, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	tab := &Tab{t: t, watch: newWatch(hosts), screen: desktop, scheme: Light}
	options = append(options, chromedp.WithListener(tab.watch.event))
	var cancel context.CancelFunc
	tab.ctx, cancel = chromedp.NewContext(parent, options...)
	t.Cleanup(func() {
		if err := chromedp.Cancel(tab.ctx); err != nil && !tab.closed {
			t.Errorf("close the tab: %v", err)
		}
		cancel()
		for _, fault := range tab.watch.faults() {
			t.Errorf("in the browser: %s", fault)
		}
	})
	if err := chromedp.Do(tab.ctx, prepare, look(desktop, Light)); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return tab
}

// prepare has the page behave as if it were the one that the person looks at, and the browser's advisers speak up.
func prepare(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
	if _, err = cdp.Call(ctx, target, audits.Enable, cdp.Empty{}); err != nil {
		return none, err
	}
	_, err = cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return none, err
}

// Twin opens a second tab of the same person: it shares the cookies, and may talk to the same hosts.
func (tab *Tab) Twin() *Tab {
	tab.t.Helper()
	twin := open(tab.t, tab.ctx, tab.watch.hosts)
	twin.Look(tab.screen, tab.scheme)
	return twin
}

// Allow lets pass what the watch sees, if it contains the text: the 404 of a page that is meant to be unknown.
func (tab *Tab) Allow(text string) { tab.watch.allow(text) }

// Click clicks and doesn't wait for anything.
func (tab *Tab) Click(id string) {
	tab.t.Helper()
	tab.do("click "+id, tab.press(id, 1))
}

// See waits until something with that data-testid is visible.
func (tab *Tab) See(id string) {
	tab.t.Helper()
	tab.When(id+" is visible", shown(id))
}

// Gone waits until nothing with that data-testid is visible.
func (tab *Tab) Gone(id string) {
	tab.t.Helper()
	tab.When(id+" is gone", "!"+shown(id))
}

// Has says whether something with that data-testid is visible now.
func (tab *Tab) Has(id string) bool {
	tab.t.Helper()
	return Ask[bool](tab, shown(id))
}

// Says waits until what has that data-testid contains the text, case aside.
func (tab *Tab) Says(id, text string) {
	tab.t.Helper()
	tab.When(id+" says "+text, fmt.Sprintf(`[...document.querySelectorAll(%s)].some(e => (e.innerText ?? e.textContent).toLowerCase().includes(%s))`,
		quote(testID(id)), quote(strings.ToLower(text))))
}

// Reads waits until the page contains the text, case aside.
func (tab *Tab) Reads(text string) {
	tab.t.Helper()
	tab.When("the page reads "+text, fmt.Sprintf(`document.body.innerText.toLowerCase().includes(%s)`, quote(strings.ToLower(text))))
}

// Text is what is written in the element; it is waited for.
func (tab *Tab) Text(id string) string {
	tab.t.Helper()
	tab.See(id)
	return strings.TrimSpace(Ask[string](tab, fmt.Sprintf(`document.querySelector(%s).innerText`, quote(testID(id)))))
}

// Attribute is the value of an element's attribute, "" when it has none.
func (tab *Tab) Attribute(id, name string) string {
	tab.t.Helper()
	return Ask[string](tab, fmt.Sprintf(`document.querySelector(%s)?.getAttribute(%s) ?? ""`, quote(testID(id)), quote(name)))
}

// Type types into a field, letter by letter, after what is there has been taken away.
func (tab *Tab) Type(id, text string) {
	tab.t.Helper()
	tab.See(id)
	Ask[bool](tab, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.focus(); e.select(); return true; })()`, quote(testID(id))))
	if text == "" {
		text = kb.Backspace
	}
	tab.do("type into "+id, chromedp.KeyEvent(text))
}

// Fill puts a long text into a field at once, as pasting does.
func (tab *Tab) Fill(id, text string) {
	tab.t.Helper()
	tab.See(id)
	Ask[bool](tab, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.focus(); e.select(); return true; })()`, quote(testID(id))))
	tab.do("paste into "+id, func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, input.InsertText, input.InsertTextParams{Text: text})
		return none, err
	})
}

// Choose picks an option of a select by its value.
func (tab *Tab) Choose(id, value string) {
	tab.t.Helper()
	tab.See(id)
	chosen := Ask[bool](tab, fmt.Sprintf(`(() => {
		const e = document.querySelector(%s), had = e.value;
		e.value = %s;
		if (e.value !== %[2]s) return false;
		if (had !== e.value) for (const kind of ["input", "change"]) e.dispatchEvent(new Event(kind, {bubbles: true}));
		return true;
	})()`, quote(testID(id)), quote(value)))
	if !chosen {
		tab.t.Fatalf("choose %s: it has no option %q", id, value)
	}
}

// shown is the expression that something with a data-testid is visible.
func shown(id string) string {
	return `[...document.querySelectorAll(` + quote(testID(id)) + `)].some(e => e.checkVisibility())`
}

// Location is the address that the page stands at.
func (tab *Tab) Location() string {
	tab.t.Helper()
	at, err := runIn(tab, chromedp.Location())
	if err != nil {
		tab.fail("location", err)
	}
	return at
}

// Ask evaluates an expression in the page; where the page is left while it is asked, in the one that follows it.
func Ask[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	value, err := runIn(tab, func(ctx context.Context, target *chromedp.Target) (value T, err error) {
		var gone *cdproto.Error
		for {
			value, err = chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)(ctx, target)
			if !errors.As(err, &gone) || ctx.Err() != nil {
				return value, err
			}
			if _, err := tab.until(`document.readyState === "complete"`)(ctx, target); err != nil {
				return value, err
			}
		}
	})
	if err != nil {
		tab.fail("ask the page "+expression, err)
	}
	return value
}

// settle waits until nothing moves: fonts are there and what was set in motion has come to its end.
func (tab *Tab) settle() {
	tab.t.Helper()
	Ask[bool](tab, `(async () => {
		await document.fonts.ready;
		const ends = a => (a.effect?.getComputedTiming().endTime ?? 0) !== Infinity;
		await Promise.allSettled(document.getAnimations().filter(ends).map(a => a.finished));
		await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
		return true;
	})()`)
}

// do runs steps, each for as long as patience lasts.
func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if _, err := runIn(tab, chromedp.Steps(steps...)); err != nil {
		tab.fail(what, err)
	}
}

// fail ends the test with what the page shows, and with what the browser saw until then.
func (tab *Tab) fail(what string, err error) {
	tab.t.Helper()
	at, _ := runIn(tab, chromedp.Location())
	text, _ := runIn(tab, chromedp.Evaluate[string](`document.body?.innerText.slice(0, 2000) ?? ""`))
	if err == nil {
		err = errNotSo
	}
	tab.t.Fatalf("%s: %v\nat %s the page reads:\n%s\nthe browser saw: %q", what, err, at, text, tab.watch.faults())
}

func runIn[T any](tab *Tab, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// testID selects by the stable handle that every control has.
func testID(id string) string { return `[data-testid=` + quote(id) + `]` }

// quote writes a string as JavaScript does.
func quote(text string) string {
	quoted, _ := json.Marshal(text) // a string always has a JSON form
	return string(quoted)
}
