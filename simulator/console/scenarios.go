package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/words"
)

type scenariosView struct {
	list
	Overrides []adminapi.Override // that wait, the next one first
	Groups    []string            // folders of the files
	Total     int
}

func scenarios(r *request) (*page, error) {
	all, err := r.current().Scenarios().List(r.Context())
	if err != nil {
		return nil, err
	}
	v := scenariosView{list: r.newList("/scenarios", "q", "group", "psp"), Total: len(all)}
	if v.Overrides, err = r.current().Scenarios().Overrides(r.Context()); err != nil {
		return nil, err
	}
	var found []adminapi.ScenarioSummary
	for _, s := range all {
		group := groupOf(s)
		if !slices.Contains(v.Groups, group) {
			v.Groups = append(v.Groups, group)
		}
		of, psp := v.Filter("group"), v.Filter("psp")
		if words.HasAll(s.Name+" "+s.Description+" "+s.File, strings.Fields(v.Filter("q"))) && (of == "" || of == group) && (psp == "" || psp == s.PSP) {
			found = append(found, s)
		}
	}
	slices.Sort(v.Groups)
	slices.SortStableFunc(found, func(a, b adminapi.ScenarioSummary) int { return cmp.Compare(b.Applied, a.Applied) })
	showPart(&v.list, found)
	return &page{template: "scenarios", Title: "Scenarios", Nav: "scenarios", Data: v}, nil
}

// groupOf is the folder of a scenario's file, or the file where it is in none.
func groupOf(s adminapi.ScenarioSummary) string {
	if s.File == "" {
		return "API"
	}
	group, _, _ := strings.Cut(s.File, "/")
	return strings.TrimSuffix(group, ".yaml")
}

type scenarioView struct {
	Name    string // "" for a new scenario
	YAML    string
	JSON    string
	Summary adminapi.ScenarioSummary
	Named   bool   // whether it applies only where it is named
	Waiting int    // overrides with it
	Flows   []flow // with which it can be run
	Check   *adminapi.CheckResult
}

// Providers are those of the flows, each once.
func (v *scenarioView) Providers() (all []adminapi.Provider) {
	for _, f := range v.Flows {
		if !slices.ContainsFunc(all, func(p adminapi.Provider) bool { return p.PSP == f.Provider.PSP }) {
			all = append(all, f.Provider)
		}
	}
	return all
}

func (v *scenarioView) page() *page {
	title := "New scenario"
	if v.Name != "" {
		title = "Scenario " + v.Name
	}
	return &page{template: "scenario", Title: title, Nav: "scenarios", Data: v}
}

// newScenarioYAML is what a new scenario starts with.
const newScenarioYAML = `name: my-scenario
description: The shopper is declined after 5 seconds.
match: {psp: PAYONE, named: true}
shopper: {action: decline, reason: insufficient_funds, after: 5s}
`

func scenario(r *request) (*page, error) {
	v, err := newScenarioView(r)
	if err != nil {
		return nil, err
	}
	return v.page(), nil
}

// newScenarioView shows the scenario that the page's path names, or a new one.
func newScenarioView(r *request) (*scenarioView, error) {
	v := &scenarioView{Name: r.PathValue("name")}
	if v.Name == "" {
		v.YAML = newScenarioYAML
		return v, nil
	}
	source, err := r.current().Scenarios().Scenario(r.Context(), v.Name)
	if err != nil {
		return nil, err
	}
	v.JSON = pretty(source)
	if v.YAML, err = asYAML(source); err != nil {
		return nil, err
	}
	all, err := r.current().Scenarios().List(r.Context())
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(s adminapi.ScenarioSummary) bool { return s.Name == v.Name }); i >= 0 {
		v.Summary = all[i]
	}
	waiting, err := r.current().Scenarios().Overrides(r.Context())
	if err != nil {
		return nil, err
	}
	for _, o := range waiting {
		if o.Name == v.Name {
			v.Waiting++
		}
	}
	var limits struct {
		Match struct {
			PSP, Type string
			Named     bool
		}
	}
	_ = json.Unmarshal(source, &limits) // a scenario that matches everything has no match
	v.Named = limits.Match.Named
	for _, f := range r.flows() {
		if (limits.Match.PSP == "" || limits.Match.PSP == f.Provider.PSP) && (limits.Match.Type == "" || limits.Match.Type == f.Type) {
			v.Flows = append(v.Flows, f)
		}
	}
	return v, nil
}

