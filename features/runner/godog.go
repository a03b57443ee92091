package runner

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"sync"

	"github.com/cucumber/godog"

	"mozartosim/features/steps"
)

// collector is the formatter of one run of Godog. It collects what Godog passes to no hook: which step definition Godog has matched, and
// which scenarios have no steps.
type collector struct {
	*godog.BaseFmt
	vocabulary *steps.Vocabulary
	pending    map[place]*scenario // what is to be run
	empty      func(*scenario)     // is told of each that has no steps, for which Godog calls no hook; nil = nobody is

	mu sync.Mutex // scenarios that run side by side are reported at any time
}

// formatName is the collector's in Godog's list of formats.
const formatName = "mozartosim"

// collectors are those of the runs in progress, by the names of their suites: Godog makes a formatter of a name and a writer
// alone, and adds to its list of formats without a lock.
var collectors struct {
	register sync.Once
	byName   sync.Map
}

// runGodog lets Godog run scenarios, with the steps and hooks that register adds, and returns when all have ended. Godog is given
// whole files, so that lines are those of the files: a hook skips what is not pending.
func runGodog(ctx context.Context, v *steps.Vocabulary, pending []*scenario, parallel int, register func(*collector, *godog.ScenarioContext)) {
	collectors.register.Do(func() {
		godog.Format(formatName, "collects evidence", func(suite string, _ io.Writer) godog.Formatter {
			found, _ := collectors.byName.Load(suite)
			return found.(*collector)
		})
	})
	c := &collector{BaseFmt: godog.NewBaseFmt(formatName, io.Discard), vocabulary: v, pending: map[place]*scenario{}}
	var contents []godog.Feature
	for _, s := range pending {
		c.pending[place{s.feature.URI, s.Line}] = s
		if n := len(contents); n == 0 || contents[n-1].Name != s.feature.URI {
			contents = append(contents, godog.Feature{Name: s.feature.URI, Contents: []byte(s.feature.Source)})
		}
	}
	name := rand.Text()
	collectors.byName.Store(name, c)
	defer collectors.byName.Delete(name)
	godog.TestSuite{
		Name: name,
		TestSuiteInitializer: func(suite *godog.TestSuiteContext) {
			v.Register(suite.ScenarioContext())
			register(c, suite.ScenarioContext())
		},
		Options: &godog.Options{
			Format: formatName, Output: io.Discard, Strict: true, Concurrency: parallel, DefaultContext: ctx, FeatureContents: contents,
		},
	}.Run() // what came of it stands in the scenarios
}

// Pickle tells of a scenario without steps.
func (c *collector) Pickle(pickle *godog.Scenario) {
	if s := c.pending[placeOf(pickle)]; s != nil && len(pickle.Steps) == 0 && c.empty != nil {
		c.empty(s)
	}
}

// Defined notes the step definition that Godog has matched, if any, and the provider and flow that the step names: they are the
// scenario's where no tag names others.
func (c *collector) Defined(pickle *godog.Scenario, step *godog.Step, definition *godog.StepDefinition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.pending[placeOf(pickle)]
	if s == nil || len(s.matched) == len(pickle.Steps) {
		return // it is known from an earlier run
	}
	matched, psp, flow := c.vocabulary.Matched(definition, step.Text)
	s.matched = append(s.matched, matched)
	s.PSP, s.Flow = cmp.Or(s.PSP, psp), cmp.Or(s.Flow, flow)
	if psp != "" && flow != "" {
		s.flows = append(s.flows, psp+" "+flow)
	}
}

// Summary prints nothing: the reports are made of the evidence.
func (c *collector) Summary() {}
