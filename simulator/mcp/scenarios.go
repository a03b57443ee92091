package mcp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mozartosim/simulator/adminapi"
)

func (s *server) addScenarios() {
	tool(s, "list_scenarios", "List scenarios", "Lists the scenarios in force, in the order in which they are tried, the built-in ones too.", reads, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, _ Of) (any, error) {
			found, err := c.Scenarios().List(ctx)
			return listed(found, ""), err
		})
	type yamlIn struct {
		Of
		YAML string `json:"yaml" jsonschema:"scenarios in YAML, as the guide mozartosim://guides/scenarios teaches"`
	}
	tool(s, "check_scenario", "Check a scenario", "Checks scenarios in YAML and says what is wrong, by line and column, without putting them into force.", reads, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in yamlIn) (any, error) {
			return c.Scenarios().Check(ctx, adminapi.CheckInput{YAML: in.YAML})
		})
	type putIn struct {
		yamlIn
		Name string `json:"name" jsonschema:"what the scenario is called, such as late-webhook"`
	}
	tool(s, "put_scenario", "Script a scenario", "Checks one scenario in YAML and puts it into force, before those that were loaded from files. One of the same name is replaced.",
		replaces, nil, func(ctx context.Context, c *adminapi.CompanyClient, in putIn) (any, error) {
			checked, err := checkedScenario(ctx, c, in.Name, in.YAML)
			if err != nil {
				return nil, err
			}
			return c.Scenarios().Put(ctx, in.Name, checked)
		})
	type nameIn struct {
		Of
		Name string `json:"name" jsonschema:"the scenario's name, of list_scenarios"`
	}
	tool(s, "read_scenario", "Read a scenario", "Reads a scenario as it was written.", reads, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in nameIn) (any, error) {
			return c.Scenarios().Scenario(ctx, in.Name)
		})
	tool(s, "delete_scenario", "Delete a scenario", "Takes a scenario out of force.", replaces, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in nameIn) (any, error) {
			return c.Scenarios().Delete(ctx, in.Name)
		})
	tool(s, "override_next_payment", "Override the next payment", "Lets a scenario decide the next payment that it matches, once and before anything else.", adds, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in nameIn) (any, error) {
			return c.Scenarios().Override(ctx, adminapi.OverrideInput{Name: in.Name})
		})
	s.addOutages()
}

// checkedScenario is the one scenario of a text, as JSON. The error says what is wrong where.
func checkedScenario(ctx context.Context, c *adminapi.CompanyClient, name, yaml string) (any, error) {
	checked, err := c.Scenarios().Check(ctx, adminapi.CheckInput{YAML: yaml, Name: name})
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, p := range checked.Problems {
		wrong = append(wrong, fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Description))
	}
	switch {
	case len(wrong) > 0:
		return nil, errors.New(strings.Join(wrong, "\n"))
	case len(checked.Scenarios) != 1:
		return nil, fmt.Errorf("yaml must be one scenario, and is %d: put each by itself", len(checked.Scenarios))
	}
	return checked.Scenarios[0], nil
}

func (s *server) addOutages() {
	tool(s, "list_outages", "List outages", "Lists the outages of providers in force.", reads, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, _ Of) (any, error) {
			found, err := c.Scenarios().Outages(ctx)
			return listed(found, ""), err
		})
	type pspIn struct {
		Of
		PSP string `json:"psp" jsonschema:"the provider, such as PAYONE"`
	}
	type startIn struct {
		pspIn
		adminapi.OutageInput
	}
	tool(s, "start_outage", "Start an outage", "Makes a provider unavailable.", adds, words{"kind": adminapi.OutageKinds()},
		func(ctx context.Context, c *adminapi.CompanyClient, in startIn) (any, error) {
			return c.Scenarios().StartOutage(ctx, in.PSP, in.OutageInput)
		})
	tool(s, "end_outage", "End an outage", "Makes a provider available again.", adds, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in pspIn) (any, error) {
			return c.Scenarios().EndOutage(ctx, in.PSP)
		})
}
