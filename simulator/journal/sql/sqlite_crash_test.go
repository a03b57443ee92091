package sqljournal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"mozartosim/simulator/journal"
)

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

// hold opens a file, says so, and keeps it until its input ends.
func hold(file string) error {
	j, err := place{file: file}.open(Options{})
	if err != nil {
		return err
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return j.Close()
}

// openAsNobody says what is wrong with a file, for a user who isn't root.
func openAsNobody(file string) error {
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgid(65534), syscall.Setuid(65534)); err != nil {
			return err
		}
	}
	j, err := place{file: file}.open(Options{})
	if err == nil {
		err = errors.Join(errors.New("it opens"), j.Close())
	}
	_, err = fmt.Println(err)
	return err
}

const writers = 8

// writeUntilKilled appends from many callers at the same time, says of each append that it was accepted, and never ends.
func writeUntilKilled(file string) error {
	j, err := place{file: file}.open(Options{})
	if err != nil {
		return err
	}
	fmt.Println("open")
	var all sync.WaitGroup
	failed := make(chan error, writers)
	for range writers {
		all.Go(func() {
			for {
				if err := writeOne(j); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	return <-failed
}

// writeOne makes a payment and changes it; each line on the output is something that must be there ever after.
func writeOne(j *Journal) error {
	ctx := context.Background()
	n, err := j.Ordinal(ctx, "acme", journal.AnyRev)
	if err != nil {
		return err
	}
	a := payment("acme", int64(n))
	if err := j.Append(ctx, a); err != nil {
		return err
	}
	fmt.Printf("made %d\n", n)
	if err = j.Append(ctx, decided(a)); err == nil {
		fmt.Printf("changed %d\n", n)
	}
	return err
}

// process is this test's program in a role.
type process struct {
	*exec.Cmd
	in io.WriteCloser
}

func child(t *testing.T, role, file string) (process, *bufio.Scanner) {
	t.Helper()
	p := process{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), "MOZARTOSIM_TEST_ROLE="+role, "MOZARTOSIM_TEST_FILE="+file)
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.in, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p, bufio.NewScanner(out)
}

// A process is killed over and over while it writes: all that it had accepted is there, whole, and no ordinal is given twice.
func TestKilled(t *testing.T) {
	t.Parallel()
	p, chance := aFile(t), rand.New(rand.NewPCG(1, 2))
	made, changed := map[int64]bool{}, map[int64]bool{}
	for round := range 8 {
		cmd, out := child(t, "write", p.file)
		enough := 1 + chance.IntN(400)
		for lines := 0; out.Scan(); lines++ {
			var n int64
			switch _, err := fmt.Sscanf(out.Text(), "made %d", &n); {
			case err == nil && made[n]:
				t.Fatalf("round %d: the ordinal %d was given twice", round, n)
			case err == nil:
				made[n] = true
			case strings.HasPrefix(out.Text(), "changed "):
				_, _ = fmt.Sscanf(out.Text(), "changed %d", &n)
				changed[n] = true
			}
			if lines == enough {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait() // it was killed
	}
	j := p.journal(t, Options{})
	for n := range made {
		a := payment("acme", n)
		got, err := j.Entries(context.Background(), "acme", a.Stream)
		if err != nil || len(got) < 3 || changed[n] && len(got) != 4 || string(got[1].Data) != string(a.Entries[1].Data) {
			t.Fatalf("payment %d has %d entries, %v", n, len(got), err)
		}
		if _, err := j.Find(context.Background(), a.Keys[0]); err != nil {
			t.Fatalf("payment %d: its key: %v", n, err)
		}
	}
	stats, err := j.Stats(context.Background(), "acme")
	if err != nil || stats.Streams < len(made) || stats.Jobs > 2*stats.Streams-len(changed) || len(made) < 100 {
		t.Fatalf("%+v, %d made, %d changed, %v", stats, len(made), len(changed), err)
	}
	sound(t, j)
}

// duplicate copies a file and what is beside it, as a crash would leave them.
func duplicate(t testing.TB, file string) string {
	t.Helper()
	to := aFile(t).file
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

// When the disk is full, an append is refused whole, and the journal goes on when there is space again.
func TestFull(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aFile(t)
	j := p.journal(t, Options{})
	limit := func(pages int) {
		t.Helper()
		if err := j.db.(*sqliteFile).conn.exec(context.Background(), fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
			t.Fatal(err)
		}
	}
	add(t, j, payment("acme", 0))
	limit(40)
	last, err := int64(0), error(nil)
	for err == nil {
		last++
		err = j.Append(ctx, payment("acme", last))
	}
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), p.file) || !strings.Contains(err.Error(), "free some space") {
		t.Fatalf("append %d: %v", last, err)
	}
	refused := payment("acme", last)
	if _, err := j.Entries(ctx, "acme", refused.Stream); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("the refused append: %v", err)
	}
	if _, err := j.Find(ctx, refused.Keys[0]); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("its key: %v", err)
	}
	if stats, err := j.Stats(ctx, "acme"); err != nil || stats.Streams != int(last) || stats.Jobs != int(2*last) {
		t.Errorf("%+v, %v", stats, err)
	}
	limit(4000)
	add(t, j, refused)
	shut(t, j)
	if got := exported(t, p.journal(t, Options{}), "acme"); len(got.Streams) != int(last)+1 || got.Seq != uint64(3*(last+1)) {
		t.Errorf("%d streams, seq %d", len(got.Streams), got.Seq)
	}
}
