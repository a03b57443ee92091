package browsertest

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Fault is one thing that keeps somebody from using a page.
type Fault struct {
	Rule  string // role, name, label, heading, image, language, title, contrast, keyboard, focus, trap, width …
	Where string // which element, by its data-testid or its place in the page
	What  string // what is wrong, in words
}

func (f Fault) String() string { return fmt.Sprintf("%s: %s: %s", f.Rule, f.Where, f.What) }

//go:embed audit.js
var auditSource string

//go:embed keyboard.js
var keyboardSource string

// Check holds the page as it stands, on the screen and in the colours of the last Look, against what people need:
//
//   - in the browser's accessibility tree every control has a role and a name, fields have labels and not just a
//     placeholder, headings go down one step at a time from one h1, pictures are named or hidden;
//   - the page has a language, a title, one main element, and no id twice;
//   - text has a contrast of 4.5 at least, large text 3;
//   - Tab reaches every control in the page's order, shows where it is, and leaves again;
//   - nothing is wider than the window, cut off, or too small for a thumb.
func (tab *Tab) Check() []Fault {
	tab.t.Helper()
	tab.settle()
	faults := append(tab.tree(), Ask[[]Fault](tab, auditSource)...)
	return append(faults, tab.walk()...)
}

// Accessible fails the test for each fault, on both screens and in both colour schemes, and leaves the tab as it was.
func (tab *Tab) Accessible(name string) {
	tab.t.Helper()
	screen, scheme := tab.screen, tab.scheme
	report := func(faults []Fault) {
		tab.t.Helper()
		for _, f := range faults {
			tab.t.Errorf("%s (%s, %s): %s", name, tab.screen.Name, tab.scheme, f)
		}
	}
	tab.Look(desktop, Light)
	tab.settle()
	report(append(Ask[[]Fault](tab, auditSource), tab.tree()...))
	tab.Look(phone, Dark)
	tab.settle()
	report(Ask[[]Fault](tab, auditSource)) // colours by the scheme, layout by the screen: two of the four tell all
	report(tab.walk())
	tab.Look(screen, scheme)
}

// walk presses Tab as often as there are stops, and once more to see whether the page lets go.
func (tab *Tab) walk() []Fault {
	tab.t.Helper()
	stops := Ask[int](tab, keyboardSource)
	tab.do("walk by Tab key", func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		for range stops + 1 {
			if err = pressTab(ctx, target); err != nil {
				return none, err
			}
		}
		return none, nil
	})
	return Ask[[]Fault](tab, `__keyboard.end()`)
}

func pressTab(ctx context.Context, target *chromedp.Target) error {
	_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9, NativeVirtualKeyCode: 9,
	})
	return err
}

// rules lists the rules of faults, each once, in alphabetical order.
func rules(faults []Fault) string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}
