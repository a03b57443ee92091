package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// ErrNoBrowser says that no Chromium was found, and what to do about it.
var ErrNoBrowser = errors.New("no Chromium on the PATH: install it (Debian: apt-get install chromium), or name one in MOZARTOSIM_CHROMIUM")

// tabsAtOnce bounds the pages that are open at a time, whatever -parallel says: each is a process.
const tabsAtOnce = 4

// Browser is a running Chromium without a window.
type Browser struct {
	ctx    context.Context
	cancel func()
	room   chan struct{} // one place for each test that has tabs
}

// Find returns the path of Chromium: MOZARTOSIM_CHROMIUM, or the first of its usual names on the PATH. The error is
// ErrNoBrowser.
func Find() (string, error) {
	if named := os.Getenv("MOZARTOSIM_CHROMIUM"); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("MOZARTOSIM_CHROMIUM: %w", err)
		}
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}

// Start starts Chromium with a fresh profile. Close ends it and takes the profile away.
func Start() (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // in containers there is none, and the pages are our own
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		// Nothing but this machine can be reached, whatever a page asks for; the watch reports that it asked.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE ::1"),
		chromedp.Flag("renderer-process-limit", "4"),
		chromedp.Flag("allow-pre-commit-input", true), // else a click before the first picture is thrown away
		chromedp.Flag("lang", "en-GB"),
		chromedp.WindowSize(desktop.width, desktop.height),
	)
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated, chromedp.WithLogf(discard), chromedp.WithErrorf(discard))
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return &Browser{ctx: ctx, cancel: func() { cancel(); stop() }, room: make(chan struct{}, tabsAtOnce)}, nil
}

// discard keeps the driver's own remarks out of the tests: it logs protocol messages that are newer than itself.
func discard(string, ...any) {}

// Close ends the browser and waits until its processes and its profile are gone.
func (b *Browser) Close() error {
	err := chromedp.Cancel(b.ctx)
	b.cancel()
	if err != nil {
		return fmt.Errorf("stop the browser: %w", err)
	}
	return nil
}

// Tab opens an empty page in a context of its own: no cookies, no history. Hosts names the servers, as host:port or URLs,
// that the page may talk to. When the test ends, the tab is closed and everything that its watch saw is an error.
func (b *Browser) Tab(t testing.TB, hosts ...string) *Tab {
	t.Helper()
	b.room <- struct{}{}
	t.Cleanup(func() { <-b.room })
	return open(t, b.ctx, names(hosts), chromedp.WithNewBrowserContext())
}

func names(hosts []string) []string {
	out := make([]string, len(hosts))
	for i, h := range hosts {
		_, after, found := strings.Cut(h, "://")
		if !found {
			after = h
		}
		out[i], _, _ = strings.Cut(after, "/")
	}
	return out
}
