package postgres

import "sync"

// lanes let concurrent calls travel together: what arrives in a lane while a flight is under way goes with the next one.
// Lanes with different names fly independently of each other.
type lanes[T any] struct {
	fly  func(name string, passengers []T) // answers every passenger
	most int                               // passengers of one flight

	mu      sync.Mutex
	waiting map[string][]T // there is a place for each lane that flies
	flying  sync.WaitGroup
	closed  bool
}

func newLanes[T any](most int, fly func(string, []T)) *lanes[T] {
	return &lanes[T]{fly: fly, most: most, waiting: map[string][]T{}}
}

// board takes a passenger along; false when the lanes are closed.
func (l *lanes[T]) board(name string, passenger T) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	queue, flying := l.waiting[name]
	l.waiting[name] = append(queue, passenger)
	if !flying {
		l.flying.Go(func() { l.run(name) })
	}
	return true
}

// run flies until nobody waits.
func (l *lanes[T]) run(name string) {
	for {
		l.mu.Lock()
		queue := l.waiting[name]
		if len(queue) == 0 {
			delete(l.waiting, name)
			l.mu.Unlock()
			return
		}
		n := min(len(queue), l.most)
		l.waiting[name] = queue[n:]
		l.mu.Unlock()
		l.fly(name, queue[:n:n])
	}
}

// close lets nobody board any more and waits for those who have.
func (l *lanes[T]) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.flying.Wait()
}
