package listener

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Readiness says whether the simulator takes calls: when it has started, while its journal can be written.
type Readiness struct {
	log     *slog.Logger
	serving chan struct{} // closed when admin is set
	admin   http.Handler

	mu      sync.Mutex
	journal func(ctx context.Context) error // writes to it; nil = the simulator is starting
	look    chan struct{}                   // closed when the look at the journal that is under way has ended; nil = none is
	found   error                           // what the last look found
}

// lookWithin is how long a look at the journal may take. Who asks waits up to twice as long, and so for the end of the look, unless
// the journal takes no notice of its deadline: the next one who asks begins a look of its own.
const lookWithin = 400 * time.Millisecond

// NewReadiness is that of a simulator that is starting.
func NewReadiness(log *slog.Logger) *Readiness {
	return &Readiness{log: log, serving: make(chan struct{})}
}

// Opened says that the simulator has started: its journal is open.
func (r *Readiness) Opened(journal func(ctx context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.journal = journal
}

// Serve says what answers the admin listener's requests from now on.
func (r *Readiness) Serve(admin http.Handler) {
	r.admin = admin
	close(r.serving)
}

// ServeHTTP has requests wait until they can be served.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	select {
	case <-r.serving:
		r.admin.ServeHTTP(w, request)
	case <-request.Context().Done():
	}
}

// Check says why no calls are taken. However many ask, one looks at the journal; one that gets no answer is not left for another.
func (r *Readiness) Check(ctx context.Context) error {
	r.mu.Lock()
	if r.journal == nil {
		r.mu.Unlock()
		return errors.New("the simulator is starting: its data is being opened")
	}
	if r.look == nil {
		r.look = make(chan struct{})
		go r.lookOnce(r.look) //nolint:gosec,contextcheck // for all who wait, however soon this one leaves
	}
	done := r.look
	r.mu.Unlock()
	within, cancel := context.WithTimeout(ctx, 2*lookWithin)
	defer cancel()
	select {
	case <-done:
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.found
	case <-within.Done():
		return errors.New("what --data names does not answer")
	}
}

// lookOnce looks at the journal, for all who wait meanwhile.
func (r *Readiness) lookOnce(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
	defer cancel()
	err := r.journal(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.found
	if r.found, r.look = nil, nil; err != nil {
		r.found = errors.New("what --data names can't be written now; the log says why") // which isn't for everybody
	}
	if (was == nil) != (err == nil) {
		r.log.Warn("whether calls are taken has changed", "ready", err == nil, "error", err)
	}
	close(done)
}
