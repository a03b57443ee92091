package control

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// What the contract and the providers know by themselves: for forms, examples and people who want to know how sure it is.

// providerShown is a provider as it is answered.
type providerShown struct {
	PSP           string          `json:"psp"`
	Name          string          `json:"name"`
	Page          provider.Page   `json:"page,omitempty"`
	Voucher       bool            `json:"voucher,omitempty"`
	Retries       bool            `json:"retries,omitempty"`
	Webhook       bool            `json:"webhook"`
	Actions       []string        `json:"actions"`
	Reasons       []string        `json:"reasons"`
	Flows         []flowShown     `json:"flows"`
	Configuration []openapi.Field `json:"configuration"`
}

// flowShown is one of its flows.
type flowShown struct {
	Type      string         `json:"type"`
	Variant   string         `json:"variant,omitempty"`
	Request   string         `json:"request"`
	Answer    string         `json:"answer"`
	Webhook   string         `json:"webhook,omitempty"`
	Redirect  string         `json:"redirect,omitempty"`
	UserToken string         `json:"userToken,omitempty"`
	Rules     []openapi.Rule `json:"rules"`
}

func (s *server) listProviders(*request) (reply, error) {
	list := []providerShown{}
	for _, p := range provider.All() {
		shown := providerShown{
			PSP: p.Code, Name: p.Name, Page: p.Page, Voucher: p.Voucher, Retries: p.Retries, Webhook: p.Webhook,
			Actions: []string{}, Reasons: append([]string{}, p.Reasons...), Flows: s.flows(p.Code),
			Configuration: s.Reader.Cashier.FieldsOf(s.Reader.Cashier.ConfigurationOf(p.Code)),
		}
		for _, action := range s.words("DecisionInput", "action") {
			if p.Supports(scenario.ShopperAction(action)) {
				shown.Actions = append(shown.Actions, action)
			}
		}
		list = append(list, shown)
	}
	return ok(map[string]any{"providers": list})
}

func (s *server) flows(psp string) []flowShown {
	flows := []flowShown{}
	for _, op := range s.Reader.Cashier.Operations() {
		if op.PSP == psp {
			flows = append(flows, flowShown{
				Type: op.Type, Variant: op.Variant, Request: op.Schema, Answer: op.Answer, Webhook: op.Webhook,
				Redirect: op.Redirect, UserToken: op.UserToken, Rules: append([]openapi.Rule{}, op.Rules...),
			})
		}
	}
	return flows
}

// words are the values that a field of the admin API's contract may have.
func (s *server) words(schema, path string) []string {
	for _, f := range s.Reader.Control.FieldsOf(schema) {
		if f.Path == path {
			return f.Enum
		}
	}
	return nil
}

// exampleShown is a valid request.
type exampleShown struct {
	Name    string          `json:"name"`
	Kind    string          `json:"kind"`
	Request json.RawMessage `json:"request"`
}

func (s *server) listExamples(r *request) (reply, error) {
	op, err := s.operation(r)
	if err != nil {
		return reply{}, err
	}
	written, err := fixtures.Requests()
	if err != nil {
		return reply{}, err
	}
	list := []exampleShown{}
	for _, w := range written {
		if w.PSP == op.PSP && w.Type == op.Type && w.Variant == op.Variant {
			list = append(list, exampleShown{w.Name, w.Kind, w.Body})
		}
	}
	order := []string{"minimal", "full"}
	slices.SortStableFunc(list, func(a, b exampleShown) int {
		place := func(e exampleShown) int { return (slices.Index(order, e.Kind) + len(order) + 1) % (len(order) + 1) }
		return cmp.Compare(place(a), place(b))
	})
	generated, err := generate(op, r.query["seed"])
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"examples": append(list, generated)})
}

func generate(op *openapi.Operation, seed string) (exampleShown, error) {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return exampleShown{}, breaks("seed must be a whole number")
	}
	generator, err := fixtures.NewGenerator(random.New(n, "generate", op.Schema))
	if err != nil {
		return exampleShown{}, err
	}
	request, err := generator.Request(op)
	if err != nil {
		return exampleShown{}, err
	}
	return exampleShown{fmt.Sprintf("generated with seed %d", n), "generated", request}, nil
}

// operation finds the flow that the query names.
func (s *server) operation(r *request) (*openapi.Operation, error) {
	psp, flow, variant := r.query["psp"], r.query["type"], r.query["variant"]
	for _, name := range []string{"psp", "type"} {
		if r.query[name] == "" {
			return nil, breaks("%s must not be missing", name)
		}
	}
	for _, op := range s.Reader.Cashier.Operations() {
		if op.PSP == psp && op.Type == flow && (variant == "" || op.Variant == variant) {
			return op, nil
		}
	}
	return nil, notFound("there is no %s", strings.TrimSpace(psp+" "+flow+" "+variant))
}

func (s *server) readLedger(r *request) (reply, error) {
	all := s.Reader.Cashier.Ledger()
	basis, text := openapi.Basis(r.query["basis"]), strings.ToLower(r.query["q"])
	prefix := strings.TrimSuffix(s.Reader.Cashier.ConfigurationOf(r.query["psp"]), "Configuration")
	chosen := []openapi.Entry{}
	for _, e := range all {
		if basis != "" && e.Provenance.Basis != basis ||
			!strings.Contains(strings.ToLower(e.Rule+" "+e.Description+" "+e.Provenance.Note), text) || !ofProvider(e.Rule, prefix) {
			continue
		}
		chosen = append(chosen, e)
	}
	counts := map[openapi.Basis]int{openapi.Documented: 0, openapi.Provider: 0, openapi.Assumed: 0}
	for basis, n := range openapi.Count(all) {
		counts[basis] = n
	}
	return ok(map[string]any{"counts": counts, "entries": chosen})
}

// ofProvider says whether a rule belongs to the provider whose schemas have the prefix; named rules are spelled with dashes.
func ofProvider(rule, prefix string) bool {
	return strings.HasPrefix(rule, prefix) || strings.HasPrefix(rule, strings.ToLower(prefix)+"-") ||
		strings.Contains(rule, " ") && strings.Contains(strings.ToLower(rule), strings.ToLower(prefix))
}
