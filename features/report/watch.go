package report

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/simulator/clock"
)

// Watch shows what a run waits for: on a terminal in a line that is written again each second; elsewhere, as in CI, in one
// line for each wait. It shares the terminal with the live report.
type Watch struct {
	out      io.Writer
	live     Live // nil = none
	terminal bool
	stop     context.CancelFunc
	stopped  chan struct{}

	mu    sync.Mutex
	text  string // what is waited for; "" = nothing
	since time.Time
}

// NewWatch begins to watch a run; live, if any, shares the terminal with it.
func NewWatch(ctx context.Context, out io.Writer, terminal bool, live Live) *Watch {
	w := &Watch{out: out, live: live, terminal: terminal, stopped: make(chan struct{})}
	ctx, w.stop = context.WithCancel(ctx)
	go func() {
		defer close(w.stopped)
		for tick := clock.New(); w.terminal; w.draw() {
			if _, err := tick.Hold(ctx, time.Second); err != nil {
				return
			}
		}
	}()
	return w
}

// clearLine removes the terminal's current line.
const clearLine = "\r\x1b[2K"

// Say shows what is waited for.
func (w *Watch) Say(text string) {
	w.mu.Lock()
	w.text, w.since = text, clock.Wall()
	w.mu.Unlock()
	if !w.terminal {
		fmt.Fprintln(w.out, text)
		return
	}
	w.draw()
}

func (w *Watch) draw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.text != "" {
		fmt.Fprintf(w.out, "%s%s (%s)", clearLine, w.text, clock.Wall().Sub(w.since).Truncate(time.Second))
	}
}

func (w *Watch) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.text != "" && w.terminal {
		fmt.Fprint(w.out, clearLine)
	}
	w.text = ""
}

// Scenario shows a scenario that has ended: the wait is over.
func (w *Watch) Scenario(f evidence.Feature, s evidence.Scenario) {
	w.clear()
	if w.live != nil {
		w.live.Scenario(f, s)
	}
}

// End stops drawing.
func (w *Watch) End() {
	w.clear()
	w.stop()
	<-w.stopped
}
