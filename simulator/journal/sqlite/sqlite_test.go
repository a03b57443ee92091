package sqlite

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// TestMain is also the process that other tests start, kill, or keep out.
func TestMain(m *testing.M) {
	if role := os.Getenv("MOZARTOSIM_TEST_ROLE"); role != "" {
		os.Exit(play(role, os.Getenv("MOZARTOSIM_TEST_FILE")))
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, file string, o Options) *Journal {
	t.Helper()
	j, err := Open(context.Background(), file, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, j) })
	return j
}

func shut(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func fresh(t testing.TB) string { return filepath.Join(t.TempDir(), "test.db") }

// hasty makes a journal that doesn't wait for the disk, for tests that are not about that.
func hasty(t testing.TB, j *Journal) *Journal {
	t.Helper()
	if err := j.conn.once("PRAGMA synchronous = OFF"); err != nil {
		t.Fatal(err)
	}
	return j
}

func add(t testing.TB, j journal.Journal, a journal.Append) {
	t.Helper()
	if err := j.Append(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

func copied(t testing.TB, j journal.Journal, company string) journal.Copy {
	t.Helper()
	c, err := j.Export(context.Background(), company)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Jobs {
		c.Jobs[i].Seq = 0 // the order counts, not the number
	}
	return c
}

func same(t testing.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (- want, + got):\n%s", what, diff)
	}
}

// duplicate copies a file and what stands beside it, as a crash would leave them.
func duplicate(t testing.TB, file string) string {
	t.Helper()
	to := fresh(t)
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(file + suffix)
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// payment is an append such as a pay-in makes.
func payment(n int64) journal.Append {
	id := fmt.Sprintf("665f1c2ab7e4d93a%08x", n)
	at := time.Unix(1_750_000_000, n*1000)
	a := journal.Append{
		Company: "acme", Stream: id, Keys: []string{fmt.Sprintf("session:%08x-4f3a-4f3a-%08x", uint32(n*2654435761), n)},
		Labels: journal.Labels{
			{Name: "psp", Value: "PAYONE"}, {Name: "type", Value: "PAYIN"}, {Name: "status", Value: "pending"},
			{Name: "userId", Value: fmt.Sprint("user-", n%1000)}, {Name: "merchantReference", Value: fmt.Sprint("order-", n)},
			{Name: "currency", Value: "CAD"}, {Name: "amount", Value: "100"}, {Name: "deliveries", Value: ""},
		},
		Jobs: []journal.Job{
			{ID: id + "/decision", At: at.Add(2 * time.Second), Kind: "decision", Data: []byte(`{"action":"approve","by":"shopper"}`)},
			{ID: id + "/expiry", At: at.Add(time.Hour), Kind: "expiry", Data: []byte("{}")},
		},
	}
	for i, size := range []int{1100, 60, 450} {
		data := fmt.Appendf(nil, `{"n":%d,"filler":"%0*d"}`, n, size, i)
		a.Entries = append(a.Entries, journal.Entry{At: at.UTC().Truncate(time.Millisecond), Kind: fmt.Sprint("payment.", i), Data: data})
	}
	return a
}

func TestConformance(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(t *testing.T) journal.Journal { return hasty(t, open(t, fresh(t), Options{})) })
}

// play is what a process of its own does.
func play(role, file string) int {
	var err error
	switch role {
	case "write":
		err = writeUntilKilled(file)
	case "hold":
		err = hold(file)
	case "open as nobody":
		err = openAsNobody(file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// hold opens a file, says so, and keeps it until nobody listens any more.
func hold(file string) error {
	j, err := Open(context.Background(), file, Options{})
	if err != nil {
		return err
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return j.Close()
}
