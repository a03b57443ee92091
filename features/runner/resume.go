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
	ended := map[string]evidence.Scenario{}
	for _, f := range r.Begun.Features {
		for _, s := range f.Scenarios {
			if s.Ended() {
				ended[s.ID] = s
			}
		}
	}
	half := map[string]*evidence.Scenario{}
	for _, s := range Resume(r.Begun).Again {
		half[s.ID] = &s
		if err := r.Journal.Begun(s.ID); err != nil { // whatever comes of this run
			return nil, err
		}
	}
	for _, s := range r.chosen {
		before, has := ended[s.ID]
		delete(ended, s.ID)
		if !has || !sameSteps(before.Steps, s.Steps) {
			s.half = half[s.ID]
			left = append(left, s)
			continue
		}
		before.Line = s.Line
		s.Scenario = before
		r.end(s)
	}
	for id := range ended {
		return nil, fmt.Errorf("%d scenarios have ended that are not among those chosen now, such as %s: give the same --features, --tags, --psp and --name as before", len(ended), id)
	}
	return left, nil
}

// sameSteps reports whether a scenario still says what it said.
func sameSteps(before, now []evidence.Step) bool {
	return slices.EqualFunc(before, now, func(a, b evidence.Step) bool {
		return a.Keyword == b.Keyword && a.Text == b.Text && a.Argument == b.Argument
	})
}

// Resumed says what taking a run over means, for a person who decides on it.
type Resumed struct {
	Ended int                 // scenarios that are not sent again
	Again []evidence.Scenario // those that had begun, and may have sent something that is sent a second time
}

// Resume looks at a run that was stopped.
func Resume(begun *evidence.Run) (found Resumed) {
	for _, f := range begun.Features {
		for _, s := range f.Scenarios {
			switch {
			case s.Ended():
				found.Ended++
			case s.Tries > 0 && strings.HasPrefix(s.Reason, evidence.Interrupted):
				found.Again = append(found.Again, s)
			}
		}
	}
	return found
}
