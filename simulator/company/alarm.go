package company

import (
	"math"
	"sync/atomic"
	"time"
)

// Alarm wakes a company's worker. The worker sets it before it sleeps, so that a job that is due after the worker would wake
// up by itself need not wake it.
type Alarm struct {
	c         chan struct{}
	until     atomic.Int64 // Unix milliseconds, or one of the values below
	rung      atomic.Bool
	elsewhere atomic.Bool // another process has changed the company
}

// The values of Alarm.until when the worker does not sleep, and when no job wakes it because its clock is manual.
const (
	awake  = math.MaxInt64
	noJobs = math.MinInt64
)

func newAlarm() *Alarm { return &Alarm{c: make(chan struct{}, 1)} }

// C receives a value when the worker shall wake up.
func (a *Alarm) C() <-chan struct{} { return a.c }

// Ring wakes the worker up; it never blocks.
func (a *Alarm) Ring() {
	a.rung.Store(true)
	a.send()
}

// RingElsewhere tells the worker that another process has changed the company. There may be an earlier job, which is left to
// that process for a while.
func (a *Alarm) RingElsewhere() {
	if a.elsewhere.Store(true); a.until.Load() != noJobs {
		a.send()
	}
}

// OnlyElsewhere says whether, since it was asked last, nothing else has woken the worker but what another process has changed.
func (a *Alarm) OnlyElsewhere() bool {
	elsewhere, rung := a.elsewhere.Swap(false), a.rung.Swap(false)
	return elsewhere && !rung
}

func (a *Alarm) send() {
	select {
	case a.c <- struct{}{}:
	default:
	}
}

// RingFor wakes the worker up when it would sleep longer than to a job's time; the zero time is no job.
func (a *Alarm) RingFor(at time.Time) {
	if !at.IsZero() && at.UnixMilli() < a.until.Load() {
		a.Ring()
	}
}

// Set says until when the worker sleeps.
func (a *Alarm) Set(at time.Time) { a.until.Store(at.UnixMilli()) }

// SetAwake says that the worker does not sleep: every job wakes it.
func (a *Alarm) SetAwake() { a.until.Store(awake) }

// SetIdle says that no job wakes the worker, only Ring does.
func (a *Alarm) SetIdle() { a.until.Store(noJobs) }
