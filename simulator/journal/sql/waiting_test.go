package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mozartosim/simulator/journal"
)

// Calls that come while a batch is being written go into the next one, together with the others of their scope; scopes don't
// wait for each other.
func TestBatches(t *testing.T) {
	t.Parallel()
	began, proceed := make(chan string), make(chan bool)
	b := newBatches(3, 0, func(scope string, batch []string) error {
		began <- scope + ": " + strings.Join(batch, " ")
		<-proceed
		return nil
	})
	add := func(scope, call string) {
		t.Helper()
		if b.add(scope, call) == nil {
			t.Fatalf("%s was refused", call)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got := <-began; got != want {
			t.Fatalf("batch %q, want %q", got, want)
		}
	}
	add("a", "1")
	expect("a: 1")
	for i := range 4 {
		add("a", fmt.Sprint(i+2))
	}
	add("b", "6")
	expect("b: 6")
	proceed <- true
	proceed <- true
	expect("a: 2 3 4")
	proceed <- true
	expect("a: 5")
	closed := make(chan bool)
	go func() {
		b.close()
		close(closed)
	}()
	proceed <- true
	<-closed
	if b.add("a", "7") != nil {
		t.Error("a call was added after the batches were closed")
	}
	if len(b.scopes) > 0 {
		t.Errorf("scopes are left: %v", b.scopes)
	}
}

// A batch waits for as many calls as are likely to come, those that the last one answered and those that came meanwhile, and
// no longer than its patience; also where none has come yet when the last one is written.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, proceed := make(chan int), make(chan bool)
		b := newBatches(10, time.Minute, func(_ string, batch []int) error {
			began <- len(batch)
			<-proceed
			return nil
		})
		start := time.Now()
		b.add("a", 1)
		same(t, "a lone call", 1, <-began)
		b.add("a", 2)
		proceed <- true
		synctest.Wait() // until it waits for the first caller to be back
		b.add("a", 3)
		same(t, "both", 2, <-began)
		same(t, "time that has passed", time.Duration(0), time.Since(start))
		proceed <- true
		synctest.Wait()
		b.add("a", 4)
		synctest.Wait()
		b.add("a", 5)
		same(t, "both again, after it was written", 2, <-began)
		same(t, "time that has passed", time.Duration(0), time.Since(start))
		b.add("a", 6)
		proceed <- true
		same(t, "none comes back", 1, <-began)
		same(t, "time that has passed", time.Minute, time.Since(start))
		proceed <- true
		b.close()
	})
}

// A steady batch gathers calls for as long as its patience lasts, but not when somebody waits for one of them, nor at the end.
func TestSteady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		written := make(chan int)
		b := newBatches(10, time.Minute, func(_ string, batch []int) error {
			written <- len(batch)
			return nil
		})
		b.steady = true
		start := time.Now()
		b.add("a", 1)
		same(t, "the first", 1, <-written)
		b.add("a", 2)
		b.add("a", 3)
		same(t, "gathered", 2, <-written)
		same(t, "time that has passed", time.Minute, time.Since(start))
		b.add("a", 4)
		synctest.Wait()
		answered := make(chan error)
		go func() { answered <- b.do(t.Context(), "a", 5) }()
		same(t, "with the awaited one", 2, <-written)
		b.add("a", 6) // which nobody waits for
		if err := <-answered; err != nil {
			t.Error(err)
		}
		same(t, "and again", 1, <-written)
		same(t, "time that has passed", 2*time.Minute, time.Since(start))
		b.add("a", 7)
		synctest.Wait()
		go b.close()
		same(t, "at the end", 1, <-written)
		b.writers.Wait()
		same(t, "time that has passed", 2*time.Minute, time.Since(start))
	})
}

// Who waits for a batch gives up at his deadline, and only then: what he has cancelled is written all the same.
func TestAwait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := await(late, make(chan error)); !errors.Is(err, journal.ErrUnavailable) {
			t.Errorf("after the deadline: %v", err)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		done := make(chan error)
		time.AfterFunc(time.Hour, func() { close(done) })
		if err := await(cancelled, done); err != nil {
			t.Errorf("cancelled: %v", err)
		}
	})
}
