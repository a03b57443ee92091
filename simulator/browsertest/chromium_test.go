package browsertest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"
)

// maxTabs bounds the tests that have tabs at a time, whatever -parallel says: each tab is a process.
const maxTabs = 4

// chromium is the browser of all tests; the first test that needs it starts it.
var chromium = sync.OnceValues(func() (*browser, error) {
	b, err := startBrowser()
	if err == nil {
		atEnd.add(b.close)
	}
	return b, err
})

// atEnd stops what tests share, after all tests.
var atEnd stoppers

type stoppers struct {
	mu  sync.Mutex
	all []func() error
}

func (s *stoppers) add(stop func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, stop)
}

func (s *stoppers) run() (err error) {
	for _, stop := range s.all {
		err = errors.Join(err, stop())
	}
	return err
}

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(maxTabs)); err != nil { // tests wait for pages more than they compute
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := errors.Join(atEnd.run(), goleak.Find()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// browser is a running Chromium without a window.
type browser struct {
	ctx    context.Context
	cancel func()
	tabs   chan struct{} // one element for each test that has tabs
}

var errNoBrowser = errors.New("no Chromium on the PATH: install it (Debian: apt-get install chromium-headless-shell), or name one in MOZARTOSIM_CHROMIUM")

// findBrowser returns the path of Chromium: MOZARTOSIM_CHROMIUM, or the first of its usual names on the PATH. The headless
// shell comes first, since it does the same work in half the time.
func findBrowser() (string, error) {
	if named := os.Getenv("MOZARTOSIM_CHROMIUM"); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("MOZARTOSIM_CHROMIUM: %w", err)
		}
		return path, nil
	}
	for _, name := range []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoBrowser
}

// startBrowser starts Chromium with a new profile.
func startBrowser() (*browser, error) {
	path, err := findBrowser()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // containers have none, and the pages are our own
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		// Only this machine can be reached, whatever a page asks for; the monitor reports that it asked.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE ::1"),
		chromedp.Flag("renderer-process-limit", strconv.Itoa(maxTabs)),
		chromedp.Flag("allow-pre-commit-input", true), // else a click before the first frame is dropped
		chromedp.Flag("lang", "en-GB"),
		chromedp.WindowSize(desktop.width, desktop.height),
	)
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	discard := func(string, ...any) {} // the driver logs protocol messages that are newer than itself
	ctx, cancel := chromedp.NewContext(allocated, chromedp.WithLogf(discard), chromedp.WithErrorf(discard))
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return &browser{ctx: ctx, cancel: func() { cancel(); stop() }, tabs: make(chan struct{}, maxTabs)}, nil
}

// close stops the browser and waits until its processes and its profile are gone.
func (b *browser) close() error {
	err := chromedp.Cancel(b.ctx)
	b.cancel()
	return err
}

// newTab opens an empty page in a browser context of its own. hosts are the servers that the page may talk to, as host:port or
// URLs. When the test ends, the tab is closed and each error of its monitor fails the test. Without a browser the test fails:
// it is never skipped.
func newTab(t *testing.T, hosts ...string) *Tab {
	t.Helper()
	b, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	b.tabs <- struct{}{}
	t.Cleanup(func() { <-b.tabs })
	for i, h := range hosts {
		if _, after, isURL := strings.Cut(h, "://"); isURL {
			hosts[i], _, _ = strings.Cut(after, "/")
		}
	}
	return openTab(b.ctx, t, hosts, chromedp.WithNewBrowserContext())
}

// Without a browser the error says what to install, or which name is wrong.
func TestNoBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("MOZARTOSIM_CHROMIUM", "")
	if _, err := findBrowser(); !errors.Is(err, errNoBrowser) {
		t.Errorf("an empty PATH gives %v", err)
	}
	t.Setenv("MOZARTOSIM_CHROMIUM", "/nowhere/chromium")
	if _, err := findBrowser(); err == nil || !strings.Contains(err.Error(), "/nowhere/chromium") {
		t.Errorf("a wrong name gives %v", err)
	}
	if _, err := startBrowser(); err == nil {
		t.Error("a browser that does not exist was started")
	}
}
