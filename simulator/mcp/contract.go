package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"mozartosim/simulator/adminapi"
)

func (s *server) addContract() {
	type contractIn struct {
		Of
		PSP     string `json:"psp,omitempty" jsonschema:"the provider, such as PAYONE; all of them in short unless set"`
		Type    string `json:"type,omitempty" jsonschema:"PAYIN unless set"`
		Variant string `json:"variant,omitempty" jsonschema:"ETO or ACH, for pay-outs of GIGADAT"`
	}
	type flowOut struct {
		Provider adminapi.Provider         `json:"provider"`
		Examples []adminapi.ExampleRequest `json:"examples"`
	}
	tool(s, "read_contract", "Read the contract",
		"Reads a provider's flows, rules, actions and reasons, and valid requests of a flow; without a provider, which there are. The whole document is the resource mozartosim://contract/cashier.",
		reads, words{"type": adminapi.PaymentTypes()}, func(ctx context.Context, _ *adminapi.CompanyClient, in contractIn) (any, error) {
			all, err := s.Admin.Providers(ctx)
			if err != nil {
				return nil, err
			}
			if in.PSP == "" {
				return listed(inShort(all), ""), nil
			}
			i := slices.IndexFunc(all, func(p adminapi.Provider) bool { return strings.EqualFold(p.PSP, in.PSP) })
			if i < 0 {
				return nil, fmt.Errorf("psp %q must be one of %s", in.PSP, strings.Join(inShort(all), ", "))
			}
			kind := in.Type
			if kind == "" {
				kind = "PAYIN"
			}
			examples, err := s.Admin.Examples(ctx, adminapi.ExampleQuery{PSP: all[i].PSP, Type: kind, Variant: in.Variant})
			return flowOut{all[i], examples}, err
		})
	type ledgerIn struct {
		Of
		adminapi.LedgerQuery
	}
	tool(s, "read_ledger", "Read the ledger", "Lists the rules of the contract and how each is known: documented by the vendor, by the provider, assumed, or observed at a real target.",
		reads, words{"basis": adminapi.Bases()}, func(ctx context.Context, _ *adminapi.CompanyClient, in ledgerIn) (any, error) {
			found, err := s.Admin.Ledger(ctx, in.LedgerQuery)
			if len(found.Entries) > mostRules {
				return nil, fmt.Errorf("%d rules are too many to read: narrow them by basis, psp or search; %d at most", len(found.Entries), mostRules)
			}
			return found, err
		})
}

// mostRules is how many rules an answer has at most.
const mostRules = 300

func inShort(all []adminapi.Provider) (names []string) {
	for _, p := range all {
		names = append(names, p.PSP)
	}
	return names
}

// addResources adds what can be read.
func (s *server) addResources() {
	const (
		markdown = "text/markdown"
		asJSON   = "application/json"
	)
	s.resource("contract/cashier", "Cashier API", "The OpenAPI document of the Cashier API, with how each rule is known.", asJSON,
		func(ctx context.Context) (string, error) {
			text, err := s.Admin.CashierContract(ctx)
			return string(text), err
		})
	s.resource("contract/control", "Admin API", "The OpenAPI document of the admin API.", asJSON,
		func(ctx context.Context) (string, error) {
			text, err := s.Admin.ControlContract(ctx)
			return string(text), err
		})
	if s.Steps != nil {
		s.resource("steps", "Steps of features", "The steps that features are written with, each with an example.", "text/plain",
			func(context.Context) (string, error) { return s.Steps(), nil })
	}
	for _, g := range s.Guides {
		s.resource("guides/"+g.Name, g.Title, "A guide of mozartosim.", markdown, func(context.Context) (string, error) { return string(g.Text), nil })
	}
	s.AddResourceTemplate(&sdk.ResourceTemplate{
		URITemplate: base + "scenarios/{name}", Name: "scenarios", Title: "A scenario", Description: "A scenario as it was written.", MIMEType: asJSON,
	}, func(ctx context.Context, r *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
		name, err := url.PathUnescape(strings.TrimPrefix(r.Params.URI, base+"scenarios/"))
		if err != nil {
			return nil, sdk.ResourceNotFoundError(r.Params.URI)
		}
		var text json.RawMessage
		text, err = s.Admin.Company(s.Company).Scenarios().Scenario(ctx, name)
		return contents(r.Params.URI, asJSON, string(text)), err
	})
}

const base = "mozartosim://"

func (s *server) resource(path, title, description, mime string, read func(context.Context) (string, error)) {
	s.AddResource(&sdk.Resource{URI: base + path, Name: path, Title: title, Description: description, MIMEType: mime},
		func(ctx context.Context, r *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
			text, err := read(ctx)
			if err != nil {
				return nil, err
			}
			return contents(r.Params.URI, mime, text), nil
		})
}

func contents(uri, mime, text string) *sdk.ReadResourceResult {
	return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: uri, MIMEType: mime, Text: text}}}
}
