package drift

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"mozartosim/openapi"
)

// ReadIgnored reads an ignore file, `ignore: [{rule: …, because: …}]`: the reason of each rule whose differences are left out.
// Errors name file, line and column, and say what would be right: each rule must be in the contract's ledger, and each needs a reason.
// Without a name nothing is ignored.
func ReadIgnored(name string, contract *openapi.Contract) (map[string]string, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("ignore file: %w", err)
	}
	y, err := openapi.DecodeYAML(name, text)
	if err != nil {
		return nil, err
	}
	form, err := openapi.FileForm("ignore")
	if err != nil {
		return nil, err
	}
	if problems := form.Problems("Ignored", y.Document); len(problems) > 0 {
		return nil, y.Located(problems)
	}
	known := openapi.ByID(contract.Ledger())
	var file struct {
		Ignore []struct{ Rule, Because string }
	}
	if err := y.Into(&file); err != nil {
		return nil, fmt.Errorf("ignore file: %w", err)
	}
	ignored := map[string]string{}
	var problems openapi.Problems
	for i, entry := range file.Ignore {
		path := fmt.Sprintf("ignore.%d.rule", i)
		if _, ok := known[entry.Rule]; !ok {
			problems.Add(path, "must be the id of a rule in the ledger (mozartosim contract ledger --json)")
		}
		if ignored[entry.Rule] != "" {
			problems.Add(path, "is %s again: give one reason", entry.Rule)
		}
		ignored[entry.Rule] = entry.Because
	}
	return ignored, y.Located(problems)
}

// Ignore leaves findings out whose rule is ignored, and notes how many.
func (r *Report) Ignore(ignored map[string]string) {
	counts := map[string]int{}
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		left := func(c *Change) bool { _, ignore := ignored[c.Rule.ID]; return !ignore }
		rule := f.Rule
		_, ignore := ignored[rule]
		if !ignore && len(f.Changes) > 0 && !slices.ContainsFunc(f.Changes, left) { // each provider's own
			rule, ignore = f.Changes[0].Rule.ID, true
		}
		if ignore {
			counts[rule]++
		}
		return ignore
	})
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		r.Notes = append(r.Notes, fmt.Sprintf("%d left out, %s is ignored: %s", counts[rule], rule, ignored[rule]))
	}
}
