package browsertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/chromedp"
)

// Click clicks an element and waits for nothing.
func (tab *Tab) Click(id string) {
	tab.t.Helper()
	tab.do("click "+id, tab.click(id, 1))
}

// DoubleClick clicks twice at once and waits for nothing: the second click may stop the page that the first began to load.
func (tab *Tab) DoubleClick(id string) {
	tab.t.Helper()
	tab.do("double click "+id, tab.click(id, 2))
}

// ClickRepeatedly clicks faster than a person can, by a script, and waits for nothing.
func (tab *Tab) ClickRepeatedly(id string, times int) {
	tab.t.Helper()
	tab.WaitFor(id)
	Evaluate[chromedp.Void](tab, fmt.Sprintf(
		`(() => { const e = document.querySelector(%s); for (let i = 0; i < %d; i++) e.click(); })()`, selector(id), times))
}

// place is where to click an element, and what covers it, if anything does.
type place struct {
	X, Y  float64
	Cover string
}

// findPlace waits until an element is visible and has stayed in its place for a frame. From then on the page lets only clicks
// on that element pass, until one has arrived: what a page loads may move the element between this and the click.
const findPlace = `(() => {
	const e = [...document.querySelectorAll(%s)].find(e => e.checkVisibility());
	if (!e) return null;
	e.scrollIntoView({block: "center", behavior: "instant"});
	const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2;
	const before = document.clickPlace;
	document.clickPlace = x + "," + y;
	if (%t && before !== document.clickPlace) return null;
	const within = node => node && (e.contains(node) || node.closest("label")?.control === e);
	if (!document.clickGuard) {
		document.clickGuard = event => {
			if (!document.clickTarget) return;
			if (document.clickTarget(event.target)) { document.clickTarget = null; document.clickPlace = ""; return; }
			event.preventDefault();
			event.stopImmediatePropagation();
		};
		addEventListener("click", document.clickGuard, true);
	}
	document.clickTarget = within;
	const hit = document.elementFromPoint(x, y);
	return {X: x, Y: y, Cover: within(hit) ? "" : hit ? hit.outerHTML.slice(0, 120) : "nothing: it is outside the window"};
})()`

// click clicks the middle of an element, by mouse. It fails when something covers that place, because a person could not click
// there either. When the page moved the element in that moment, so that the click arrived elsewhere, it clicks again.
func (tab *Tab) click(id string, times int) chromedp.Action[chromedp.Void] {
	find := await[place](tab, fmt.Sprintf(findPlace, selector(id), !tab.noScripts))
	missed := inSuccessors(`!!document.clickTarget`, func(bool) bool { return true })
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for {
			at, err := find(ctx, target)
			if err != nil {
				return err
			}
			if at.Cover != "" {
				return errors.New("it is covered by " + at.Cover)
			}
			for n := range times {
				if _, err := chromedp.MouseClickXY(at.X, at.Y, chromedp.ClickCount(n+1))(ctx, target); err != nil {
					return err
				}
			}
			if tab.noScripts { // the guard does not run, and nothing moves
				return nil
			}
			if again, err := missed(ctx, target); err != nil || !again {
				return err
			}
		}
	})
}
