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
	lanes   map[string]int
	keys    map[string]int
	order   map[string][]int
	most    int
	problem string
}

func newWatch() *watch {
	return &watch{lanes: map[string]int{}, keys: map[string]int{}, order: map[string][]int{}}
}

func (w *watch) run(lane, key string, number, perLane int) {
	w.mu.Lock()
	w.running++
	w.most = max(w.most, w.running)
	w.lanes[lane]++
	w.keys[key]++
	w.order[key] = append(w.order[key], number)
	if w.lanes[lane] > perLane {
		w.problem = fmt.Sprintf("lane %s runs %d", lane, w.lanes[lane])
	}
	if key != "" && w.keys[key] > 1 {
		w.problem = fmt.Sprintf("key %s overlaps", key)
	}
	w.mu.Unlock()
	runtime.Gosched() // let others in
	w.mu.Lock()
	w.running--
	w.lanes[lane]--
	w.keys[key]--
	w.mu.Unlock()
}

// However functions are spread over lanes and keys: bounds hold, keys keep their order, and all run.
func TestLanesProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		perLane, total := rapid.IntRange(1, 4).Draw(t, "perLane"), rapid.IntRange(1, 6).Draw(t, "total")
		lanes, keys := rapid.IntRange(1, 5).Draw(t, "lanes"), rapid.IntRange(0, 8).Draw(t, "keys")
		calls := rapid.SliceOfN(rapid.Uint64(), 0, 200).Draw(t, "calls")
		l, w := webhook.NewPool(perLane, total), newWatch()
		for number, call := range calls {
			lane, key := fmt.Sprint("l", call%uint64(lanes)), ""
			if k := call / 8 % uint64(keys+1); k > 0 {
				key = fmt.Sprint("k", k) // the same key may turn up in several lanes
			}
			if !l.Go(lane, key, func() { w.run(lane, key, number, perLane) }) {
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
		if ran != len(calls) || w.problem != "" || w.most > total+lanes-1 {
			t.Fatalf("%d of %d ran, %d at once (total %d, %d lanes) %s", ran, len(calls), w.most, total, lanes, w.problem)
		}
		if l.Go("late", "", func() {}) {
			t.Fatal("Go after Wait was taken")
		}
	})
}

// stuck fills a lane with n functions that run until release is closed, and returns when they do.
func stuck(t *testing.T, l *webhook.Pool, lane string, n int, release <-chan struct{}) {
	t.Helper()
	var begun sync.WaitGroup
	begun.Add(n)
	for range n {
		l.Go(lane, "", func() {
			begun.Done()
			<-release
		})
	}
	begun.Wait()
}

// Many lanes are stuck with all they can have and total is used up: another lane still runs.
func TestDeadLanesDelayNobody(t *testing.T) {
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

// A place that comes free goes to the lane that could have used it, even while the other has a queue.
func TestTotalIsShared(t *testing.T) {
	t.Parallel()
	l := webhook.NewPool(3, 3)
	gate, release := make(chan struct{}), make(chan struct{})
	stuck(t, l, "greedy", 3, gate)
	for range 30 {
		l.Go("greedy", "", func() { <-release })
	}
	var met sync.WaitGroup // two functions of one lane that need each other: only two workers let them end
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

func TestLanesClose(t *testing.T) {
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

func BenchmarkLanes(b *testing.B) {
	l := webhook.NewPool(0, 0)
	for i := 0; b.Loop(); i++ {
		l.Go("lane", "", func() {})
	}
	if err := l.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
}
