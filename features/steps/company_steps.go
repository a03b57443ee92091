package steps

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mozartosim/openapi"
)

// ours is the company's place in the control API.
func (w *World) ours(parts ...string) (string, error) {
	c, err := w.us()
	if err != nil {
		return "", err
	}
	if w.env.Control == nil {
		return "", &NotRun{"needs the simulator's control API"}
	}
	path := "/v1/companies/" + c.ID
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path, nil
}

func (w *World) patch(in any) error {
	path, err := w.ours()
	if err != nil {
		return err
	}
	return w.control(http.MethodPatch, path, nil, in, nil)
}

func passwordExpired(w *World, _ Args) error { return w.patch(map[string]any{"passwordExpired": true}) }

func noConfiguration(w *World, a Args) error {
	path, err := w.ours("psps", a.Values[0])
	if err != nil {
		return err
	}
	return w.control(http.MethodDelete, path, nil, nil, nil)
}

// configurationHas changes fields of a provider's configuration; "(absent)" leaves one out.
func configurationHas(w *World, a Args) error {
	path, err := w.ours("psps", a.Values[0])
	if err != nil {
		return err
	}
	made, err := w.configuration(a.Values[0], w.acting)
	if err != nil {
		return err
	}
	for i, row := range a.Table {
		switch {
		case len(row) != 2:
			return fmt.Errorf("a row of the table must have two cells, field and value; row %d has %d", i+1, len(row))
		case i == 0 && row[0] == "field":
		case row[1] == "(absent)":
			remove(made, row[0])
		default:
			value, err := w.written(nil, row[0], row[1])
			if err != nil {
				return err
			}
			if value == "true" || value == "false" {
				value = value == "true"
			}
			if err := set(made, row[0], value); err != nil {
				return err
			}
		}
	}
	return w.control(http.MethodPut, path, nil, made, nil)
}

func configurationLacks(w *World, a Args) error {
	return configurationHas(w, Args{Values: a.Values, Table: [][]string{{a.Values[1], "(absent)"}}})
}

// secured makes a provider's webhooks carry the shared secret.
func secured(w *World, a Args) error {
	w.env.Masker.Hide(a.Values[1])
	return configurationHas(w, Args{Values: a.Values, Table: [][]string{{"isWebhookSecured", "true"}, {"webhookSecret", a.Values[1]}}})
}

func noRule(w *World, a Args) error {
	path, err := w.ours("rules", "rule-"+a.Values[0])
	if err != nil {
		return err
	}
	return w.control(http.MethodDelete, path, nil, nil, nil)
}

func ruleOff(w *World, a Args) error {
	path, err := w.ours("rules", "rule-"+a.Values[0])
	if err != nil {
		return err
	}
	return w.control(http.MethodPut, path, nil, map[string]any{"psp": a.Values[0], "active": false}, nil)
}

func brandRule(w *World, a Args) error    { return w.addRule(a.Values[0], a.Values[1], true) }
func brandRuleOff(w *World, a Args) error { return w.addRule(a.Values[0], a.Values[1], false) }

func (w *World) addRule(psp, brand string, active bool) error {
	path, err := w.ours("rules")
	if err != nil {
		return err
	}
	if err := w.patch(map[string]any{"brands": []any{map[string]any{"id": brand, "name": brand}}}); err != nil {
		return err
	}
	return w.control(http.MethodPost, path, nil, map[string]any{"psp": psp, "brand": brand, "active": active}, nil)
}

// outage puts a provider out of order.
func outage(w *World, a Args) error    { return w.putOutage(a.Values[0], a.Values[1], "") }
func outageFor(w *World, a Args) error { return w.putOutage(a.Values[0], a.Values[1], a.Values[2]) }

func (w *World) putOutage(psp, kind, span string) error {
	path, err := w.ours("outages", psp)
	if err != nil {
		return err
	}
	in := map[string]any{"kind": kind}
	if kind == "slow" {
		in["delay"] = "20s"
	}
	if span != "" {
		in["for"] = span
	}
	return w.control(http.MethodPut, path, nil, in, nil)
}

func outageEnds(w *World, a Args) error {
	path, err := w.ours("outages", a.Values[0])
	if err != nil {
		return err
	}
	return w.control(http.MethodDelete, path, nil, nil, nil)
}

// overrideNext lets a ready scenario decide the next payment.
func overrideNext(w *World, a Args) error { return w.override(map[string]any{"name": a.Values[0]}) }

// overrideWith lets a scenario that is written below the step decide the next payment.
func overrideWith(w *World, a Args) error {
	if !a.IsText {
		return fmt.Errorf("the scenario must be written below the step, in YAML, between lines of \"\"\"")
	}
	text := a.Text
	if !strings.HasPrefix(text, "name:") {
		text = "name: scenario-of-the-feature\n" + text
	}
	y, err := openapi.DecodeYAML("scenario", []byte(text))
	if err != nil {
		return err
	}
	return w.override(map[string]any{"scenario": y.Fields})
}

func (w *World) override(in any) error {
	path, err := w.ours("scenarios", "override")
	if err != nil {
		return err
	}
	return w.control(http.MethodPost, path, nil, in, nil)
}

// anotherCompany makes a second one; who calls stays.
func anotherCompany(w *World, _ Args) error {
	if _, err := w.us(); err != nil {
		return err
	}
	now := w.now
	var err error
	w.other, err = w.newCompany("-other")
	w.now = now
	return err
}

// second returns the other company, or tells the author that there is none.
func (w *World) second() (*Company, error) {
	if w.other == nil {
		return nil, fmt.Errorf("there is no other company yet: \"Given another company\" must come before")
	}
	return w.other, nil
}

// actAsOther lets the other company make the next calls.
func actAsOther(w *World, _ Args) error {
	c, err := w.second()
	if err != nil {
		return err
	}
	w.acting = c
	return nil
}

func otherHasPayments(w *World, a Args) error {
	c, err := w.second()
	if err != nil {
		return err
	}
	return w.countPayments(c, a.Int(0))
}

func otherHasNoWebhooks(w *World, _ Args) error {
	c, err := w.second()
	if err != nil {
		return err
	}
	if all, _ := w.arrived(c); len(all) > 0 {
		return failed(nil, "the other company got %s, expected none%s", count(len(all), "webhook"), w.told(all))
	}
	return nil
}