// writeScenario checks what was typed and, when that was asked for and it is valid, puts it into force.
func writeScenario(r *request) (*page, error) {
	v, err := newScenarioView(r)
	if err != nil {
		return nil, err
	}
	checked, err := r.current().Scenarios().Check(r.Context(), adminapi.CheckInput{YAML: r.text("yaml"), Name: v.Name})
	if err != nil {
		return nil, err
	}
	if r.field("do") == "put" && checked.Valid {
		return putScenarios(r, checked.Scenarios)
	}
	v.Check = &checked
	p := v.page()
	p.failedForm = "scenario" // so that what was typed stays
	if !checked.Valid {
		p.status = http.StatusUnprocessableEntity
	}
	return p, nil
}

// putScenarios puts scenarios into force, and leads to the last one.
func putScenarios(r *request, all []json.RawMessage) (*page, error) {
	var named struct{ Name string }
	for _, source := range all {
		if err := json.Unmarshal(source, &named); err != nil {
			return nil, err
		}
		if _, err := r.current().Scenarios().Put(r.Context(), named.Name, source); err != nil {
			return nil, err
		}
	}
	return r.done("put", "scenarios", named.Name), nil
}

func deleteScenario(r *request) (*page, error) {
	_, err := r.current().Scenarios().Delete(r.Context(), r.PathValue("name"))
	return r.done("deleted", "scenarios"), err
}

// overrideNext lets a scenario decide the next payment, of any provider that it matches or only of the chosen one.
func overrideNext(r *request) (*page, error) {
	name := r.PathValue("name")
	in := adminapi.OverrideInput{Name: name}
	if psp := r.field("psp"); psp != "" {
		source, err := r.current().Scenarios().Scenario(r.Context(), name)
		if err != nil {
			return nil, err
		}
		var written map[string]any
		if err := json.Unmarshal(source, &written); err != nil {
			return nil, err
		}
		match, _ := written["match"].(map[string]any)
		if match == nil {
			match = map[string]any{}
		}
		match["psp"], written["match"] = psp, match
		in = adminapi.OverrideInput{Scenario: written}
	}
	_, err := r.current().Scenarios().Override(r.Context(), in)
	return r.done("override", "scenarios", name), err
}

func unsetOverrides(r *request) (*page, error) {
	_, err := r.current().Scenarios().Unset(r.Context(), r.field("name"))
	if to := r.back("unset"); to != nil {
		return to, err
	}
	return r.done("unset", "scenarios"), err
}

// runScenario makes a payment under a scenario, by the smallest valid request of a flow.
func runScenario(r *request) (*page, error) {
	if _, ok := r.flow(r.field("flow")); !ok {
		return nil, badRequest("choose which payment is made")
	}
	v, err := newCashierView(r)
	if err != nil {
		return nil, err
	}
	v.Body, v.Payer, v.Scenario = pretty(v.Examples[0].Request), "scenario", r.PathValue("name")
	if v.Sent, err = callCashier(r, v.Body, v.Scenario); err != nil {
		return nil, err
	}
	if v.Sent.Payment == "" {
		return v.page(), nil
	}
	return r.done("made", "payments", v.Sent.Payment), nil
}

// asYAML writes a JSON document as YAML for people, its members in their order. JSON is YAML already, but for characters that YAML wants
// escaped: only the style changes.
func asYAML(source json.RawMessage) (string, error) {
	var escaped []byte
	for _, r := range string(source) {
		if unicode.IsControl(r) && r > ' ' || r == '\ufffe' || r == '\uffff' {
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		} else {
			escaped = utf8.AppendRune(escaped, r)
		}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(escaped, &doc); err != nil {
		return "", fmt.Errorf("console: write YAML: %w", err)
	}
	toBlockStyle(&doc, 0)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return "", fmt.Errorf("console: write YAML: %w", err)
	}
	return out.String(), nil
}

// flowDepth is the depth from which objects and lists are written in one line.
const flowDepth = 4

// toBlockStyle removes braces and quotes where YAML needs none. The encoder quotes a text again that YAML would read as
// something else, since its tag says that it is a text.
func toBlockStyle(node *yaml.Node, depth int) {
	switch node.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		node.Style = 0
		if depth >= flowDepth {
			node.Style = yaml.FlowStyle
		}
	case yaml.ScalarNode:
		quoted := strings.TrimLeftFunc(node.Value, unicode.IsSpace) != node.Value || strings.ContainsAny(node.Value, "\u0085\u2028\u2029") // which a block would lose
		if !quoted && (node.Tag == "!!str" || node.Style&yaml.DoubleQuotedStyle != 0) {
			node.Tag, node.Style = "!!str", 0
		}
	}
	for _, child := range node.Content {
		toBlockStyle(child, depth+1)
	}
}
