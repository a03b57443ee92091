package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// scenariosInForce are a company's scenarios, to be read only.
func scenariosInForce(r *request, c *backoffice.Company) *scenario.Set {
	return r.Runtimes.AllScenarios(r.Runtimes.Get(c.ID))
}

func listScenarios(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	set := scenariosInForce(r, c)
	return map[string][]adminapi.ScenarioSummary{"scenarios": each(set.List(), func(sc *scenario.Scenario) adminapi.ScenarioSummary {
		count := set.Counts(sc.Name)
		return adminapi.ScenarioSummary{
			Name: sc.Name, Description: sc.Description, File: sc.File, Line: sc.Line, PSP: sc.Match.PSP, Matched: count.Matched, Applied: count.Applied,
		}
	})}, nil
}

func readScenario(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	sc, err := scenariosInForce(r, c).Get(r.path["scenario"])
	if err != nil {
		return nil, err
	}
	return sc.Source(), nil
}

func putScenario(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	doc, err := r.document()
	if err != nil {
		return nil, err
	}
	name := r.path["scenario"]
	sc, err := parseScenario(r, doc, name)
	if err != nil {
		return nil, err
	}
	if sc.Name != name {
		return nil, openapi.InvalidAt("name", "must be %s, as in the path, or be left out", name)
	}
	if err := r.Settings.ChangeScenarios(ctx, c.ID, func(set *scenario.Set) error { return set.Put(sc) }); err != nil {
		return nil, err
	}
	warnings := warningsOf(c, sc)
	if warnings == nil {
		return sc.Source(), nil
	}
	var kept map[string]any
	if err := json.Unmarshal(sc.Source(), &kept); err != nil {
		return nil, fmt.Errorf("answer a scenario: %w", err)
	}
	kept["warnings"] = warnings
	return kept, nil
}

// warningsOf warns of scenarios that change the secret of webhooks that have none, and of misspelt words of a provider.
func warningsOf(c *backoffice.Company, all ...*scenario.Scenario) (warnings []string) {
	for _, sc := range all {
		warnings = append(warnings, provider.Misspelt(sc)...)
		var open []string
		for _, p := range provider.All() {
			configuration, ok := c.PSPs[p.Code]
			if ok && p.Webhook && (sc.Match.PSP == "" || sc.Match.PSP == p.Code) && sc.ChangesAuth() && !configuration.Secured() {
				open = append(open, p.Code)
			}
		}
		if open != nil {
			warnings = append(warnings, fmt.Sprintf("%s sets auth, but the webhooks of %s carry no secret: set isWebhookSecured and webhookSecret in the provider's configuration, or for the demo company serve --webhook-secret SECRET",
				sc.Name, strings.Join(open, ", ")))
		}
	}
	return warnings
}

// parseScenario reads a scenario, with a name for one that has none.
func parseScenario(r *request, doc openapi.Document, name string) (*scenario.Scenario, error) {
	if doc.Fields["name"] == nil {
		fields := maps.Clone(doc.Fields)
		fields["name"] = name
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, fmt.Errorf("name a scenario: %w", err)
		}
		doc = openapi.Document{Raw: text, Fields: fields}
	}
	return scenario.Reader{Cashier: r.Reader.Cashier, Control: r.Reader.Control}.Document(doc)
}

func deleteScenario(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	name := r.path["scenario"]
	return adminapi.Deleted{Deleted: name}, r.Settings.ChangeScenarios(ctx, c.ID, func(set *scenario.Set) error {
		if _, err := set.Get(name); err != nil {
			return err
		}
		set.Delete(name)
		return nil
	})
}

// oneShot is the name of a scenario that is sent without one, for an override.
const oneShot = "one-shot"

