package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/features/target"
	"mozartosim/simulator/clock"
)

// Head is what is known of a run before it has begun.
func Head(c Config) evidence.Run {
	sum := sha256.Sum256(c.Target.Environment.Contract.Bundled())
	return evidence.Run{
		Version: evidence.Version, Tool: c.Tool, Kind: "contract", Target: c.Target.Name, BaseURL: c.Target.URL,
		Contract: hex.EncodeToString(sum[:]), Started: clock.Wall(),
	}
}

// Rehearse runs what a run against its target would run, on a simulator in this process.
func Rehearse(ctx context.Context, c Config) (*evidence.Run, error) {
	local, err := target.Simulator(c.Tool) //nolint:contextcheck // it outlives the call, until it is closed
	if err != nil {
		return nil, err
	}
	c.lacks = c.Target.Lacks
	c.Target, c.Live, c.Stop, c.Begun, c.Journal, c.Parallel, c.Retries, c.FailFast = local, nil, nil, nil, nil, 0, 0, false
	seen, err := Run(ctx, c)
	return seen, errors.Join(err, local.Close())
}

// takeOver takes over what has ended in the run that this one resumes, and returns what is left to run. The error says why the
// two are not one run.
func (r *run) takeOver() (left []*scenario, err error) {
	if r.Begun == nil {
		return r.chosen, nil
	}
	switch b := r.Begun; {
	case b.Kind != "contract" || b.BaseURL != r.Target.URL:
		return nil, fmt.Errorf("the run that was begun is of %s (%s): it can't be resumed against %s", b.Target, b.BaseURL, r.Target.URL)
	case b.Contract != r.head.Contract:
		return nil, fmt.Errorf("the run was begun by %s, which has another contract: resume it with that version, or start again", b.Tool)
	}
	before := Resume(r.Begun)
	for _, id := range before.Interrupted {
		if err := r.Journal.Begun(id); err != nil { // whatever comes of this run
			return nil, err
		}
	}
	for _, s := range r.chosen {
		seen, ended := before.Of(s.ID, s.Steps)
		delete(before.seen, s.ID)
		if !ended {
			if seen != nil && !seen.Ended() {
				s.half = seen
			}
			left = append(left, s)
			continue
		}
		line := s.Line
		s.Scenario = *seen
		s.Line = line
		r.end(s)
	}
	return left, before.without()
}

// sameSteps reports whether a scenario still says what it said.
func sameSteps(before, now []evidence.Step) bool {
	return slices.EqualFunc(before, now, func(a, b evidence.Step) bool {
		return a.Keyword == b.Keyword && a.Text == b.Text && a.Argument == b.Argument
	})
}

// Resumed is what a stopped run has sent.
type Resumed struct {
	Interrupted []string                      // scenarios that had begun and not ended
	seen        map[string]*evidence.Scenario // those and the ended ones, by ID
}

// Resume looks at a run that was stopped.
func Resume(begun *evidence.Run) Resumed {
	found := Resumed{seen: map[string]*evidence.Scenario{}}
	for _, s := range begun.Scenarios() {
		switch {
		case s.Ended():
			found.seen[s.ID] = s
		case s.Tries > 0 && strings.HasPrefix(s.Reason, evidence.Interrupted):
			found.seen[s.ID] = s
			found.Interrupted = append(found.Interrupted, s.ID)
		}
	}
	return found
}

// Of is what the stopped run has seen of a scenario, nil where it has sent nothing of it. ended says that it is taken over; else what was
// sent is sent a second time, because the scenario was interrupted or its steps have changed since.
func (r Resumed) Of(id string, steps []evidence.Step) (seen *evidence.Scenario, ended bool) {
	seen = r.seen[id]
	return seen, seen != nil && seen.Ended() && sameSteps(seen.Steps, steps)
}

// without is the error of a run that leaves out what the stopped one has ended.
func (r Resumed) without() error {
	var missing []string
	for id, s := range r.seen {
		if s.Ended() {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%d scenarios have ended that are not among those chosen now, such as %s: give the same --features, --tags, --psp, --name, --shard and --rerun as before", len(missing), slices.Min(missing))
}
