package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
)

// Config says what is run, against what, and how.
type Config struct {
	Features fs.FS
	Folder   string // where Features lie, for reports: it is put before their names
	Target   *target.Target
	Tags     string                                    // an expression such as "@sandbox and not @slow"; "" = all
	PSP      string                                    // only scenarios of this provider; "" = all
	Name     string                                    // a regular expression over names of features and scenarios; "" = all
	Shard    string                                    // "2/5": the second fifth of what the others leave; "" = all
	Rerun    []*evidence.Run                           // only what failed in these runs; none = all
	Parallel int                                       // scenarios at once; 0 = the target's default
	Retries  int                                       // how often a scenario that failed is tried again
	FailFast bool                                      // start nothing new after the first failure
	DryRun   bool                                      // only match the steps; nothing is sent
	Tool     string                                    // which mozartosim, for the report
	Live     func(evidence.Feature, evidence.Scenario) // gets each scenario as it ends; nil = none does

	Stop    <-chan struct{}   // closed: nothing more is started, and what runs comes to its end; nil = never
	Begun   *evidence.Run     // a run that was stopped: what has ended in it is taken over and not sent again; nil = none
	Journal *evidence.Journal // gets each scenario before its first call and at its end; nil = none

	Vocabulary *steps.Vocabulary                            // that the features are written in; nil = the contract's
	World      func(s *evidence.Scenario, key string) World // makes what the steps work on, for a try of a scenario; nil = the target's environment does

	lacks func(steps.Needs, []string, string) string // instead of the target's; nil = the target's
}

// World is what the steps of one try of a scenario work on.
type World interface {
	steps.Supplier
	At(step int) // a step begins
	Done()       // and ends

	// End ends the try: its evidence goes into the scenario, with the ids of the contract's rules that the last call is known to have broken.
	End(ctx context.Context, s *evidence.Scenario)
}

// leastTimeout bounds one try of a scenario, where patience for its webhooks does not ask for more.
const leastTimeout = 2 * time.Minute

// Run runs the features that are chosen and returns what was seen, in the order in which it is written. An error means that
// it could not be run as asked; where ctx has ended, what was seen until then is returned beside the error. What Stop left out is
// not run, and the run is marked as stopped.
func Run(ctx context.Context, c Config) (*evidence.Run, error) {
	fits, err := c.filter() // first: what is mistyped is reported at once
	if err != nil {
		return nil, err
	}
	if c.World == nil {
		c.World = func(s *evidence.Scenario, key string) World { return steps.NewWorld(c.Target.Environment, s.ID, key) }
	}
	vocabulary := c.Vocabulary
	if vocabulary == nil {
		if vocabulary, err = steps.New(); err != nil {
			return nil, err
		}
	}
	all, err := readScenarios(c.Features)
	if err != nil {
		return nil, err
	}
	left := func(s *scenario) bool { return !fits(s) }
	chosen := slices.DeleteFunc(all, left)
	match(ctx, vocabulary, chosen)
	chosen = slices.DeleteFunc(chosen, left) // now their steps have said which provider they are about
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no scenario is left: %s", c.filters())
	}
	if chosen, err = c.part(chosen); err != nil {
		return nil, err
	}
	r := &run{Config: c, vocabulary: vocabulary, head: Head(c), chosen: chosen}
	r.ledger = sync.OnceValue(func() map[string]openapi.Entry { return openapi.ByID(r.Target.Environment.Contract.Ledger()) })
	pending, err := r.takeOver()
	if err = errors.Join(err, r.Journal.Ready()); err != nil {
		return nil, err
	}
	for len(pending) > 0 {
		r.failed = false
		runGodog(ctx, vocabulary, pending, r.parallel(), r.hook)
		pending = r.again(ctx, pending)
	}
	return r.evidence(), errors.Join(ctx.Err(), r.Journal.Err())
}

// filter says which scenarios are asked for. One that may be about any provider until its steps are matched is.
func (c Config) filter() (func(*scenario) bool, error) {
	tags, err := parseTags(c.Tags)
	if err != nil {
		return nil, err
	}
	name, err := regexp.Compile(c.Name)
	if err != nil {
		return nil, fmt.Errorf("name %q must be a regular expression: %w", c.Name, err)
	}
	psp := ""
	if c.PSP != "" {
		if psp, err = openapi.FindPSP(c.Target.Environment.Contract, c.PSP); err != nil {
			return nil, err
		}
	}
	return func(s *scenario) bool {
		named := name.MatchString(s.Name) || name.MatchString(s.feature.Name) || name.MatchString(s.feature.URI)
		about := psp == "" || s.PSP == psp || s.PSP == "" && len(s.matched) == 0
		return named && tags(s.Tags) && about
	}, nil
}

