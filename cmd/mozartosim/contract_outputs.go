package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/report"
	"mozartosim/features/runner"
	"mozartosim/simulator/clock"
)

func formatHelp() string {
	return "NAME or NAME:FILE, may be repeated: " + strings.Join(report.Formats(), ", ") + " (default: pretty on a terminal, else progress)"
}

// output is one format and where it goes; file "" is standard output.
type output struct{ format, file string }

// outputs are all of a run's.
type outputs struct {
	out     io.Writer
	options report.Options
	live    report.Live // tells standard output while the run goes on; nil = nothing does
	behind  []output    // written when it is over
}

// openOutputs reads --format. What can't be written is found out before the run, not behind it.
func openOutputs(out io.Writer, formats []string) (*outputs, error) {
	if len(formats) == 0 {
		formats = []string{"progress"}
		if isTerminal(out) {
			formats = []string{"pretty"}
		}
	}
	o := &outputs{out: out, options: report.Options{Color: isTerminal(out) && os.Getenv("NO_COLOR") == "", Width: textWidth}}
	for _, text := range formats {
		name, file, toFile := strings.Cut(text, ":")
		if !slices.Contains(report.Formats(), name) || toFile && file == "" {
			return nil, wrong("--format %q must be NAME or NAME:FILE; the names are %s", text, strings.Join(report.Formats(), ", "))
		}
		if toFile {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return nil, wrong("--format %q: %v", text, err)
			}
		}
		live, can := report.NewLive(name, out, o.options)
		if can && !toFile && o.live == nil {
			o.live = live
			continue
		}
		o.behind = append(o.behind, output{name, file})
	}
	return o, nil
}

// finish writes what is written behind the run.
func (o *outputs) finish(seen *evidence.Run) error {
	if o.live != nil {
		o.live.Done(seen)
	}
	var failed error
	silent := o.live == nil
	for _, b := range o.behind {
		failed = errors.Join(failed, o.write(b, seen))
		silent = silent && b.file != ""
	}
	if silent {
		c := seen.Count()
		fmt.Fprintf(o.out, "scenarios: %d, %d held, %d failed, %d not run\n", c.Passed+c.Failed+c.NotRun, c.Passed, c.Failed, c.NotRun)
	}
	return failed
}

func (o *outputs) write(b output, seen *evidence.Run) error {
	if b.file == "" {
		return report.Write(b.format, o.out, seen, o.options)
	}
	var text bytes.Buffer
	if err := report.Write(b.format, &text, seen, report.Options{Width: textWidth}); err != nil {
		return err
	}
	return os.WriteFile(b.file, text.Bytes(), 0o644)
}

// watch shows what a run waits for: on a terminal a line with the time that goes by, written over each second; elsewhere, as
// in CI, one line for each wait.
type watch struct {
	out      io.Writer
	terminal bool
	stop     context.CancelFunc
	stopped  chan struct{}

	mu    sync.Mutex
	text  string // what is waited for; "" = nothing
	since time.Time
}

func newWatch(ctx context.Context, out io.Writer) *watch {
	w := &watch{out: out, terminal: isTerminal(out), stopped: make(chan struct{})}
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

// clearLine takes a terminal's line away.
const clearLine = "\r\x1b[2K"

func (w *watch) say(text string) {
	w.mu.Lock()
	w.text, w.since = text, clock.Wall()
	w.mu.Unlock()
	if !w.terminal {
		fmt.Fprintln(w.out, text)
		return
	}
	w.draw()
}

func (w *watch) draw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.text != "" {
		fmt.Fprintf(w.out, "%s%s (%s)", clearLine, w.text, clock.Wall().Sub(w.since).Truncate(time.Second))
	}
}

func (w *watch) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.text != "" && w.terminal {
		fmt.Fprint(w.out, clearLine)
	}
	w.text = ""
}

// end stops drawing; nothing is written behind it.
func (w *watch) end() {
	w.clear()
	w.stop()
	<-w.stopped
}

// around takes the line away before something else is written below it.
func (w *watch) around(live report.Live) runner.Live { return clearing{w, live} }

// clearing is a live report that shares its terminal with a watch.
type clearing struct {
	watch *watch
	live  report.Live // nil = only the line is taken away
}

func (c clearing) Scenario(f evidence.Feature, s evidence.Scenario) {
	c.watch.clear()
	if c.live != nil {
		c.live.Scenario(f, s)
	}
}
