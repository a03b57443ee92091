package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mozartosim/features/cells"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// siteURL is where shoppers of the companies that scenarios make come back to.
const siteURL = "https://shop.example"

// newCompany makes a company with all providers and a rule for each, on a clock that stands; or takes the one that the
// target gives to all scenarios.
func (w *World) newCompany(ctx context.Context, suffix string) (*Company, error) {
	switch {
	case w.env.Fixed != nil && suffix == "":
		return w.env.Fixed, nil
	case w.env.Fixed != nil:
		return nil, &NotRun{"needs a second company"}
	case w.setup == nil:
		return nil, &NotRun{"needs a company: a profile, or the simulator's admin API to make one"}
	}
	c := &Company{Name: "contract-" + w.key + suffix, User: Jane()}
	if w.env.Receiver != nil {
		c.Mailbox = w.env.Receiver.Open(w.key + suffix)
	}
	in, err := companyInput(w.env.Contract, c)
	if err != nil {
		return nil, err
	}
	made, err := w.setup.CreateCompany(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("make a company for the scenario: %w", err)
	}
	c.ID, c.APIKey, c.SecretKey = made.ID, made.Credentials.APIKey, made.Credentials.SecretKey
	clock, err := w.setup.Company(c.ID).SetClock(ctx, adminapi.ClockInput{Mode: "manual"})
	if err != nil {
		return nil, fmt.Errorf("stop the company's clock: %w", err)
	}
	c.Token = CompanyToken(c.APIKey, c.SecretKey, clock.Now.Add(-time.Minute), time.Time{})
	w.clock = clock.Now
	w.masker.Hide(c.secrets()...)
	return c, nil
}

func companyInput(contract *openapi.Contract, c *Company) (adminapi.CompanyInput, error) {
	in := adminapi.CompanyInput{Name: c.Name, PSPs: map[string]map[string]any{}, Brands: []adminapi.Brand{{ID: "gold", Name: "Gold"}}}
	for _, psp := range contract.PSPs() {
		configuration, err := newConfiguration(contract, psp, c)
		if err != nil {
			return in, err
		}
		in.PSPs[psp] = configuration
		in.Rules = append(in.Rules, adminapi.RuleInput{ID: "rule-" + psp, PSP: psp})
	}
	if c.Mailbox != nil {
		in.UserAuthURL = c.Mailbox.URL + "/verify-user"
	}
	user, err := json.Marshal([]any{c.User})
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(user, &in.Users)
}

// newConfiguration makes a provider's configuration: every required field with some value, webhooks to the company's mailbox.
func newConfiguration(contract *openapi.Contract, psp string, c *Company) (map[string]any, error) {
	made := map[string]any{}
	for _, f := range contract.FieldsOf(contract.ConfigurationOf(psp)) {
		var value any = "contract-" + f.Path
		switch {
		case f.Path == "webhookUrl":
			if c.Mailbox == nil {
				continue
			}
			value = c.Mailbox.URL + "/webhooks"
		case f.Path == "siteUrl":
			value = siteURL
		case f.Path == "forumpayUserId": // the provider refuses everything without it, though the contract doesn't require it
		case !f.Required:
			continue
		case f.Type == "object":
			value = map[string]any{}
		case len(f.Enum) > 0:
			value = f.Enum[0]
		}
		if err := cells.Set(made, f.Path, value); err != nil {
			return nil, fmt.Errorf("configuration of %s: %w", psp, err)
		}
	}
	return made, nil
}

// only drops what an operation of the admin API answers.
func only[T any](_ T, err error) error { return err }

func passwordExpired(ctx context.Context, shop *adminapi.CompanyClient) error {
	return only(shop.BackOffice().Change(ctx, map[string]any{"passwordExpired": true}))
}

func noConfiguration(ctx context.Context, shop *adminapi.CompanyClient, psp string) error {
	return only(shop.BackOffice().DeletePSP(ctx, psp))
}

// configurationHas changes fields of a provider's configuration; "(absent)" leaves one out.
func configurationHas(ctx context.Context, w *World, c *Company, shop *adminapi.CompanyClient, psp string, t cells.Table) error {
	pairs, err := t.Pairs("field", "value")
	if err != nil {
		return err
	}
	made, err := newConfiguration(w.env.Contract, psp, c)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if p[1] == "(absent)" {
			cells.Remove(made, p[0])
			continue
		}
		value, err := written(w, nil, p[0], p[1])
		if err != nil {
			return err
		}
		if value == "true" || value == "false" {
			value = value == "true"
		}
		if err := cells.Set(made, p[0], value); err != nil {
			return err
		}
	}
	return only(shop.BackOffice().PutPSP(ctx, psp, made))
}

