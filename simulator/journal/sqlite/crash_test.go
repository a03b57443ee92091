package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"mozartosim/simulator/journal"
)

const writers = 8

// writeUntilKilled appends from many callers at the same time, says of each append that it was accepted, and never ends.
func writeUntilKilled(file string) error {
	j, err := Open(context.Background(), file, Options{})
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
	n, err := j.Ordinal(ctx, "acme")
	if err != nil {
		return err
	}
	a := payment(int64(n))
	if err := j.Append(ctx, a); err != nil {
		return err
	}
	fmt.Printf("made %d\n", n)
	err = j.Append(ctx, journal.Append{
		Company: "acme", Stream: a.Stream, Seen: len(a.Entries), Entries: a.Entries[:1], Completed: []string{a.Jobs[0].ID}, Final: true,
	})
	if err == nil {
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

// A process is killed over and over while it writes: whatever it had accepted is there, whole, and no ordinal is given twice.
func TestKilled(t *testing.T) {
	t.Parallel()
	file, chance := fresh(t), rand.New(rand.NewPCG(1, 2))
	made, changed := map[int64]bool{}, map[int64]bool{}
	for round := range 20 {
		cmd, out := child(t, "write", file)
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
	j := open(t, file, Options{})
	for n := range made {
		a := payment(n)
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
	if err := j.Check(context.Background()); err != nil {
		t.Error(err)
	}
}
