package docker

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// answersWithin is how soon there must be an answer or a 503, whatever has failed.
const answersWithin = 5 * time.Second

// load is payments that are made one after the other by several clients.
type load struct {
	clients sync.WaitGroup

	mu       sync.Mutex
	more     *sync.Cond // a call has ended
	calls    int
	ended    bool
	answered []string // ids
	refused  int      // with 503
	slowest  time.Duration
	failed   []error
}

// startLoad begins to make payments.
func startLoad(s *simulator, clients int) *load {
	l := &load{}
	l.more = sync.NewCond(&l.mu)
	for client := range clients {
		l.clients.Go(func() {
			for n := 0; l.call(s, fmt.Sprintf("load-%d-%d", client, n)); n++ {
			}
		})
	}
	return l
}

// call makes a payment, and says whether more are wanted.
func (l *load) call(s *simulator, reference string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), answersWithin)
	defer cancel()
	began := time.Now()
	made, status, err := s.pay(ctx, reference)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowest = max(l.slowest, time.Since(began))
	switch {
	case status == http.StatusOK && err == nil && made.ID != "":
		l.answered = append(l.answered, made.ID)
	case status == http.StatusServiceUnavailable:
		l.refused++
	default:
		l.failed = append(l.failed, fmt.Errorf("%s: %s was answered %d after %s: %v %w", began.Format(time.TimeOnly), reference, status, time.Since(began), made, err))
	}
	l.calls++
	l.more.Broadcast()
	return !l.ended
}

// await waits for so many more calls.
func (l *load) await(calls int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for until := l.calls + calls; l.calls < until; {
		l.more.Wait()
	}
}

// stop ends the load and returns the first of the calls that failed.
func (l *load) stop() []error {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.clients.Wait()
	return l.failed[:min(len(l.failed), 20)]
}
