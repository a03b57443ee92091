package simulator

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mozartosim/fixtures"
	"mozartosim/simulator/journal"
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

// What is dropped is logged the first time and whenever it has doubled, so that a full journal doesn't fill the log.
func TestDropLog(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	l := dropLog{log: slog.New(slog.NewTextHandler(&text, nil))}
	for range 1000 {
		l.dropped(journal.Drop{Company: "c", Limit: "max-payments", Payments: 1})
	}
	l.dropped(journal.Drop{Company: "c", Limit: "max-payments", Payments: 1, Jobs: 3})
	if n := strings.Count(text.String(), "\n"); n != 11 || !strings.Contains(text.String(), "payments=512 ") || !strings.Contains(text.String(), "payments=1001 jobs=3") {
		t.Errorf("%d lines:\n%s", n, &text)
	}
}

// The limit of a container's memory is found wherever its cgroup has it.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text + "\n")} }
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  int64
	}{
		"none":            {fstest.MapFS{}, 0},
		"a namespace":     {fstest.MapFS{"proc/self/cgroup": file("0::/"), "sys/fs/cgroup/memory.max": file("536870912")}, 512 << 20},
		"no limit":        {fstest.MapFS{"proc/self/cgroup": file("0::/"), "sys/fs/cgroup/memory.max": file("max")}, 0},
		"a group above":   {fstest.MapFS{"proc/self/cgroup": file("0::/pod/one"), "sys/fs/cgroup/pod/memory.max": file("1000"), "sys/fs/cgroup/pod/one/memory.max": file("2000")}, 1000},
		"version 1":       {fstest.MapFS{"proc/self/cgroup": file("5:memory:/docker/x\n1:cpu:/y"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("4096")}, 4096},
		"version 1, none": {fstest.MapFS{"proc/self/cgroup": file("5:memory:/"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712")}, 0},
	} {
		if got := memoryLimit(test.files); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// A small heap may become five times as large before it is collected, a large one half as large again, and one between them by 128 MiB.
func TestGCPercent(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 200, 10 << 20: 400, 32 << 20: 400, 64 << 20: 200, 100 << 20: 128, 128 << 20: 100, 200 << 20: 64, 1 << 30: 50} {
		if got := gcPercent(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}
