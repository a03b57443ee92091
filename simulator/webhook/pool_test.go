package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/simulator/webhook"
)

// watch sees what runs at once and in which order.
type watch struct {
	mu      sync.Mutex
	running int
	targets map[string]int
	keys    map[string]int
	order   map[string][]int
	most    int
	problem string
}

func newWatch() *watch {
	return &watch{targets: map[string]int{}, keys: map[string]int{}, order: map[string][]int{}}
}

func (w *watch) run(target, key string, number, perTarget int) {
	w.mu.Lock()
	w.running++
	w.most = max(w.most, w.running)
	w.targets[target]++
	w.keys[key]++
	w.order[key] = append(w.order[key], number)
	if w.targets[target] > perTarget {
		w.problem = fmt.Sprintf("target %s runs %d", target, w.targets[target])
	}
	if key != "" && w.keys[key] > 1 {
		w.problem = fmt.Sprintf("key %s overlaps", key)
	}
	w.mu.Unlock()
	runtime.Gosched() // let others in
	w.mu.Lock()
	w.running--
	w.targets[target]--
	w.keys[key]--
	w.mu.Unlock()
}

// However functions are spread over targets and keys: bounds hold, keys keep their order, and all run.
func TestPoolProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		perTarget, total := rapid.IntRange(1, 4).Draw(t, "perTarget"), rapid.IntRange(1, 6).Draw(t, "total")
		targets, keys := rapid.IntRange(1, 5).Draw(t, "targets"), rapid.IntRange(0, 8).Draw(t, "keys")
		calls := rapid.SliceOfN(rapid.Uint64(), 0, 200).Draw(t, "calls")
		l, w := webhook.NewPool(perTarget, total), newWatch()
		for number, call := range calls {
			target, key := fmt.Sprint("l", call%uint64(targets)), ""
			if k := call / 8 % uint64(keys+1); k > 0 {
				key = fmt.Sprint("k", k) // the same key may turn up in several targets
			}
			if !l.Go(target, key, func() { w.run(target, key, number, perTarget) }) {
				t.Fatal("refused")
			}
		}
		if err := l.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
		ran := 0
		for key, order := range w.order {
			ran += len(order)
			for i := range order {
				if key != "" && i > 0 && order[i] < order[i-1] {
					t.Fatalf("key %s ran as %v", key, order)
				}
			}
		}
		if ran != len(calls) || w.problem != "" || w.most > total+targets-1 {
			t.Fatalf("%d of %d ran, %d at once (total %d, %d targets) %s", ran, len(calls), w.most, total, targets, w.problem)
		}
		if l.Go("late", "", func() {}) {
			t.Fatal("Go after Wait was taken")
		}
	})
}

// stuck fills a target with n functions that run until release is closed, and returns when they do.
func stuck(t *testing.T, l *webhook.Pool, target string, n int, release <-chan struct{}) {
	t.Helper()
	var begun sync.WaitGroup
	begun.Add(n)
	for range n {
		l.Go(target, "", func() {
			begun.Done()
			<-release
		})
	}
	begun.Wait()
}

// Many targets are stuck with all they can have and total is used up: another target still runs.
func TestDeadTargetsDelayNoOther(t *testing.T) {
	t.Parallel()
	l, release := webhook.NewPool(2, 4), make(chan struct{})
	stuck(t, l, "a", 2, release)
	stuck(t, l, "b", 2, release)
	stuck(t, l, "c", 1, release) // beyond total: its first
	for i := range 10 {
		l.Go("a", "", func() {}) // has to wait
		done := make(chan struct{})
		l.Go("alive", fmt.Sprint("key-", i%2), func() { close(done) })
		<-done
	}
	close(release)
	if err := l.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A place that comes free goes to the target that could have used it, even while the other has a queue.
func TestTotalIsShared(t *testing.T) {
	t.Parallel()
	l := webhook.NewPool(3, 3)
	gate, release := make(chan struct{}), make(chan struct{})
	stuck(t, l, "greedy", 3, gate)
	for range 30 {
		l.Go("greedy", "", func() { <-release })
	}
	var met sync.WaitGroup // two functions of one target that need each other: only two workers let them end
	met.Add(2)
	for range 2 {
		l.Go("modest", "", func() { met.Done(); met.Wait() })
	}
	close(gate) // greedy's workers take their next functions, which don't end; but for the one that must give way
	met.Wait()
	close(release)
	if err := l.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPoolClose(t *testing.T) {
	t.Parallel()
	l, release := webhook.NewPool(2, 10), make(chan struct{})
	stuck(t, l, "a", 1, release)
	var begun sync.WaitGroup
	begun.Add(1)
	l.Go("a", "key", func() { begun.Done(); <-release })
	begun.Wait()
	never := func() { t.Error("ran after Close") }
	l.Go("a", "", never)
	l.Go("a", "key", never) // waits for its key
	l.Go("b", "key", never)
	if dropped := l.Close(); dropped != 3 {
		t.Errorf("dropped %d, want 3", dropped)
	}
	if l.Go("a", "", never) || l.Close() != 0 {
		t.Error("it is closed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
	close(release)
	if err := l.Wait(t.Context()); err != nil {
		t.Errorf("Wait: %v", err)
	}
	if err := webhook.NewPool(0, 0).Wait(t.Context()); err != nil {
		t.Errorf("Wait for nothing: %v", err)
	}
}

// Functions may call Go themselves, as an attempt that plans the next does.
func TestGoFromWithin(t *testing.T) {
	t.Parallel()
	l, done := webhook.NewPool(1, 1), make(chan struct{})
	var left atomic.Int32
	left.Store(100)
	var again func()
	again = func() {
		if left.Add(-1) == 0 {
			close(done)
			return
		}
		l.Go("a", "key", again)
	}
	l.Go("a", "key", again)
	<-done
	if err := l.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkPool(b *testing.B) {
	l := webhook.NewPool(0, 0)
	for i := 0; b.Loop(); i++ {
		l.Go("target", "", func() {})
	}
	if err := l.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
}
