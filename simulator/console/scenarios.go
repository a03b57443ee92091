package console

import (
	"encoding/json"
	"net/http"
	"strings"
)

func (c *console) scenarioPages() map[string]show {
	return map[string]show{"/scenarios": scenarios, "/scenarios/new": newScenario, "/scenarios/{name}": oneScenario}
}

func (c *console) scenarioForms() map[string]form {
	return map[string]form{
		"/scenarios/new":           {"scenario", writeScenario, newScenario},
		"/scenarios/{name}":        {"scenario", writeScenario, oneScenario},
		"/scenarios/{name}/delete": {"scenario", deleteScenario, oneScenario},
		"/scenarios/{name}/run":    {"run", runScenario, oneScenario},
	}
}

// scenarioBrief is a scenario as a list tells it.
type scenarioBrief struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	File        string `json:"file"`
	Line        int    `json:"line"`
	Matched     int    `json:"matched"`
	Applied     int    `json:"applied"`
}

type scenariosView struct {
	Scenarios []scenarioBrief `json:"scenarios"`
	All       int
	Search    string
}

func scenarios(v *visit) (*page, error) {
	if v.company.ID == "" {
		return &page{template: "nobody", title: "Scenarios", nav: "scenarios"}, nil
	}
	var list scenariosView
	if err := v.get(v.path("scenarios"), nil, &list); err != nil {
		return nil, err
	}
	shown := scenariosView{All: len(list.Scenarios), Search: v.ask("q")}
	for _, s := range list.Scenarios {
		if holds(s.Name+" "+s.Description+" "+s.File, shown.Search) {
			shown.Scenarios = append(shown.Scenarios, s)
		}
	}
	return &page{template: "scenarios", title: "Scenarios", nav: "scenarios", data: shown}, nil
}

// holds says whether a text has every word that is searched for, whatever its case.
func holds(text, search string) bool {
	text = strings.ToLower(text)
	for _, one := range strings.Fields(strings.ToLower(search)) {
		if !strings.Contains(text, one) {
			return false
		}
	}
	return true
}

type scenarioView struct {
	Name      string // "" for a new one
	File      string
	YAML      string // as it is kept, or a beginning
	JSON      string
	Flows     []flow // that it can be run with
	Checked   bool
	Holds     bool
	Problems  []lineProblem
	Scenarios int // how many the checked text holds
}

type lineProblem struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Says   string `json:"description"`
}

// beginning is what a new scenario begins with.
const beginning = `name: my-scenario
description: The shopper is declined after 5 seconds.
match: {psp: PAYONE, named: true}
shopper: {action: decline, reason: insufficient_funds, after: 5s}
`

func newScenario(v *visit) (*page, error) {
	shown := &scenarioView{YAML: beginning}
	return &page{template: "scenario", title: "New scenario", nav: "scenarios", data: shown}, nil
}

func oneScenario(v *visit) (*page, error) {
	shown, err := v.scenarioView()
	if err != nil {
		return nil, err
	}
	return &page{template: "scenario", title: "Scenario " + shown.Name, nav: "scenarios", data: shown}, nil
}

func (v *visit) scenarioView() (*scenarioView, error) {
	shown := &scenarioView{Name: v.in("name")}
	var source json.RawMessage
	if err := v.get(v.path("scenarios", shown.Name), nil, &source); err != nil {
		return nil, err
	}
	shown.JSON = pretty(source)
	var err error
	if shown.YAML, err = asYAML(source); err != nil {
		return nil, err
	}
	var limits struct{ Match struct{ PSP, Type string } }
	_ = json.Unmarshal(source, &limits) // a scenario that matches everything has no match
	providers, err := v.providers()
	for _, p := range providers {
		for _, f := range p.Flows {
			if (limits.Match.PSP == "" || limits.Match.PSP == f.PSP) && (limits.Match.Type == "" || limits.Match.Type == f.Type) {
				shown.Flows = append(shown.Flows, f)
			}
		}
	}
	return shown, err
}

// writeScenario checks what was written, and puts it into force when that was asked for and it holds.
func writeScenario(v *visit) (outcome, error) {
	shown := &scenarioView{}
	if v.in("name") != "" {
		var err error
		if shown, err = v.scenarioView(); err != nil {
			return outcome{}, err
		}
	}
	var checked struct {
		Holds     bool              `json:"valid"`
		Problems  []lineProblem     `json:"problems"`
		Scenarios []json.RawMessage `json:"scenarios"`
	}
	body := map[string]string{"yaml": strings.ReplaceAll(v.PostForm.Get("yaml"), "\r\n", "\n")}
	if shown.Name != "" {
		body["name"] = shown.Name
	}
	if err := v.do(http.MethodPost, v.path("scenarios", "check"), body, &checked); err != nil {
		return outcome{}, err
	}
	if v.said("do") == "put" && checked.Holds {
		return v.putScenarios(checked.Scenarios)
	}
	shown.Checked, shown.Holds, shown.Problems, shown.Scenarios = true, checked.Holds, checked.Problems, len(checked.Scenarios)
	title, status := "New scenario", http.StatusOK
	if shown.Name != "" {
		title = "Scenario " + shown.Name
	}
	if !checked.Holds {
		status = http.StatusUnprocessableEntity
	}
	p := &page{template: "scenario", title: title, nav: "scenarios", data: shown, failed: "scenario", status: status}
	return outcome{page: p}, nil
}

func (v *visit) putScenarios(all []json.RawMessage) (outcome, error) {
	name := ""
	for _, source := range all {
		var called struct{ Name string }
		if err := json.Unmarshal(source, &called); err != nil {
			return outcome{}, err
		}
		name = called.Name
		if err := v.do(http.MethodPut, v.path("scenarios", name), source, nil); err != nil {
			return outcome{}, err
		}
	}
	return outcome{to: v.link(pathOf("scenarios", name), "done", "put")}, nil
}

func deleteScenario(v *visit) (outcome, error) {
	return outcome{to: v.link("/scenarios", "done", "deleted")}, v.do(http.MethodDelete, v.path("scenarios", v.in("name")), nil, nil)
}

// runScenario makes a payment under a scenario, with the smallest valid request of the flow.
func runScenario(v *visit) (outcome, error) {
	providers, err := v.providers()
	if err != nil {
		return outcome{}, err
	}
	f, ok := flowOf(providers, v.said("flow"))
	if !ok {
		return outcome{}, &problem{Status: http.StatusBadRequest, Message: "choose which payment is made"}
	}
	examples, err := v.examples(f, "")
	if err != nil {
		return outcome{}, err
	}
	sent, err := v.pay(string(examples[0].Request), v.in("name"))
	if err != nil {
		return outcome{}, err
	}
	if sent.Payment == "" {
		shown := &cashierView{Flow: f, Flows: providers, Examples: examples, Body: pretty(examples[0].Request), Payer: "scenario", Scenario: v.in("name"), Sent: sent}
		return outcome{page: &page{template: "cashier", title: "Make a payment", nav: "cashier", data: shown}}, nil
	}
	return outcome{to: v.link(pathOf("payments", sent.Payment), "done", "made")}, nil
}