func configurationLacks(ctx context.Context, w *World, c *Company, shop *adminapi.CompanyClient, psp, path string) error {
	return configurationHas(ctx, w, c, shop, psp, cells.Table{{path, "(absent)"}})
}

// secured makes a provider's webhooks carry the shared secret.
func secured(ctx context.Context, w *World, c *Company, shop *adminapi.CompanyClient, psp, secret string) error {
	w.masker.Hide(secret)
	return configurationHas(ctx, w, c, shop, psp, cells.Table{{"isWebhookSecured", "true"}, {"webhookSecret", secret}})
}

// configurationRefused changes a configuration in a way that must be refused.
func configurationRefused(ctx context.Context, w *World, c *Company, shop *adminapi.CompanyClient, psp string, t cells.Table) error {
	err := configurationHas(ctx, w, c, shop, psp, t)
	var refused *adminapi.Error
	switch {
	case err == nil:
		return failed(nil, "the back office has saved the configuration, and was expected to refuse it")
	case errors.As(err, &refused) && (refused.Status == http.StatusBadRequest || refused.Status == http.StatusUnprocessableEntity):
		return nil
	}
	return err
}

func noRule(ctx context.Context, shop *adminapi.CompanyClient, psp string) error {
	return only(shop.BackOffice().DeleteRule(ctx, "rule-"+psp))
}

func ruleOff(ctx context.Context, shop *adminapi.CompanyClient, psp string) error {
	return only(shop.BackOffice().ReplaceRule(ctx, "rule-"+psp, adminapi.RuleInput{PSP: psp, Active: new(false)}))
}

// brandRule returns the function of a step that adds a brand and a rule for it.
func brandRule(active bool) func(context.Context, *adminapi.CompanyClient, string, string) error {
	return func(ctx context.Context, shop *adminapi.CompanyClient, psp, brand string) error {
		if _, err := shop.BackOffice().Change(ctx, map[string]any{"brands": []adminapi.Brand{{ID: brand, Name: brand}}}); err != nil {
			return err
		}
		return only(shop.BackOffice().CreateRule(ctx, adminapi.RuleInput{PSP: psp, Brand: brand, Active: &active}))
	}
}

func outage(ctx context.Context, shop *adminapi.CompanyClient, psp, kind string) error {
	return outageFor(ctx, shop, psp, kind, "")
}

func outageFor(ctx context.Context, shop *adminapi.CompanyClient, psp, kind, span string) error {
	in := adminapi.OutageInput{Kind: kind, For: span}
	if kind == "slow" {
		in.Delay = "20s"
	}
	return only(shop.Scenarios().StartOutage(ctx, psp, in))
}

func outageEnds(ctx context.Context, shop *adminapi.CompanyClient, psp string) error {
	return only(shop.Scenarios().EndOutage(ctx, psp))
}

// overrideNext lets a ready scenario of the simulator decide the next payment.
func overrideNext(ctx context.Context, shop *adminapi.CompanyClient, scenario string) error {
	return only(shop.Scenarios().Override(ctx, adminapi.OverrideInput{Name: scenario}))
}

// overrideWith lets a scenario that is written below the step decide the next payment.
func overrideWith(ctx context.Context, shop *adminapi.CompanyClient, text docString) error {
	if !strings.HasPrefix(string(text), "name:") {
		text = "name: scenario-of-the-feature\n" + text
	}
	y, err := openapi.DecodeYAML("scenario", []byte(text))
	if err != nil {
		return err
	}
	return only(shop.Scenarios().Override(ctx, adminapi.OverrideInput{Scenario: y.Fields}))
}

// anotherCompany makes a second one; the first still calls.
func anotherCompany(ctx context.Context, w *World, _ *Company) error {
	clock := w.clock
	var err error
	w.other, err = w.newCompany(ctx, "-other")
	w.clock = clock
	return err
}

// second returns the other company.
func second(w *World) (*Company, error) {
	if w.other == nil {
		return nil, errors.New(`there is no other company yet: "Given another company" must come before`)
	}
	return w.other, nil
}

// otherCalls lets the other company make the next calls.
func otherCalls(w *World) (err error) {
	c, err := second(w)
	if err == nil {
		w.acting = c
	}
	return err
}

func otherHasPayments(ctx context.Context, w *World, n int) error {
	c, err := second(w)
	if err != nil {
		return err
	}
	return hasPayments(ctx, w.api.Company(c.ID), n)
}

func otherHasNoWebhooks(w *World) error {
	c, err := second(w)
	if err != nil {
		return err
	}
	if all, _ := w.of(c); len(all) > 0 {
		return failed(nil, "the other company got %s, expected none%s", count(len(all), "webhook"), listed(all))
	}
	return nil
}
