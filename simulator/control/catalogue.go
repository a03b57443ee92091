package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

func listProviders(_ context.Context, r *request) (any, error) {
	cashier := r.Reader.Cashier
	return map[string][]adminapi.Provider{"providers": each(provider.All(), func(p provider.Provider) adminapi.Provider {
		return adminapi.Provider{
			PSP: p.Code, Name: p.Name, Page: string(p.Page), Voucher: p.Voucher, Retries: p.Retries, Webhook: p.Webhook,
			Actions: actionsOf(r, &p), Reasons: p.ReasonCodes(), Flows: flowsOf(r, p.Code),
			Configuration: orEmpty(cashier.FieldsOf(cashier.ConfigurationOf(p.Code))),
		}
	})}, nil
}

// actionsOf are the shopper actions that end a provider's payments, in the contract's order.
func actionsOf(r *request, p *provider.Provider) []string {
	actions := []string{}
	for _, f := range r.Reader.Control.FieldsOf("DecisionInput") {
		for _, action := range f.Enum {
			if p.Supports(scenario.ShopperAction(action)) {
				actions = append(actions, action)
			}
		}
	}
	return actions
}

func flowsOf(r *request, psp string) []adminapi.Flow {
	flows := []adminapi.Flow{}
	for _, op := range r.Reader.Cashier.Operations() {
		if op.PSP == psp {
			flows = append(flows, adminapi.Flow{
				Type: op.Type, Variant: op.Variant, Request: op.Schema, Answer: op.Answer, Webhook: op.Webhook,
				Redirect: op.Redirect, UserToken: op.UserToken, Rules: orEmpty(op.Rules),
			})
		}
	}
	return flows
}

func listExamples(_ context.Context, r *request) (any, error) {
	op, err := operationOf(r)
	if err != nil {
		return nil, err
	}
	written, err := fixtures.Requests()
	if err != nil {
		return nil, err
	}
	list := []adminapi.ExampleRequest{}
	for _, w := range written {
		if w.PSP == op.PSP && w.Type == op.Type && w.Variant == op.Variant {
			list = append(list, adminapi.ExampleRequest{Name: w.Name, Kind: w.Kind, Request: w.Body})
		}
	}
	order := []string{"minimal", "full"}
	slices.SortStableFunc(list, func(a, b adminapi.ExampleRequest) int {
		place := func(e adminapi.ExampleRequest) int {
			return (slices.Index(order, e.Kind) + len(order) + 1) % (len(order) + 1)
		}
		return cmp.Compare(place(a), place(b))
	})
	generated, err := generate(op, r.query["seed"])
	if err != nil {
		return nil, err
	}
	return map[string][]adminapi.ExampleRequest{"examples": append(list, generated)}, nil
}

func generate(op *openapi.Operation, seed string) (out adminapi.ExampleRequest, err error) {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return out, openapi.InvalidAt("seed", "must be a whole number")
	}
	generator, err := fixtures.NewGenerator(random.New(n, "generate", op.Schema))
	if err != nil {
		return out, err
	}
	request, err := generator.Request(op)
	return adminapi.ExampleRequest{Name: fmt.Sprintf("generated with seed %d", n), Kind: "generated", Request: request}, err
}

// operationOf finds the flow that the query names.
func operationOf(r *request) (*openapi.Operation, error) {
	q := queryOf[adminapi.ExampleQuery](r)
	for _, name := range []string{"psp", "type"} {
		if r.query[name] == "" {
			return nil, openapi.InvalidAt(name, "must not be missing")
		}
	}
	for _, op := range r.Reader.Cashier.Operations() {
		if op.PSP == q.PSP && op.Type == q.Type && (q.Variant == "" || op.Variant == q.Variant) {
			return op, nil
		}
	}
	return nil, notFound("there is no %s", strings.TrimSpace(q.PSP+" "+q.Type+" "+q.Variant))
}

func readLedger(_ context.Context, r *request) (any, error) {
	cashier := r.Reader.Cashier
	all := cashier.Ledger()
	q := queryOf[adminapi.LedgerQuery](r)
	basis, text := openapi.Basis(q.Basis), strings.ToLower(q.Search)
	prefix := strings.TrimSuffix(cashier.ConfigurationOf(q.PSP), "Configuration")
	out := adminapi.Ledger{Counts: map[string]int{}, Entries: []adminapi.LedgerEntry{}}
	counts := openapi.Count(all)
	for _, known := range []openapi.Basis{openapi.Documented, openapi.Provider, openapi.Assumed} {
		out.Counts[string(known)] = counts[known]
	}
	if n := counts[openapi.Observed]; n > 0 {
		out.Counts[string(openapi.Observed)] = n
	}
	for _, e := range all {
		if basis != "" && e.Provenance.Basis != basis ||
			!strings.Contains(strings.ToLower(e.Rule+" "+e.Description+" "+e.Provenance.Note), text) || !ofProvider(e.Rule, prefix) {
			continue
		}
		out.Entries = append(out.Entries, e.LedgerEntry)
	}
	return out, nil
}

// ofProvider says whether a rule belongs to the provider whose schemas have the prefix; named rules are spelled with dashes.
func ofProvider(rule, prefix string) bool {
	return strings.HasPrefix(rule, prefix) || strings.HasPrefix(rule, strings.ToLower(prefix)+"-") ||
		strings.Contains(rule, " ") && strings.Contains(strings.ToLower(rule), strings.ToLower(prefix))
}
