package simulator

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"mozartosim/fixtures"
)

// Payments that the limit of bytes drops, and the jobs that go with them, are counted and logged.
func TestDropsAreCountedAndLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := open(t, func(c *Config) {
		c.MaxBytes, c.Shopper = 20_000, ManualShopper
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	}).adminOf(t, "acme", nil)
	requests, err := fixtures.Requests()
	must(t, err)
	i := slices.IndexFunc(requests, func(r fixtures.Request) bool { return r.PSP == "TRUST" })
	for range 20 {
		if got := d.pay(d.company, string(requests[i].Body)); got.Code != http.StatusOK {
			t.Fatalf("a payment is answered %d: %s", got.Code, got.Body)
		}
	}
	stats, err := d.journal.Stats(t.Context(), d.company.ID)
	must(t, err)
	if stats.Streams == 0 || stats.Bytes > 20_000 || stats.Dropped == 0 {
		t.Errorf("kept %+v", stats)
	}
	w := httptest.NewRecorder()
	d.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, what := range []string{"payments", "jobs"} {
		if !strings.Contains(w.Body.String(), `mozartosim_dropped_total{limit="max-bytes",what="`+what+`"} `) {
			t.Errorf("the metrics don't count %s", what)
		}
	}
	if text := log.String(); !strings.Contains(text, "a limit was reached") || !strings.Contains(text, "limit=max-bytes") {
		t.Errorf("the log says\n%s", text)
	}
}
