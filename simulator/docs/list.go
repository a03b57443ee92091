package docs

import (
	"fmt"
	"io/fs"

	"mozartosim/features"
	"mozartosim/fixtures/recipes"
	"mozartosim/scenarios"
)

// Guides are the repository's guides; operations has the README.md about running a simulator.
func Guides(operations fs.FS) ([]Guide, error) {
	all := []Guide{
		{Name: "recipes", Title: "Recipes", About: "a merchant’s first test and webhook handler, in six languages", Path: "fixtures/recipes/README.md", Files: recipes.Files},
		{Name: "scenarios", Title: "Scenarios", About: "what the simulator shall do: outcomes, faults, webhooks that misbehave", Path: "scenarios/README.md", Files: scenarios.Files},
		{Name: "features", Title: "Features", About: "the expected behaviour in Gherkin, run against the simulator or a real target", Path: "features/README.md", Files: features.Guides()},
		{Name: "certify", Title: "Certify", About: "test your own system, and grade it", Path: "features/certify/README.md"},
		{Name: "operations", Title: "Operations", About: "data, TLS, limits, metrics, several processes", Path: "simulator/README.md", Files: operations},
	}
	for i, g := range all {
		file, from := "README.md", g.Files
		if g.Name == "certify" {
			file, from = "certify/README.md", features.Guides()
		}
		text, err := fs.ReadFile(from, file)
		if err != nil {
			return nil, fmt.Errorf("guides: %w", err)
		}
		all[i].Text = text
	}
	return all, nil
}
