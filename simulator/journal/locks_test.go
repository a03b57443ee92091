package journal_test

import (
	"testing"
	"testing/synctest"

	"mozartosim/simulator/journal"
)

// Those who wait for a lock get it in the order in which they came: one who takes it again and again keeps nobody out.
func TestLocksAreFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locks, got := journal.NewLocks(nil), make(chan string, 4)
		take := func(who string) func() {
			unlock, err := locks.Take(t.Context(), "c")
			if err != nil {
				t.Error(err)
			}
			got <- who
			return unlock
		}
		unlock := take("first")
		for _, who := range []string{"second", "third"} {
			go func() { take(who)() }()
			synctest.Wait()
		}
		unlock()
		take("first again")()
		for _, want := range []string{"first", "second", "third"} {
			if who := <-got; who != want {
				t.Errorf("%s has it, not %s", who, want)
			}
		}
	})
}
