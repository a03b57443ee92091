package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// fault is something that fails for a while.
type fault struct {
	what string
	on   *process // that feels it
	do   func() error
}

// window is when a fault lasted; a fault that lasts has no end.
type window struct {
	fault
	from, to time.Time
}

// cuts says whether a webhook's sender may not learn or record that it arrived: a store or link that is slow, or a full disk, is no
// reason to send again.
func (f fault) cuts() bool { return !strings.HasPrefix(f.what, "slow") && f.what != "disk full" }

// inject lets the faults happen in turn until stop is closed. It ends with all well.
func (s *stand) inject(stop <-chan struct{}, t *traffic) error {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		case <-time.After(rest):
		}
		for _, p := range s.processes {
			p.faulty.Store(true)
		}
		w := &window{fault: s.faults[n%len(s.faults)], from: time.Now()}
		t.count(func() { t.windows = append(t.windows, w) })
		if err := w.do(); err != nil {
			return fmt.Errorf("%s: %w", w.what, err)
		}
		t.count(func() { w.to = time.Now() })
		fmt.Printf("%s of %s\n", w.what, time.Since(w.from).Round(time.Millisecond))
	}
}

// late is how long before a fault a webhook may have arrived whose sender waits for the answer or records it, and how long after a
// fault one may arrive that was held up.
const late = 3 * time.Second

// cutOff is what cut a webhook's sender off while it sent or recorded it: "" is nothing.
func (t *traffic) cutOff(a arrival) string {
	for _, w := range t.windows {
		held := w.to.Add(late)
		if w.what == "partition" { // TCP sends again after pauses that double
			held = held.Add(w.to.Sub(w.from))
		}
		if w.cuts() && w.on.host == a.sender && a.at.After(w.from.Add(-late)) && (w.to.IsZero() || a.at.Before(held)) {
			return w.what
		}
	}
	return ""
}

// lasting waits, and runs what ends a fault.
func lasting(length time.Duration, end ...string) error {
	time.Sleep(length)
	return command(end...)
}

// command runs command lines until one fails.
func command(lines ...string) error {
	for _, line := range lines {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		words := strings.Fields(line)
		out, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput()
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", line, err, out)
		}
	}
	return nil
}
