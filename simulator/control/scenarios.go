package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/scenario"
)

// scenarioShown is a scenario as a list shows it.
type scenarioShown struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	File        string `json:"file"`
	Line        int    `json:"line"`
	Matched     int    `json:"matched"`
	Applied     int    `json:"applied"`
}

// scenarios returns the scenarios of the company that the path names.
func (s *server) scenarios(r *request) (*backoffice.Company, *scenario.Set, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return nil, nil, err
	}
	return c, s.Runtimes.AllScenarios(s.Runtimes.Get(c.ID)), nil
}

func (s *server) listScenarios(r *request) (reply, error) {
	_, set, err := s.scenarios(r)
	if err != nil {
		return reply{}, err
	}
	list := []scenarioShown{}
	for _, sc := range set.List() {
		count := set.Counts(sc.Name)
		list = append(list, scenarioShown{sc.Name, sc.Description, sc.File, sc.Line, count.Matched, count.Applied})
	}
	return ok(map[string]any{"scenarios": list})
}

func (s *server) readScenario(r *request) (reply, error) {
	_, set, err := s.scenarios(r)
	if err != nil {
		return reply{}, err
	}
	sc, err := set.Get(r.path["scenario"])
	if err != nil {
		return reply{}, err
	}
	return ok(sc.Source())
}

func (s *server) putScenario(r *request) (reply, error) {
	doc, err := r.body()
	if err != nil {
		return reply{}, err
	}
	c, _, err := s.scenarios(r)
	if err != nil {
		return reply{}, err
	}
	name := r.path["scenario"]
	sc, err := s.readNamed(doc, name)
	if err != nil {
		return reply{}, err
	}
	if sc.Name != name {
		return reply{}, breaks("name must be %s, as in the path, or be left out", name)
	}
	err = s.Settings.ChangeScenarios(r.Context(), c.ID, func(set *scenario.Set) error { return set.Put(sc) })
	if err != nil {
		return reply{}, err
	}
	return ok(sc.Source())
}

// readNamed reads a scenario, with a name for one that has none.
func (s *server) readNamed(doc openapi.Document, name string) (*scenario.Scenario, error) {
	if doc.Fields["name"] == nil {
		fields := maps.Clone(doc.Fields)
		fields["name"] = name
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, fmt.Errorf("name a scenario: %w", err)
		}
		doc = openapi.Document{Raw: text, Fields: fields}
	}
	return scenario.Reader{Cashier: s.Reader.Cashier, Control: s.Reader.Control}.Document(doc)
}

func (s *server) deleteScenario(r *request) (reply, error) {
	c, _, err := s.scenarios(r)
	if err != nil {
		return reply{}, err
	}
	name := r.path["scenario"]
	err = s.Settings.ChangeScenarios(r.Context(), c.ID, func(set *scenario.Set) error {
		if _, err := set.Get(name); err != nil {
			return err
		}
		set.Delete(name)
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]string{"deleted": name})
}

// oneShot is the name of a scenario that is sent without one, for an override.
const oneShot = "one-shot"

func (s *server) override(r *request) (reply, error) {
	doc, err := s.input(r, "OverrideInput")
	if err != nil {
		return reply{}, err
	}
	c, set, err := s.scenarios(r)
	if err != nil {
		return reply{}, err
	}
	if doc.Has("name") == doc.Has("scenario") {
		return reply{}, breaks("body must have either name or scenario")
	}
	sc, err := set.Get(doc.Text("name"))
	if whole := doc.Object("scenario"); whole != nil {
		sc, err = s.sentScenario(whole)
	}
	if err != nil {
		return reply{}, err
	}
	err = s.Settings.ChangeScenarios(r.Context(), c.ID, func(set *scenario.Set) error { return set.Override(sc) })
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"name": sc.Name, "waiting": len(set.Overrides())})
}

// sentScenario reads the scenario of an override; what is wrong with it is told with its path in the body.
func (s *server) sentScenario(fields map[string]any) (*scenario.Scenario, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("read a scenario: %w", err)
	}
	sc, err := s.readNamed(openapi.Document{Raw: text, Fields: fields}, oneShot)
	var broken *openapi.Invalid
	if errors.As(err, &broken) {
		below := &openapi.Invalid{}
		for _, p := range broken.Problems {
			below.Problems = append(below.Problems, "scenario."+p)
		}
		return nil, below
	}
	return sc, err
}

// outageShown is an outage as it is written.
type outageShown struct {
	PSP   string              `json:"psp"`
	Kind  scenario.OutageKind `json:"kind"`
	For   string              `json:"for,omitempty"`
	Delay string              `json:"delay,omitempty"`
	Until time.Time           `json:"until,omitzero"`
}

func showOutage(o company.Outage) outageShown {
	shown := outageShown{PSP: o.PSP, Kind: o.Kind, Until: o.Until}
	if o.For > 0 {
		shown.For = scenario.FormatDuration(o.For)
	}
	if o.Delay > 0 {
		shown.Delay = scenario.FormatDuration(o.Delay)
	}
	return shown
}

func (s *server) listOutages(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	list := []outageShown{}
	for _, o := range s.outages(c.ID) {
		list = append(list, showOutage(o))
	}
	return ok(map[string]any{"outages": list})
}

// outages returns those of a company that are in force.
func (s *server) outages(id string) []company.Outage {
	rt := s.Runtimes.Get(id)
	return rt.Outages.List(rt.Clock.Now())
}

func (s *server) putOutage(r *request) (reply, error) {
	doc, err := s.input(r, "OutageInput")
	if err != nil {
		return reply{}, err
	}
	c, psp, err := s.pspInPath(r)
	if err != nil {
		return reply{}, err
	}
	out := scenario.Outage{PSP: psp, Kind: scenario.OutageKind(doc.Text("kind"))}
	if out.For, err = span(doc, "for"); err != nil {
		return reply{}, err
	}
	if out.Delay, err = span(doc, "delay"); err != nil {
		return reply{}, err
	}
	switch slow := out.Kind == scenario.SlowProvider; {
	case slow && out.Delay == 0:
		return reply{}, breaks("delay must say how late the provider answers, such as 20s")
	case !slow && doc.Has("delay"):
		return reply{}, breaks("delay must not be set unless kind is slow")
	case doc.Has("for") && out.For == 0:
		return reply{}, breaks("for must be longer than 0s")
	}
	if err := s.Settings.StartOutage(r.Context(), c.ID, out); err != nil {
		return reply{}, err
	}
	for _, o := range s.outages(c.ID) {
		if o.PSP == psp {
			return ok(showOutage(o))
		}
	}
	return ok(showOutage(company.Outage{PSP: out.PSP, Kind: out.Kind, For: out.For, Delay: out.Delay})) // it is over already, on a fast clock
}

func (s *server) pspInPath(r *request) (*backoffice.Company, string, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return nil, "", err
	}
	psp := r.path["psp"]
	if s.Reader.Cashier.ConfigurationOf(psp) == "" {
		return nil, "", s.noPSP(c, psp)
	}
	return c, psp, nil
}

func (s *server) deleteOutage(r *request) (reply, error) {
	c, psp, err := s.pspInPath(r)
	if err != nil {
		return reply{}, err
	}
	mended, err := s.Settings.EndOutage(r.Context(), c.ID, psp)
	if err != nil {
		return reply{}, err
	}
	if !mended {
		return reply{}, notFound("%s is in order for company %s", psp, c.Name)
	}
	return ok(map[string]string{"deleted": psp})
}
