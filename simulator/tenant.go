package simulator

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
)

// tenant is a company at run time: its clock, its scenarios, its outages, its inbox, and the answers that are on their way.
type tenant struct {
	id        string
	clock     *clock.Clock
	scenarios *scenario.Set
	outages   *outages
	inbox     *inbox
	wake      chan struct{} // tells the worker that there may be work
	// asleepUntil is when the worker wakes up by itself, in milliseconds, so that work that is due later need not wake it.
	asleepUntil atomic.Int64
	dismiss     func() // ends the worker

	library    sync.Once // adds the ready scenarios
	hasLibrary bool      // guarded by the simulator's lock

	keeping sync.Mutex // one at a time changes what is kept of the run time

	mu         sync.Mutex
	unanswered map[string]bool // payments whose answer has not been written yet: their due work waits
	answered   chan struct{}   // closed and made anew when one of them is answered

	life context.Context // ends with the worker

	rewinds  int           // how often the journal was set back, by a reset or a restore
	rewound  uint64        // the entry at which it stood afterwards
	stopping chan struct{} // closed when the worker ends: whoever waits for something gives up
	giveUp   func()        // closes it
}

func newTenant(id string, c *clock.Clock, scenarios *scenario.Set) *tenant {
	stopping := make(chan struct{})
	life, end := context.WithCancel(context.Background())
	return &tenant{
		life: life, stopping: stopping, giveUp: sync.OnceFunc(func() { close(stopping); end() }),
		id: id, clock: c, scenarios: scenarios, outages: newOutages(), inbox: newInbox(), dismiss: func() {},
		wake: make(chan struct{}, 1), unanswered: map[string]bool{}, answered: make(chan struct{}),
	}
}

// nudgeFor wakes the worker up when it would sleep beyond work that is due at an instant; a zero instant is no work.
func (t *tenant) nudgeFor(at time.Time) {
	if !at.IsZero() && at.UnixMilli() < t.asleepUntil.Load() {
		t.nudge()
	}
}

// upright and onlyWoken are what asleepUntil says when the worker is not asleep, and when no work of its own wakes it, because
// the clock is manual.
const (
	upright   = math.MaxInt64
	onlyWoken = math.MinInt64
)

// nudge wakes the worker up; it never blocks.
func (t *tenant) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// answering holds a payment's due work, the first of it due at an instant, back until done is called: a webhook leaves after the answer has been written.
func (t *tenant) answering(payment string, due time.Time) (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unanswered[payment] = true
	return sync.OnceFunc(func() {
		t.mu.Lock()
		delete(t.unanswered, payment)
		close(t.answered)
		t.answered = make(chan struct{})
		t.mu.Unlock()
		t.nudgeFor(due)
	})
}

// held says whether a payment's due work must wait for its answer.
func (t *tenant) held(payment string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unanswered[payment]
}

// rewind notes that the company's journal was set back to an entry.
func (t *tenant) rewind(to uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rewinds++
	t.rewound = to
}

// setRewinds takes over how often another process has set the journal back.
func (t *tenant) setRewinds(times int, to uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rewinds, t.rewound = times, to
}

// wasRewound returns how often the journal was set back, and to where at last.
func (t *tenant) wasRewound() (times int, to uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rewinds, t.rewound
}

// holding counts the payments whose answer has not been written yet.
func (t *tenant) holding() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.unanswered)
}

// allAnswered waits until no answer is on its way, so that what a caller has seen answered is there to be worked on.
func (t *tenant) allAnswered(ctx context.Context) error {
	for {
		t.mu.Lock()
		left, changed := len(t.unanswered), t.answered
		t.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// tenant returns a company at run time; the first to ask makes it.
func (s *Simulator) tenant(company string) *tenant {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tenantLocked(company)
}

func (s *Simulator) tenantLocked(company string) *tenant {
	t := s.tenants[company]
	if t == nil {
		t = newTenant(company, s.newClock(), scenario.NewSet(s.own))
		s.tenants[company] = t
		if s.running != nil {
			s.running(t)
		}
	}
	return t
}

// dismiss ends a company's run time: its worker stops, its clock and scenarios are gone.
func (s *Simulator) dismiss(company string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tenants[company]; t != nil {
		delete(s.tenants, company)
		t.dismiss()
	}
}

// newClock makes a company's clock. Modes and factor have been checked by Validate.
func (s *Simulator) newClock() *clock.Clock {
	if s.config.Clock == clock.Manual {
		start := s.config.ClockStart
		if start.IsZero() {
			start = clock.Wall()
		}
		return clock.NewManual(start)
	}
	c := clock.New()
	if err := c.Set(s.config.Clock, s.config.ClockFactor); err != nil {
		s.log.Error("clock", "error", err)
	}
	return c
}
