package browsertest

import (
	"context"
	"errors"
	"iter"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// aborted is how the browser calls a page or a request that was left before it was there.
const aborted = "net::ERR_ABORTED"

// Open goes to an address, waits until the page is there, and returns its HTTP status. Where the page that is left was just
// about to go somewhere by itself, the browser may let that one win; then it is asked again.
func (tab *Tab) Open(url string) int {
	tab.t.Helper()
	tab.do("open "+url, func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		events := chromedp.Events(ctx, page.LifecycleEvent)
		for {
			begun, err := cdp.Call(ctx, target, page.Navigate, page.NavigateParams{URL: url})
			switch {
			case err != nil:
				return none, err
			case begun.ErrorText == aborted:
				continue
			case begun.ErrorText != "":
				return none, errors.New(begun.ErrorText)
			}
			there := false // and from then on whatever it leads to by itself is as good
			return none, first(events, func(e page.EventLifecycleEvent) bool {
				there = there || e.LoaderID == begun.LoaderID
				return there && e.Name == "load"
			})
		}
	})
	return tab.watch.status()
}

// Leave clicks, waits until another page has loaded, and returns its HTTP status.
func (tab *Tab) Leave(id string) int {
	tab.t.Helper()
	return tab.leave("click "+id, tab.press(id, 1))
}

// Reload asks for the page again, as F5 does; a form that led to it is sent again.
func (tab *Tab) Reload() int {
	tab.t.Helper()
	return tab.leave("reload", func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, page.Reload, page.ReloadParams{})
		return none, err
	})
}

// leave does a step and waits until the page has gone and its successor is there, whoever led to that.
func (tab *Tab) leave(what string, step chromedp.Action[chromedp.Void]) int {
	tab.t.Helper()
	tab.do(what,
		chromedp.Evaluate[chromedp.Void](`document.leaving = true`), step,
		tab.until(`!document.leaving && document.readyState === "complete"`))
	return tab.watch.status()
}

// When waits until an expression is true of the page, or of one that follows it by itself; the browser looks again whenever
// it draws.
func (tab *Tab) When(what, expression string) {
	tab.t.Helper()
	tab.do("wait until "+what, tab.until(expression))
}

// until waits as When does. A page that is left while it is asked is asked again in its successor. One that runs no scripts
// changes by loading only.
func (tab *Tab) until(expression string) chromedp.Action[chromedp.Void] {
	look := chromedp.Evaluate[bool](`new Promise(done => {
		const look = () => (`+expression+`) ? done(true) : requestAnimationFrame(look);
		look();
	})`, chromedp.EvalAwaitPromise)
	if tab.plain {
		look = chromedp.Evaluate[bool](`!!(` + expression + `)`)
	}
	return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		next, stop := iter.Pull2(chromedp.Events(ctx, page.LifecycleEvent))
		defer stop()
		for {
			yes, err := look(ctx, target)
			var gone *cdproto.Error
			switch {
			case err == nil && yes:
				return none, nil
			case ctx.Err() != nil, err != nil && !errors.As(err, &gone):
				return none, errors.Join(ctx.Err(), err)
			}
			if _, err, _ := next(); err != nil {
				return none, err
			}
		}
	}
}

// Back goes back in the history. The browser may have kept the page as it was, and then loads nothing.
func (tab *Tab) Back() {
	tab.t.Helper()
	tab.do("back", func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		history, err := cdp.Call(ctx, target, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return none, err
		}
		if history.CurrentIndex < 1 {
			return none, errors.New("there is nothing to go back to")
		}
		to := page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		came := make(chan error, 2)
		loaded, restored := chromedp.Events(ctx, page.LifecycleEvent), chromedp.Events(ctx, page.FrameNavigated)
		go func() { came <- first(loaded, func(e page.EventLifecycleEvent) bool { return e.Name == "load" }) }()
		go func() {
			came <- first(restored, func(e page.EventFrameNavigated) bool { return e.Type == page.NavigationTypeBackForwardCacheRestore })
		}()
		if _, err := cdp.Call(ctx, target, page.NavigateToHistoryEntry, to); err != nil {
			return none, err
		}
		return none, <-came
	})
}

// first waits for the first event that is meant.
func first[E any](events iter.Seq2[E, error], meant func(E) bool) error {
	for e, err := range events {
		if err != nil || meant(e) {
			return err
		}
	}
	return errNotSo
}
