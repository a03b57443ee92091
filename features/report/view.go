package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/simulator/words"
)

// tally counts the scenarios of one capability or provider.
type tally struct {
	Name    string
	Graded  *evidence.Grade // the certifier's, which weighs what it checks
	stopped bool            // the run was, before its end
	evidence.Counts
	By []tally // the same by provider, where there are some
}

// Ran is how many counted: a scenario that was not run counts neither way.
func (t tally) Ran() int { return t.Passed + t.Failed }

// Score is "7 of 9", or "–" when nothing was run.
func (t tally) Score() string {
	if t.Ran() == 0 {
		return "–"
	}
	return fmt.Sprintf("%d of %d", t.Passed, t.Ran())
}

// Grade puts the tally into words: the certifier's own where it gave one. Otherwise full marks need that everything that was
// run passed, that something was run, and that the run came to its end.
func (t tally) Grade() string {
	switch {
	case t.Graded != nil:
		return fmt.Sprintf("%s, %d of %s", t.Graded.Word, t.Graded.Points, words.Count(t.Graded.Of, "point"))
	case t.Ran() == 0:
		return "not run"
	case t.Failed == 0 && t.stopped:
		return "not finished"
	case t.Failed == 0:
		return "full marks"
	case t.Passed == 0:
		return "failed"
	}
	return "in part"
}

// Status is the worst that happened, for colours.
func (t tally) Status() evidence.Status {
	switch {
	case t.Failed > 0:
		return evidence.Failed
	case t.Passed > 0:
		return evidence.Passed
	}
	return evidence.NotRun
}

// anyProvider heads what belongs to no provider.
const anyProvider = "(any)"

func providerOf(s evidence.Scenario) string {
	if s.PSP == "" {
		return anyProvider
	}
	return s.PSP
}

// capabilityOf is what a feature counts under.
func capabilityOf(f evidence.Feature) string {
	if f.Capability == "" {
		return f.Name
	}
	return f.Capability
}

// tallied counts scenarios by name, in the order in which the names are first seen.
func tallied(run *evidence.Run, name func(evidence.Feature, evidence.Scenario) (name string, counts bool)) []tally {
	var all []tally
	index := map[string]int{}
	for f, s := range run.Scenarios() {
		n, counts := name(*f, *s)
		if !counts {
			continue
		}
		i, seen := index[n]
		if !seen {
			i = len(all)
			index[n] = i
			all = append(all, tally{Name: n, stopped: run.Stopped})
		}
		all[i].Add(s.Status)
	}
	return all
}

func byCapability(run *evidence.Run) []tally {
	all := tallied(run, func(f evidence.Feature, _ evidence.Scenario) (string, bool) { return capabilityOf(f), true })
	for i := range all {
		all[i].Graded = gradeOf(run, all[i].Name)
	}
	return all
}

// overall is everything in one tally.
func overall(run *evidence.Run) tally {
	return tally{Name: "all", Counts: run.Count(), Graded: gradeOf(run, "")}
}

func gradeOf(run *evidence.Run, capability string) *evidence.Grade {
	for i := range run.Grades {
		if run.Grades[i].Capability == capability {
			return &run.Grades[i]
		}
	}
	return nil
}

