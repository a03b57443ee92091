package requestlog

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// Config is what a Log works with.
type Config struct {
	Store   journal.Requests
	Off     bool                                                                   // nothing is kept
	Changed func(company string) <-chan struct{}                                   // closed by the next change; see journal.Journal
	Rules   func() map[string]openapi.Entry                                        // of the contract, by their ids in the ledger
	Payment func(ctx context.Context, company, id string) (request, answer string) // what an accepted call leaves to its payment
	Base    func() string                                                          // the URL of the public listener
	Version string                                                                 // of this program
	Life    func(company string) context.Context                                   // ends with the company, or with the simulator
	Lost    func(calls int)                                                        // counts calls that could not be kept
	Log     *slog.Logger
}

// Keeper keeps calls; a Log does, and tests have others.
type Keeper interface {
	NewID() string
	Record(call *Call)
}

// Log keeps calls. It is safe for concurrent use.
type Log struct {
	Config
	run   string // tells this process's calls from others'
	count atomic.Uint64
	wall  *clock.Clock

	few    few // the writer's alone, like packed
	packed []journal.Request

	mu      sync.Mutex
	next    *round // of the calls that wait; nil = none does
	current *round // that is being written
	running bool   // somebody writes
	watched int    // readers who follow
}

// round is calls that are written together.
type round struct {
	calls []*Call
	bytes int             // of their bodies
	ctx   context.Context // ends when the writer must not wait for more calls
	hurry context.CancelFunc
	done  chan struct{} // closed when they are written
}

// New makes a log.
func New(c Config) *Log {
	var run [4]byte
	_, _ = rand.Read(run[:]) // never fails
	return &Log{Config: c, run: hex.EncodeToString(run[:]), wall: clock.New()}
}

// The bounds of what waits to be written, and how long it may wait.
const (
	mostWaiting      = 2048
	mostBytesWaiting = 16 << 20
	batch            = 256
	patience         = 250 * time.Millisecond
)

// NewID returns the id of the next call.
func (l *Log) NewID() string {
	id := make([]byte, 0, 24)
	id = append(append(id, l.run...), '-')
	return string(strconv.AppendUint(id, l.count.Add(1), 10))
}

// Record has a call kept, which is the log's from then on. It does not wait; while more calls wait than the bounds allow, bodies are
// left out first, and then calls.
func (l *Log) Record(c *Call) {
	if l.Off {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.next
	if r == nil {
		r = &round{calls: make([]*Call, 0, batch/4), done: make(chan struct{})}
		r.ctx, r.hurry = context.WithCancel(context.Background())
		l.next = r
	}
	if len(r.calls) >= mostWaiting {
		l.Lost(1)
		return
	}
	if r.bytes+c.size() > mostBytesWaiting {
		c.Sent, c.Answered = openapi.Document{}, nil
	}
	r.calls = append(r.calls, c)
	r.bytes += c.size()
	if len(r.calls) >= batch || l.watched > 0 {
		r.hurry()
	}
	if !l.running {
		l.running = true
		go l.write()
	}
}

// write writes round after round, until no call waits.
func (l *Log) write() {
	for {
		l.mu.Lock()
		r := l.next
		if r == nil {
			l.running, l.current = false, nil
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		_, _ = l.wall.Hold(r.ctx, patience) // its error says that somebody is in a hurry
		r.hurry()
		l.mu.Lock()
		l.current, l.next = r, nil
		l.mu.Unlock()
		for calls := range slices.Chunk(r.calls, batch) {
			l.add(calls)
		}
		close(r.done)
	}
}

func (l *Log) add(calls []*Call) {
	l.packed = l.packed[:0]
	for _, c := range calls {
		l.packed = append(l.packed, l.pack(c))
	}
	err := l.Store.Add(context.Background(), l.packed)
	clear(l.packed)
	if err == nil || errors.Is(err, journal.ErrClosed) {
		return
	}
	l.Lost(len(calls))
	l.Config.Log.Warn("calls could not be kept", "calls", len(calls), "error", err)
}

// Flush returns when the calls are written that came before.
func (l *Log) Flush(ctx context.Context) error {
	l.mu.Lock()
	last := l.next
	if last == nil {
		last = l.current
	}
	l.mu.Unlock()
	if last == nil {
		return nil
	}
	last.hurry()
	select {
	case <-last.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Watch has calls written at once until stop is called, for a reader who waits for them.
func (l *Log) Watch() (stop func()) {
	watch := func(n int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.watched += n; l.next != nil {
			l.next.hurry()
		}
	}
	watch(1)
	return sync.OnceFunc(func() { watch(-1) })
}

// Forget drops a company's calls.
func (l *Log) Forget(ctx context.Context, company string) error {
	if err := l.Flush(ctx); err != nil {
		return err
	}
	return l.Store.Forget(ctx, company)
}
