package browsertest

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// chromium is the browser of all tests here; the first test that needs it starts it.
var chromium = sync.OnceValues(func() (*Browser, error) {
	started = true
	return Start()
})

var started bool

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(tabsAtOnce)); err != nil { // tests wait for pages more than they work
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if started {
		if b, err := chromium(); err == nil {
			if err := b.Close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// tab opens a page in the browser of all tests. Without a browser the test fails: it is never skipped.
func tab(t *testing.T, hosts ...string) *Tab {
	t.Helper()
	b, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	return b.Tab(t, hosts...)
}
