package company

import (
	"context"
	"sync"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
)

// Runtime is one company while the process runs.
type Runtime struct {
	ID      string
	Clock   *clock.Clock
	Outages Setting[Outages]
	Inbox   Setting[[]Reply] // how the inbox answers next; then everything with 200
	Relay   *Relay
	Answers *Answers
	Alarm   *Alarm
	Resets  Setting[Resets]
	Counts  *Counts

	scenarios *scenario.Set
	addReady  sync.Once // adds the ready scenarios
	hasReady  bool      // guarded by the lock of Runtimes

	changing sync.Mutex // one at a time changes a setting
	deleted  bool       // the company is: nothing is kept of it any more; guarded by changing

	ctx  context.Context // ends when the company's worker has stopped
	end  func()
	stop func() // tells the worker to stop
}

func newRuntime(id string, c *clock.Clock, scenarios *scenario.Set) *Runtime {
	ctx, end := context.WithCancel(context.Background())
	return &Runtime{
		ID: id, Clock: c, Relay: newRelay(), Alarm: newAlarm(), Counts: &Counts{}, Answers: newAnswers(),
		scenarios: scenarios, ctx: ctx, end: end, stop: func() {},
	}
}

// Context ends when the company's worker has stopped.
func (r *Runtime) Context() context.Context { return r.ctx }

// End is called by the company's worker when it has stopped: callers who wait for something give up.
func (r *Runtime) End() { r.end() }

// Scenarios returns the scenarios that apply by themselves and those that were put; Runtimes.AllScenarios adds the ready ones.
func (r *Runtime) Scenarios() *scenario.Set { return r.scenarios }

// revive has a company kept again that was deleted, and is put back under its id: a reset of everything does so with those that differ
// from what was configured.
func (r *Runtime) revive() {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.deleted = false
}

// Resets counts how often a company's journal was set back, by a reset or a restore, and to which entry at last: readers that
// follow the journal, in other processes too, start again from there.
type Resets struct {
	Times int    `json:"times"`
	To    uint64 `json:"to"`
}
