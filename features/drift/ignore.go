package drift

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"mozartosim/openapi"
)

// Ignored are the rules whose differences are left out, each with the reason.
type Ignored map[string]string

// ReadIgnored reads an ignore file, `ignore: [{rule: …, because: …}]`. Errors name file, line and column, and say what would be
// right: each rule must be in the contract's ledger, and each needs a reason.
func ReadIgnored(name string, contract *openapi.Contract) (Ignored, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("ignore file: %w", err)
	}
	y, err := openapi.DecodeYAML(name, text)
	if err != nil {
		return nil, err
	}
	known := newContract(contract).ledger
	ignored := Ignored{}
	var problems []string
	for key := range y.Fields {
		if key != "ignore" {
			problems = append(problems, key+" must not be set: known is ignore")
		}
	}
	list, ok := y.Fields["ignore"].([]any)
	if !ok {
		problems = append(problems, "ignore must be a list of {rule, because}")
	}
	for i, entry := range list {
		at := fmt.Sprintf("ignore.%d", i)
		fields, ok := entry.(map[string]any)
		if !ok {
			problems = append(problems, at+" must be {rule, because}")
			continue
		}
		for key := range fields {
			if key != "rule" && key != "because" {
				problems = append(problems, at+"."+key+" must not be set: known are rule and because")
			}
		}
		rule, _ := fields["rule"].(string)
		because, _ := fields["because"].(string)
		if _, ok := known[rule]; !ok {
			problems = append(problems, at+".rule must be the id of a rule in the ledger (mozartosim contract ledger --json)")
		}
		if ignored[rule] != "" {
			problems = append(problems, at+".rule is "+rule+" again: give one reason")
		}
		if because == "" {
			problems = append(problems, at+".because must say why the difference does not matter")
		}
		ignored[rule] = because
	}
	slices.Sort(problems)
	return ignored, y.Located(problems)
}

// Ignore leaves findings out whose rule is ignored, and notes how many.
func (r *Report) Ignore(ignored Ignored) {
	counts := map[string]int{}
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		_, ignore := ignored[f.Rule]
		if ignore {
			counts[f.Rule]++
		}
		return ignore
	})
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		r.Notes = append(r.Notes, fmt.Sprintf("%d left out, %s is ignored: %s", counts[rule], rule, ignored[rule]))
	}
}