func overrideNext(ctx context.Context, r *request, c *backoffice.Company, in adminapi.OverrideInput) (any, error) {
	if (in.Name == "") == (in.Scenario == nil) {
		return nil, openapi.InvalidAt("body", "must have either name or scenario")
	}
	sc, err := overriding(r, in, c)
	if err != nil {
		return nil, err
	}
	if err := r.Settings.ChangeScenarios(ctx, c.ID, func(set *scenario.Set) error { return set.Override(sc) }); err != nil {
		return nil, err
	}
	return adminapi.OverrideResult{Name: sc.Name, Waiting: len(scenariosInForce(r, c).Overrides()), Warnings: warningsOf(c, sc)}, nil
}

func listOverrides(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	return map[string][]adminapi.Override{"overrides": each(scenariosInForce(r, c).Overrides(), func(sc *scenario.Scenario) adminapi.Override {
		return adminapi.Override{Name: sc.Name, Description: sc.Description, Scenario: sc.Source()}
	})}, nil
}

func unsetOverrides(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	name, out := r.query["name"], adminapi.UnsetResult{}
	err := r.Settings.ChangeScenarios(ctx, c.ID, func(set *scenario.Set) error {
		if out.Unset, out.Waiting = set.Unset(name), len(set.Overrides()); out.Unset == 0 && name != "" {
			return notFound("no override with the scenario %s waits", name)
		}
		return nil
	})
	return out, err
}

// overriding is the scenario that is named, or the one that was sent; what is wrong with that is told with its path in the
// body.
func overriding(r *request, in adminapi.OverrideInput, c *backoffice.Company) (*scenario.Scenario, error) {
	if in.Name != "" {
		return scenariosInForce(r, c).Get(in.Name)
	}
	text, err := json.Marshal(in.Scenario)
	if err != nil {
		return nil, fmt.Errorf("read a scenario: %w", err)
	}
	fields, _ := in.Scenario.(map[string]any)
	sc, err := parseScenario(r, openapi.Document{Raw: text, Fields: fields}, oneShot)
	var broken *openapi.Invalid
	if errors.As(err, &broken) {
		return nil, broken.Problems.Below("scenario").Err()
	}
	return sc, err
}

// checkedName is the file that a checked text counts as; it is not answered.
const checkedName = "scenario.yaml"

// checkScenarios reads YAML as a scenario file is read, and changes nothing.
func checkScenarios(_ context.Context, r *request, c *backoffice.Company, in adminapi.CheckInput) (any, error) {
	text := []byte(in.YAML)
	if in.Name != "" {
		text = named(text, in.Name)
	}
	reader := scenario.Reader{Cashier: r.Reader.Cashier, Control: r.Reader.Control}
	found, err := reader.File(checkedName, text)
	problems, onlyLines := linesOf(err)
	if !onlyLines {
		return nil, err
	}
	return adminapi.CheckResult{
		Valid: len(problems) == 0, Problems: problems,
		Scenarios: each(found, func(sc *scenario.Scenario) json.RawMessage { return sc.Source() }),
		Warnings:  warningsOf(c, found...),
	}, nil
}

// named adds a name to a scenario that has none, at the end of its text, so that no line moves. Text that is not one plain
// mapping is left alone: the reader says what is wrong with it.
func named(text []byte, name string) []byte {
	y, err := openapi.DecodeYAML(checkedName, text)
	if err != nil || y.Has("name") {
		return text
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return text
	}
	longer := slices.Concat(text, []byte("\nname: "), quoted, []byte("\n"))
	if _, err := openapi.DecodeYAML(checkedName, longer); err != nil { // in braces, or indented
		return text
	}
	return longer
}

// linesOf words joined line errors; ok is false when there is another error among them.
func linesOf(err error) (lines []adminapi.LineProblem, ok bool) {
	found, ok := openapi.Lines(err)
	return orEmpty(each(found, func(at *openapi.LineError) adminapi.LineProblem {
		return adminapi.LineProblem{Line: at.Line, Column: at.Column, Description: at.Reason}
	})), ok
}