// byProvider lists the providers by their codes; what belongs to none comes last.
func byProvider(run *evidence.Run) []tally {
	all := tallied(run, func(_ evidence.Feature, s evidence.Scenario) (string, bool) { return providerOf(s), true })
	slices.SortFunc(all, func(a, b tally) int {
		if none := a.Name == anyProvider; none != (b.Name == anyProvider) {
			return map[bool]int{true: 1, false: -1}[none]
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// summary tallies each capability and everything, both by provider.
func summary(run *evidence.Run) (rows []tally, total tally) {
	rows, total = byCapability(run), overall(run)
	if providers := byProvider(run); named(providers) {
		total.By = providers
	}
	for i := range rows {
		rows[i].By = make([]tally, len(total.By))
	}
	for f, s := range run.Scenarios() {
		i := slices.IndexFunc(rows, func(t tally) bool { return t.Name == capabilityOf(*f) })
		if j := slices.IndexFunc(total.By, func(t tally) bool { return t.Name == providerOf(*s) }); j >= 0 {
			rows[i].By[j].Add(s.Status)
		}
	}
	return rows, total
}

// named says whether providers are worth a table: a run of the certifier has none.
func named(providers []tally) bool {
	return len(providers) > 1 || len(providers) == 1 && providers[0].Name != anyProvider
}

// placed is a scenario with its feature.
type placed struct {
	Feature  evidence.Feature
	Scenario evidence.Scenario
}

// chosen lists the scenarios that are wanted, in the run's order.
func chosen(run *evidence.Run, wants func(evidence.Scenario) bool) []placed {
	var found []placed
	for f, s := range run.Scenarios() {
		if wants(*s) {
			found = append(found, placed{*f, *s})
		}
	}
	return found
}

// failed is everything that neither passed nor was left out.
func failed(s evidence.Scenario) bool {
	return s.Status != evidence.Passed && s.Status != evidence.NotRun
}

// flaky says that a scenario passed, but not at the first try.
func flaky(s evidence.Scenario) bool { return s.Status == evidence.Passed && len(s.Earlier) > 0 }

// notRun counts the scenarios that were not run by why.
func notRun(run *evidence.Run) []tally {
	return tallied(run, func(_ evidence.Feature, s evidence.Scenario) (string, bool) {
		return notRunReason(s), s.Status == evidence.NotRun
	})
}

func notRunReason(s evidence.Scenario) string {
	if s.Reason == "" {
		return "no reason was given"
	}
	return s.Reason
}

// failedStep is the step at which a scenario failed; nil when it failed outside of its steps.
func failedStep(s evidence.Scenario) *evidence.Step {
	if i := slices.IndexFunc(s.Steps, decides); i >= 0 {
		return &s.Steps[i]
	}
	return nil
}

// headline says in one line why a scenario failed, with all that did not match.
func headline(s evidence.Scenario) string {
	step := failedStep(s)
	switch {
	case s.Reason != "":
		return mismatches(s.Reason)
	case step == nil:
		return "it failed, and no step says why"
	case step.Error != "":
		return mismatches(step.Error)
	case step.Status == evidence.Undefined:
		return "no step matches: " + step.Text
	}
	return "the step failed: " + step.Text
}

// mismatches joins the lines of a failure, one for each mismatch. Below a panic's first line stands its stack.
func mismatches(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		if strings.HasPrefix(lines[i], "\t") { // the place of the function that the line before names
			lines = lines[:max(i-1, 1)]
			break
		}
		lines[i] = strings.TrimSpace(plain(lines[i]))
		if lines[i] == "" {
			lines = lines[:i]
			break
		}
	}
	return strings.Join(lines, "; ")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return plain(strings.TrimRight(line, "\r "))
}

// names gives each scenario of a feature a name of its own: CI viewers take two cases of one name for one case.
func names(f evidence.Feature) []string {
	count := map[string]int{}
	for _, s := range f.Scenarios {
		count[s.Name]++
	}
	all, given := make([]string, len(f.Scenarios)), map[string]int{}
	for i, s := range f.Scenarios {
		all[i] = s.Name
		if example := exampleOf(s); count[s.Name] > 1 && example != "" {
			all[i] = s.Name + " " + example
		} else if count[s.Name] > 1 {
			all[i] = fmt.Sprintf("%s (line %d)", s.Name, s.Line)
		}
		given[all[i]]++
		if n := given[all[i]]; n > 1 {
			all[i] = fmt.Sprintf("%s #%d", all[i], n)
		}
	}
	return all
}

// exampleOf is what the runner's ids end with in an outline: the example's values, [ETO, 100.00].
func exampleOf(s evidence.Scenario) string {
	if i := strings.LastIndex(s.ID, " ["); i >= 0 && strings.HasSuffix(s.ID, "]") {
		return s.ID[i+1:]
	}
	return ""
}

// labelOf is an exchange's label without the scenario's id, which it begins with in the runner's evidence.
func labelOf(s evidence.Scenario, label string) string {
	return strings.TrimPrefix(label, s.ID+", ")
}

// verdict is the run in one line.
func verdict(run *evidence.Run) string {
	c := run.Count()
	parts := []string{words.Count(c.Passed+c.Failed+c.NotRun, "scenario")}
	parts = append(parts, fmt.Sprintf("%d passed", c.Passed))
	if c.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", c.Failed))
	}
	if c.NotRun > 0 {
		parts = append(parts, fmt.Sprintf("%d not run", c.NotRun))
	}
	return strings.Join(parts, ", ")
}

// title says what was run against what.
func title(run *evidence.Run) string {
	if run.Kind == "certify" {
		return "mozartosim certify: " + run.Named()
	}
	return "mozartosim contract: " + run.Named()
}

// took writes a duration for people.
func took(s evidence.Span) string {
	d := time.Duration(s)
	switch {
	case d < time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
