package browsertest

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Violation is something in a page that keeps people from using it.
type Violation struct {
	Rule  string // role, name, label, heading, image, language, title, contrast, keyboard, focus, trap, width …
	Where string // the element, by its data-testid or its place in the page
	What  string // what is wrong
}

func (v Violation) String() string { return fmt.Sprintf("%s: %s: %s", v.Rule, v.Where, v.What) }

//go:embed audit.js
var auditScript string

//go:embed keyboard.js
var keyboardScript string

// Check checks the page on the screen and in the color scheme of the last Emulate:
//
//   - in the accessibility tree every control has a role and a name, fields have labels and not only placeholders, headings
//     go down one level at a time from one h1, pictures are named or hidden;
//   - the page has a language, a title, one main element, and no id twice; a control's name has the text that it shows, and landmarks
//     of one kind have different names, and have all text; what scrolls is reached by keys;
//   - text has a contrast of at least 4.5, large text of 3;
//   - Tab reaches every control in the page's order, shows where it is, and leaves the page again;
//   - nothing is wider than the window, cut off, or too small for a thumb.
func (tab *Tab) Check() []Violation {
	tab.t.Helper()
	return append(append(tab.audit(), tab.checkTree()...), tab.checkKeyboard()...)
}

// Accessible fails the test for each violation, on both screens and in both color schemes, and leaves the tab as it was.
// Colors depend on the scheme and layout on the screen, so two of the four combinations show everything.
func (tab *Tab) Accessible(name string) {
	tab.t.Helper()
	screen, scheme := tab.screen, tab.scheme
	report := func(violations []Violation) {
		tab.t.Helper()
		for _, v := range violations {
			tab.t.Errorf("%s (%s, %s): %s", name, tab.screen.Name, tab.scheme, v)
		}
	}
	tab.Emulate(desktop, Light)
	report(append(tab.audit(), tab.checkTree()...))
	tab.Emulate(phone, Dark)
	report(append(tab.audit(), tab.checkKeyboard()...))
	tab.Emulate(screen, scheme)
}

// audit checks what the accessibility tree doesn't show.
func (tab *Tab) audit() []Violation {
	tab.t.Helper()
	tab.waitForAnimations()
	return Evaluate[[]Violation](tab, auditScript)
}

// checkKeyboard presses Tab once for each stop of the page, and once more to see whether it leaves the page.
func (tab *Tab) checkKeyboard() []Violation {
	tab.t.Helper()
	stops := Evaluate[int](tab, keyboardScript)
	press := call(input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9, NativeVirtualKeyCode: 9,
	})
	tab.do("walk by Tab key", slices.Repeat([]chromedp.Action[chromedp.Void]{press}, stops+1)...)
	return Evaluate[[]Violation](tab, `__keyboard.end()`)
}

// rules lists the rules of violations, each once, in alphabetical order.
func rules(violations []Violation) string {
	var out []string
	for _, v := range violations {
		out = append(out, v.Rule)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}
