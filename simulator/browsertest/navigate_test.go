package browsertest

import (
	"context"
	"errors"
	"iter"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// aborted is the browser's error for a page or request that was left before it was loaded.
const aborted = "net::ERR_ABORTED"

// Open opens an address, waits until the page has loaded, and returns its HTTP status. The page that is left may just be going
// somewhere else by itself, and the browser may let that win; then the address is opened again.
func (tab *Tab) Open(url string) int {
	tab.t.Helper()
	for {
		answer, err := run(tab, chromedp.NavigateResponse(url))
		var failed *chromedp.LoadError
		if errors.As(err, &failed) && failed.ErrorText == aborted {
			continue
		}
		return tab.status("open "+url, answer, err)
	}
}

// Follow clicks, waits until the page that this leads to has loaded, and returns its HTTP status.
func (tab *Tab) Follow(id string) int {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, stepTimeout)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, tab.click(id, 1))
	return tab.status("follow "+id, answer, err)
}

func (tab *Tab) status(what string, answer *network.Response, err error) int {
	tab.t.Helper()
	if err != nil {
		tab.fail("%s: %v", what, err)
	}
	if answer == nil { // the browser had kept the page
		return 0
	}
	return int(answer.Status)
}

// Reload loads the page again, as F5 does; a form that led to it is sent again.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.do("reload", chromedp.Reload())
}

// Back goes back in the history. The browser may have kept that page as it was, and then loads nothing.
func (tab *Tab) Back() {
	tab.t.Helper()
	tab.do("go back", chromedp.Evaluate[chromedp.Void](`document.left = true; setTimeout(() => history.back())`),
		until(tab, `!document.left && document.readyState === "complete"`))
}

// Close closes the tab.
func (tab *Tab) Close() {
	tab.t.Helper()
	tab.closed = true
	tab.do("close", call(page.Close, cdp.Empty{}))
}

// WaitUntil waits until an expression is true in the page, or in one that replaces it. It is evaluated in each frame.
func (tab *Tab) WaitUntil(what, expression string) {
	tab.t.Helper()
	tab.do("wait until "+what, until(tab, expression))
}

// until waits as WaitUntil does.
func until(tab *Tab, expression string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		_, err = await[bool](tab, "!!("+expression+")")(ctx, target)
		return none, err
	}
}

// Evaluate evaluates an expression in the page; when the page is left meanwhile, in the one that replaces it.
func Evaluate[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	value, err := run(tab, inSuccessors(expression, func(T) bool { return true }))
	if err != nil {
		tab.fail("evaluate %s: %v", expression, err)
	}
	return value
}

// await evaluates an expression, in the page or in one that replaces it, until its value is not the zero value. It does so in
// each frame; a page without scripts changes only by loading.
func await[T comparable](tab *Tab, expression string) chromedp.Action[T] {
	if !tab.noScripts {
		expression = `new Promise(done => {
			const look = () => { const value = (` + expression + `); if (value) done(value); else requestAnimationFrame(look); };
			look();
		})`
	}
	var zero T
	return inSuccessors(expression, func(value T) bool { return value != zero })
}

// inSuccessors evaluates an expression until its value is accepted, or fails. After a value that is not, and when the page was
// left during the evaluation, it waits for the browser to report progress of a page that loads.
func inSuccessors[T any](expression string, accept func(T) bool) chromedp.Action[T] {
	evaluate := chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)
	return func(ctx context.Context, target *chromedp.Target) (value T, err error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		progress, stop := iter.Pull2(chromedp.Events(ctx, page.LifecycleEvent))
		defer stop()
		for {
			value, err = evaluate(ctx, target)
			var left *cdproto.Error
			switch {
			case err == nil && accept(value):
				return value, nil
			case ctx.Err() != nil, err != nil && !errors.As(err, &left):
				return value, errors.Join(ctx.Err(), err)
			}
			if _, err, _ := progress(); err != nil {
				return value, err
			}
		}
	}
}
