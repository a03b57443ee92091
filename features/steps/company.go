package steps

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"mozartosim/features/cells"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/words"
)

func passwordExpired(ctx context.Context, shop *adminapi.CompanyClient) error {
	return only(shop.BackOffice().Change(ctx, map[string]any{"passwordExpired": true}))
}

func noConfiguration(ctx context.Context, shop *adminapi.CompanyClient, psp string) error {
	return only(shop.BackOffice().DeletePSP(ctx, psp))
}

// configurationHas changes fields of a provider's configuration; "(absent)" leaves one out.
func configurationHas(ctx context.Context, w *World, c *Company, shop *adminapi.CompanyClient, psp string, t cells.Table) error {
	made, err := newConfiguration(w.env.Contract, psp, c)
	if err != nil {
		return err
	}
	err = setFields(made, t, func(_, cell string) (any, error) {
		value, err := written(w, "", cell)
		if value == "true" || value == "false" {
			value = value == "true"
		}
		return value, err
	})
	if err != nil {
		return err
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
func anotherCompany(ctx context.Context, w *World, _ *Company) (err error) {
	if w.env.Fixed != nil {
		return &NotRun{"needs a second company"}
	}
	w.aside = inbox{ids: w.ids}
	w.other, w.aside.clock, err = w.env.newCompany(ctx, w.setup, w.key+"-other")
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
	if err == nil && w.acting != c {
		w.acting, w.inbox, w.aside = c, w.aside, w.inbox
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
		return failed(nil, "the other company got %s, expected none%s", words.Count(len(all), "webhook"), listed(all))
	}
	return nil
}
