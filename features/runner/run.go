package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
)

// Config says what is run, against what, and how.
type Config struct {
	Features fs.FS
	Folder   string // where Features lie, for reports: it is put before their names
	Target   *Target
	Tags     string // an expression such as "@sandbox and not @slow"; "" = all
	PSP      string // only scenarios of this provider; "" = all
	Name     string // a regular expression over names of features and scenarios; "" = all
	Parallel int    // scenarios at once; 0 = as many as do the target good
	Retries  int    // how often a scenario that failed is tried again
	FailFast bool   // nothing new is begun behind the first failure
	Timeout  time.Duration
	Tool     string // which mozartosim, for the report
	Live     Live   // told of each scenario as it ends; nil = nobody is
}

// Live follows a run.
type Live interface {
	Scenario(feature evidence.Feature, s evidence.Scenario)
}

// defaultTimeout bounds one try of a scenario: longer than patience for its webhooks.
const defaultTimeout = 2 * time.Minute

// Run runs the features that are chosen and returns what was seen, in the order in which it is written. An error means that
// it could not be run as asked; where ctx has ended, what was seen until then is returned beside the error.
func Run(ctx context.Context, c Config) (*evidence.Run, error) {
	vocabulary, err := steps.New()
	if err != nil {
		return nil, err
	}
	all, err := read(c.Features, vocabulary)
	if err != nil {
		return nil, err
	}
	if all, err = c.choose(all); err != nil {
		return nil, err
	}
	r := &run{
		Config: c, vocabulary: vocabulary, begun: clock.Wall(), ended: map[int]job{},
		ledger: sync.OnceValue(func() map[string]openapi.Entry { return ledgerOf(c.Target.env.Contract) }),
	}
	if r.Timeout <= 0 {
		r.Timeout = max(defaultTimeout, 4*c.Target.env.Patience)
	}
	r.runAll(ctx, all)
	return r.evidence(all), ctx.Err()
}

// choose leaves out what the filters don't mean.
func (c Config) choose(all []*feature) ([]*feature, error) {
	tags, err := parseTags(c.Tags)
	if err != nil {
		return nil, err
	}
	name, err := regexp.Compile(c.Name)
	if err != nil {
		return nil, fmt.Errorf("name %q must be a regular expression: %w", c.Name, err)
	}
	if known := c.Target.env.Contract.PSPs(); c.PSP != "" && !slices.Contains(known, c.PSP) {
		return nil, fmt.Errorf("psp %q must be one of %v", c.PSP, known)
	}
	var chosen []*feature
	for _, f := range all {
		f.scenarios = slices.DeleteFunc(f.scenarios, func(s *scenario) bool {
			named := name.MatchString(s.Name) || name.MatchString(f.Name) || name.MatchString(f.URI)
			return !tags(s.Tags) || !named || c.PSP != "" && s.PSP != c.PSP
		})
		if len(f.scenarios) > 0 {
			chosen = append(chosen, f)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no scenario is left: %s", c.filters())
	}
	return chosen, nil
}

// filters are those that were given.
func (c Config) filters() string {
	var given []string
	for _, filter := range [][2]string{{"tags", c.Tags}, {"psp", c.PSP}, {"name", c.Name}} {
		if filter[1] != "" {
			given = append(given, fmt.Sprintf("%s %q", filter[0], filter[1]))
		}
	}
	if len(given) == 0 {
		return "the features hold none"
	}
	return "none fits " + strings.Join(given, " and ")
}

// run is a run in progress.
type run struct {
	Config
	vocabulary *steps.Vocabulary
	begun      time.Time
	ledger     func() map[string]openapi.Entry

	mu     sync.Mutex // of what follows, and of calls of Live
	failed bool
	ended  map[int]job // that wait to be told, since one before them has not ended
	told   int         // how many have been told
}

func ledgerOf(contract *openapi.Contract) map[string]openapi.Entry {
	byID := map[string]openapi.Entry{}
	for _, e := range contract.Ledger() {
		byID[e.ID] = e
	}
	return byID
}

// job is a scenario that waits for a worker.
type job struct {
	n        int // its place
	feature  *feature
	scenario *scenario
}

// runAll hands the scenarios to workers, in order.
func (r *run) runAll(ctx context.Context, all []*feature) {
	workers := r.Parallel
	if workers <= 0 {
		workers = max(1, r.Target.parallel)
	}
	jobs := make(chan job)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for j := range jobs {
				r.scenario(ctx, j)
			}
		})
	}
	n := 0
	for _, f := range all {
		for _, s := range f.scenarios {
			jobs <- job{n, f, s}
			n++
		}
	}
	close(jobs)
	done.Wait()
}

// scenario runs one scenario, as often as it takes, and tells of it.
func (r *run) scenario(ctx context.Context, j job) {
	s := &j.scenario.Scenario
	if reason := r.leaveOut(ctx, j.scenario); reason != "" {
		s.Status, s.Reason = evidence.NotRun, reason
		for i := range s.Steps {
			s.Steps[i].Status = evidence.Skipped
		}
		r.tell(j)
		return
	}
	for s.Tries = 1; ; s.Tries++ {
		r.attempt(ctx, j.scenario)
		if s.Status != evidence.Failed || s.Tries > r.Retries || ctx.Err() != nil {
			break
		}
		s.Earlier = append(s.Earlier, s.Reason)
	}
	r.tell(j)
}

// leaveOut says why a scenario is not even begun; "" when it is.
func (r *run) leaveOut(ctx context.Context, s *scenario) string {
	if ctx.Err() != nil {
		return "the run was interrupted"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed && r.FailFast {
		return "behind the first failure (--fail-fast)"
	}
	return r.Target.without(s)
}

// tell hands the scenario on, in the order in which it is written: it waits for those before it.
func (r *run) tell(j job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || j.scenario.Status == evidence.Failed
	r.ended[j.n] = j
	for next, ready := r.ended[r.told]; ready; next, ready = r.ended[r.told] {
		delete(r.ended, r.told)
		r.told++
		if r.Live != nil {
			r.Live.Scenario(next.feature.in(r.Folder), next.scenario.Scenario)
		}
	}
}

func (r *run) evidence(all []*feature) *evidence.Run {
	digest := sha256.Sum256(r.Target.env.Contract.Bundled())
	out := &evidence.Run{
		Version: evidence.Version, Tool: r.Tool, Kind: "contract", Target: r.Target.Name, BaseURL: r.Target.URL,
		Contract: hex.EncodeToString(digest[:]), Started: r.begun, Took: evidence.Span(clock.Wall().Sub(r.begun)),
	}
	for _, f := range all {
		told := f.in(r.Folder)
		for _, s := range f.scenarios {
			told.Scenarios = append(told.Scenarios, s.Scenario)
		}
		out.Features = append(out.Features, told)
	}
	return out
}
