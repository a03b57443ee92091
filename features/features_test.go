package features_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/steps"
	"mozartosim/features/target"
)

// simulated starts a simulator for a test.
func simulated(t *testing.T) *target.Target {
	t.Helper()
	target, err := target.Simulator("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	return target
}

// The whole suite passes against the simulator, and nothing of it is left out.
func TestFeaturesHold(t *testing.T) {
	t.Parallel()
	seen, err := runner.Run(context.Background(), runner.Config{Features: features.All(), Target: simulated(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range seen.Features {
		for _, s := range f.Scenarios {
			if s.Status != evidence.Passed {
				t.Errorf("%s:%d: %s: %s: %s\n%v\n%s", f.URI, s.Line, s.Name, s.Status, s.Reason, s.Contract, s.Timeline)
			}
		}
	}
	t.Logf("%+v in %s", seen.Count(), time.Duration(seen.Took))
}

// A suite that somebody else runs with Godog takes the same steps.
func TestStepsServeAnySuite(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	vocabulary, err := steps.New()
	if err != nil {
		t.Fatal(err)
	}
	var ran atomic.Int32
	var out bytes.Buffer
	suite := godog.TestSuite{
		Name:                 "features",
		TestSuiteInitializer: func(suite *godog.TestSuiteContext) { vocabulary.Register(suite.ScenarioContext()) },
		ScenarioInitializer: func(s *godog.ScenarioContext) {
			key := fmt.Sprintf("godog-%d", ran.Add(1))
			world := steps.NewWorld(target.Environment, key, key)
			s.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
				return steps.WithWorld(ctx, world), nil
			})
			s.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
				world.Close(ctx)
				return ctx, err
			})
		},
		Options: &godog.Options{
			Format: "progress", Output: &out, FS: features.All(), Paths: []string{"outages", "vouchers"}, Concurrency: 4, Strict: true, NoColors: true,
		},
	}
	if status := suite.Run(); status != 0 {
		text := out.String()
		t.Errorf("godog ended with %d:\n%s", status, text[max(0, len(text)-6000):])
	}
	if ran.Load() < 10 {
		t.Errorf("only %d scenarios were run", ran.Load())
	}
}

// listed lists all scenarios once for all tests.
var listed = sync.OnceValues(func() ([]runner.Listed, error) { return runner.List(features.All()) })

// everyScenario calls check with each scenario, not run.
func everyScenario(t *testing.T, check func(f evidence.Feature, s runner.Listed)) {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		check(l.Feature, l)
	}
}

// Tags say what a scenario needs: its steps need nothing that they don't say, and nothing that the Sandbox hasn't got when it
// is tagged for it. So a feature can be read without knowing the vocabulary.
func TestTagsSayWhatStepsNeed(t *testing.T) {
	t.Parallel()
	everyScenario(t, func(f evidence.Feature, s runner.Listed) {
		at := fmt.Sprintf("%s:%d: %s", f.URI, s.Line, s.Name)
		tags := " " + strings.Join(s.Tags, " ") + " "
		for _, need := range s.Needs {
			if !strings.Contains(tags, " "+need+" ") {
				t.Errorf("%s has a step that needs %s, and lacks the tag", at, need)
			}
		}
		sandbox, control := strings.Contains(tags, " @sandbox "), strings.Contains(tags, " @control ")
		if sandbox == control {
			t.Errorf("%s must be tagged either @sandbox or @control, but is %s", at, tags)
		}
	})
}