// filters are those that were given.
func (c Config) filters() string {
	var given []string
	for _, filter := range [][2]string{{"tags", c.Tags}, {"psp", c.PSP}, {"name", c.Name}} {
		if filter[1] != "" {
			given = append(given, fmt.Sprintf("%s %q", filter[0], filter[1]))
		}
	}
	return "none fits " + strings.Join(given, " and ")
}

// run is a run in progress.
type run struct {
	Config
	vocabulary *steps.Vocabulary
	head       evidence.Run // without features
	ledger     func() map[string]openapi.Entry
	chosen     []*scenario

	mu     sync.Mutex // of what follows, and of calls of Live
	failed bool       // whether a scenario has failed in this run of Godog
	shown  int        // how many of chosen Live has got
	cut    bool       // whether a stop has kept a scenario from its end
}

func (r *run) parallel() int {
	if r.Parallel > 0 {
		return r.Parallel
	}
	return max(1, r.Target.Parallel)
}

// leftByFailFast is why a scenario is left out after a failure.
const leftByFailFast = "after the first failure (--fail-fast)"

// leaveOut says why a scenario is not started; "" when it is, which the journal notes.
func (r *run) leaveOut(ctx context.Context, s *scenario) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case ctx.Err() != nil || r.stopped():
		r.cut = true
		return evidence.Interrupted
	case r.failed && r.FailFast:
		return leftByFailFast
	case r.DryRun:
		return ""
	}
	lacks := r.Target.Lacks
	if r.lacks != nil {
		lacks = r.lacks
	}
	if reason := lacks(s.needs(), s.Tags, s.PSP); reason != "" {
		return reason
	}
	if r.Journal.Begun(s.ID) != nil { // what can't be noted is not sent; Run returns the error
		r.cut = true
		return evidence.Interrupted
	}
	return ""
}

// stopped reports whether nothing more is to be started.
func (r *run) stopped() bool {
	select {
	case <-r.Stop:
		return true
	default:
		return false
	}
}

// unfinished says that a scenario is run again: it failed and has tries left, or was left out because of one that has.
func (r *run) unfinished(s *scenario) bool {
	return s.Status == evidence.Failed && s.Tries <= r.Retries && !r.DryRun || s.Reason == leftByFailFast
}

// again returns what the next run of Godog runs: nothing when one has failed for good and the run is to end with it.
func (r *run) again(ctx context.Context, ran []*scenario) (again []*scenario) {
	over := ctx.Err() != nil || r.stopped() || r.FailFast && slices.ContainsFunc(ran, func(s *scenario) bool {
		return s.Status == evidence.Failed && !r.unfinished(s)
	})
	for _, s := range ran {
		if !over && r.unfinished(s) {
			again = append(again, s)
			continue
		}
		r.end(s)
	}
	return again
}

// end notes that nothing more happens to a scenario, and gives Live those that have ended, in the order in which they are
// written.
func (r *run) end(s *scenario) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.ended = true
	if s.Ended() {
		r.Journal.Ended(s.Scenario)
	}
	for ; r.shown < len(r.chosen) && r.chosen[r.shown].ended; r.shown++ {
		if next := r.chosen[r.shown]; r.Live != nil {
			r.Live(next.feature.in(r.Folder), next.Scenario)
		}
	}
}

func (r *run) evidence() *evidence.Run {
	out := r.head
	out.Took, out.Unmatched, out.Stopped = evidence.Span(clock.Wall().Sub(out.Started)), r.Target.Environment.Unmatched(), r.cut
	if r.Begun != nil {
		out.Started, out.Took = r.Begun.Started, out.Took+r.Begun.Took
		out.Unmatched = append(slices.Clone(r.Begun.Unmatched), out.Unmatched...)
	}
	var last *feature
	for _, s := range r.chosen {
		if s.feature != last {
			out.Features, last = append(out.Features, s.feature.in(r.Folder)), s.feature
		}
		f := &out.Features[len(out.Features)-1]
		f.Scenarios = append(f.Scenarios, s.Scenario)
	}
	return &out
}
