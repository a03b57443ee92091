package pages

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"context"

	"github.com/gorilla/mux"
	"rsc.io/qr"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/design"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
)

// broken is a journal that can't be read.
type broken struct {
	journal.Journal
	err error
}

func (b broken) Find(context.Context, string) (journal.Stream, error) { return journal.Stream{}, b.err }

func mounted(t *testing.T, j journal.Journal) http.Handler {
	t.Helper()
	router := mux.NewRouter().SkipClean(true)
	base := listener.NewBase("http://localhost", false)
	base.Set("https://sim.test/base")
	sessions := &Sessions{
		Payments: payments.NewStore(j, nil, nil, nil),
		Stored:   func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} },
	}
	if err := Mount(router, Config{Sessions: sessions, Base: base, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	return router
}

// A journal that can't be read is a page that says so, and tells nothing more.
func TestBrokenJournal(t *testing.T) {
	t.Parallel()
	h, away := mounted(t, broken{err: errors.New("the disk is full")}), mounted(t, broken{err: journal.Unavailable(errors.New("the disk is full"))})
	w := httptest.NewRecorder()
	away.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/pay/payone/s", nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Mozartosim-Error") != "data-unavailable" || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("while the data is away: %d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/pay/payone/s", "/pay/payone/s/return", "/pay/payone/s/state"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `data-state="refused"`) || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// Assets are found under the names that pages have for them, may be kept for ever, and are small.
func TestAssets(t *testing.T) {
	t.Parallel()
	h := mounted(t, broken{err: errors.New("the disk is full")})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/pay/payone/s", nil))
	links := regexp.MustCompile(`(?:href|src)="/base(/pay/assets/[^"]+)"`).FindAllStringSubmatch(w.Body.String(), -1)
	if len(links) != 2 {
		t.Fatalf("%d assets are asked for: %s", len(links), w.Body)
	}
	for _, link := range links {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, link[1], nil))
		kind := w.Header().Get("Content-Type")
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(kind, "text/css") && kind != "image/svg+xml" {
			t.Errorf("%s: %d %v", link[1], w.Code, w.Header())
		}
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/pay/assets/style.css", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("an asset without its hash: %d", w.Code)
	}
	total := 0
	must(t, fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, readErr := files.ReadFile(path)
			total, err = total+len(text), readErr
		}
		return err
	}))
	if total > 64<<10 {
		t.Errorf("%d bytes are embedded", total)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TESTIDS.md names every test id of the templates and every state of a page, and no others.
func TestTestIDs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("TESTIDS.md")
	must(t, err)
	written := map[string]bool{}
	for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(text), -1) {
		written[word[1]] = true
	}
	used := map[string]bool{}
	listed, err := files.ReadDir("templates")
	must(t, err)
	for _, entry := range listed {
		source, err := files.ReadFile("templates/" + entry.Name())
		must(t, err)
		for _, id := range regexp.MustCompile(`data-testid="([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
			used[id[1]] = true
		}
	}
	for id := range used {
		plain, _, dynamic := strings.Cut(id, "{{")
		if dynamic && !slices.ContainsFunc(slices.Collect(keys(written)), func(w string) bool { return strings.HasPrefix(w, plain) }) || !dynamic && !written[id] {
			t.Errorf("TESTIDS.md does not name %s", id)
		}
	}
	d, err := newDrawing(design.Assets{}, "")
	must(t, err)
	for _, s := range []state{
		stateSimulated, stateInvoice, stateProcessing, stateChoose, stateLogin, stateConfirm, stateCard, stateWallet, stateChallenge,
		stateAwaiting, stateDecided, stateUsed, stateExpired, stateFailed, stateNoPage, stateUnknown, stateRefused, stateFront,
		stateShop, stateWaiting, statePaid, stateUnpaid, stateForeign,
	} {
		if !written[string(s)] || d.templates.Lookup("state-"+string(s)) == nil {
			t.Errorf("TESTIDS.md or the templates have no state %s", s)
		}
	}
}

func keys(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// A QR code's path draws exactly the pixels of the code.
func TestQRCode(t *testing.T) {
	t.Parallel()
	var c codes
	for _, text := range []string{"bitcoin:btc-0123456789abcdef0123456789abcdef?amount=0.00160000", strings.Repeat("x", 400)} {
		path, err := c.draw(text)
		must(t, err)
		want, err := qr.Encode(text, qr.M)
		must(t, err)
		if view := fmt.Sprintf(`viewBox="0 0 %d %d"`, want.Size+8, want.Size+8); !strings.Contains(string(path), view) {
			t.Fatalf("there is no %s: %.100s", view, path)
		}
		black := map[[2]int]bool{}
		for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(string(path), -1) {
			x, _ := strconv.Atoi(m[1])
			y, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			for i := range n {
				black[[2]int{x + i - 4, y - 4}] = true
			}
		}
		for y := range want.Size {
			for x := range want.Size {
				if black[[2]int{x, y}] != want.Black(x, y) {
					t.Fatalf("the pixel at %d, %d is wrong", x, y)
				}
			}
		}
	}
	for i := range 2 * keptCodes {
		first, err := c.draw(strconv.Itoa(i))
		must(t, err)
		if second, err := c.draw(strconv.Itoa(i)); err != nil || second != first || len(c.drawn) > keptCodes {
			t.Fatalf("code %d differs, or %d are kept: %v", i, len(c.drawn), err)
		}
	}
	if _, err := c.draw(strings.Repeat("x", 4000)); err == nil {
		t.Error("a text that no code can hold was drawn")
	}
}

// What is read has a contrast of at least 4.5, in each skin, in light and dark (WCAG 2.2).
func TestContrast(t *testing.T) {
	t.Parallel()
	text, err := files.ReadFile("assets/style.css")
	must(t, err)
	var light, dark string
	for _, css := range []string{design.CSS(), string(text)} {
		of, after, found := strings.Cut(css, "@media (prefers-color-scheme: dark)")
		if !found {
			t.Fatal("there is no dark design")
		}
		light, dark = light+of, dark+after
	}
	rule := regexp.MustCompile(`(:root|\.skin-\w+) \{([^}]*)\}`)
	value := regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6})`)
	all := map[string]map[string]string{}
	for _, scheme := range []struct{ name, css string }{{"light", light}, {"dark", light + dark}} {
		for _, skin := range []string{".skin-none", ".skin-forumpay", ".skin-gigadat", ".skin-worldpay", ".skin-trust", ".skin-cleo", ".skin-payone", ".skin-brite", ".skin-emerchantpay"} {
			colours := map[string]string{}
			for _, selector := range []string{":root", skin} {
				for _, r := range rule.FindAllStringSubmatch(scheme.css, -1) {
					for _, v := range value.FindAllStringSubmatch(r[2], -1) {
						if r[1] == selector {
							colours[v[1]] = v[2]
						}
					}
				}
			}
			all[scheme.name+" "+skin] = colours
		}
	}
	for name, c := range all {
		for _, pair := range [][2]string{
			{"ink", "ground"}, {"soft", "ground"}, {"soft", "raised"}, {"accent", "ground"}, {"on-accent", "accent"}, {"bad", "ground"},
			{"bad", "bad-ground"}, {"good", "ground"}, {"good", "good-ground"}, {"wait", "wait-ground"}, {"note", "note-ground"},
		} {
			if got := contrast(t, c[pair[0]], c[pair[1]]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f", name, pair[0], pair[1], got)
			}
		}
		if got := contrast(t, c["strong"], c["ground"]); got < 3 {
			t.Errorf("%s: a field's border has a contrast of %.2f", name, got)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(t *testing.T, colour string) (sum float64) {
	t.Helper()
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		must(t, err)
		part := float64(n) / 255
		if part <= .04045 {
			sum += weight * part / 12.92
			continue
		}
		sum += weight * math.Pow((part+.055)/1.055, 2.4)
	}
	return sum
}

// Spans are written for people, and never below zero.
func TestClockTime(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0:00", 0: "0:00", time.Millisecond: "0:01", 59 * time.Second: "0:59", 5 * time.Minute: "5:00",
		61*time.Minute + time.Second: "1:01:01",
	} {
		if got := clockTime(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// Nobody is sent to a host whose name is reserved for examples.
func TestExampleHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"shop.example": true, "SHOP.EXAMPLE.": true, "example": true, "www.example.com": true, "a.invalid": true,
		"shop.test": false, "localhost": false, "example.shop": false, "myexample.com": false, "127.0.0.1": false,
	} {
		if got := exampleHost(host); got != want {
			t.Errorf("%s: %t", host, got)
		}
	}
}

// A status without a decision is a result too: a call that failed, a frictionless card.
func TestResultByStatus(t *testing.T) {
	t.Parallel()
	var got []string
	for _, status := range adminapi.PaymentStatuses() {
		got = append(got, fmt.Sprint(status, " ", byStatus(payment.Status(status))))
	}
	want := "created pending, awaiting_approval pending, pending pending, approved success, declined failure, cancelled cancelled, " +
		"expired failure, captured success, settled success, refunded failure, charged_back failure, reversed success, failed failure"
	if joined := strings.Join(got, ", "); joined != want {
		t.Errorf("got  %s\nwant %s", joined, want)
	}
}
