package browsertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// place is where an element is on the screen, and what covers it, if anything does.
type place struct {
	X, Y  float64
	Cover string
}

// press waits until an element is visible and clicks its middle, as often as told and as fast as a hand does it. It fails
// when something else lies over that spot, because a person could not click there either.
func (tab *Tab) press(id string, times int64) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := tab.until(shown(id))(ctx, target); err != nil {
			return err
		}
		spot, err := chromedp.Evaluate[place](fmt.Sprintf(`(() => {
			const e = [...document.querySelectorAll(%s)].find(e => e.checkVisibility());
			e.scrollIntoView({block: "center", behavior: "instant"});
			const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2;
			const hit = document.elementFromPoint(x, y);
			const ours = hit && (e.contains(hit) || hit.closest("label")?.control === e);
			return {X: x, Y: y, Cover: ours ? "" : hit ? hit.outerHTML.slice(0, 120) : "nothing, it is outside the window"};
		})()`, quote(testID(id))))(ctx, target)
		if err != nil {
			return err
		}
		if spot.Cover != "" {
			return errors.New("it is covered by " + spot.Cover)
		}
		for n := range times {
			for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
				if _, err := cdp.Call(ctx, target, input.DispatchMouseEvent, input.DispatchMouseEventParams{
					Type: kind, X: spot.X, Y: spot.Y, Button: input.MouseButtonLeft, ClickCount: n + 1,
				}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// DoubleClick clicks twice at once, as people do who think that everything wants a double click. Where that leads to is for
// the caller to wait for: the second click may cut off what the first began to load.
func (tab *Tab) DoubleClick(id string) {
	tab.t.Helper()
	tab.do("double click "+id, tab.press(id, 2))
}

// Hammer presses a button as often as told without waiting for an answer: faster than any hand, and past whatever the page's
// script does against it. It waits for nothing either.
func (tab *Tab) Hammer(id string, times int) {
	tab.t.Helper()
	tab.See(id)
	Ask[chromedp.Void](tab, fmt.Sprintf(
		`(() => { const e = document.querySelector(%s); for (let i = 0; i < %d; i++) e.click(); })()`, quote(testID(id)), times))
}

// Script lets the page's own scripts run, or not: they are turned off for pages that are opened from now on.
func (tab *Tab) Script(on bool) {
	tab.t.Helper()
	tab.plain = !on
	tab.do("script", func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return none, err
	})
}

// Close closes the tab in the middle of things, as a person does who has seen enough.
func (tab *Tab) Close() {
	tab.t.Helper()
	tab.closed = true
	tab.do("close", func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, page.Close, cdp.Empty{})
		return none, err
	})
}
