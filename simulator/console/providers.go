package console

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"mozartosim/simulator/adminapi"
)

// provider finds a provider by its code. One that the API doesn't know has only the code.
func (r *request) provider(psp string) adminapi.Provider {
	if i := slices.IndexFunc(r.Providers, func(p adminapi.Provider) bool { return p.PSP == psp }); i >= 0 {
		return r.Providers[i]
	}
	return adminapi.Provider{PSP: psp, Name: psp}
}

// Provider is the name of a provider.
func (r *request) Provider(psp string) string { return r.provider(psp).Name }

// flow is a provider's pay-in or pay-out.
type flow struct {
	adminapi.Flow
	Provider adminapi.Provider
}

// Key names the flow in addresses.
func (f flow) Key() string {
	return strings.TrimSuffix(f.Provider.PSP+"-"+f.Type+"-"+f.Variant, "-")
}

// Title names the flow among those of its provider.
func (f flow) Title() string { return flowName(f.Type, f.Variant) }

// HasPage says whether the shopper pays on a hosted page.
func (f flow) HasPage() bool { return f.Type == "PAYIN" && f.Provider.Page != "" }

// flowName is a type of payment with its variant, such as pay-out ACH.
func flowName(paymentType, variant string) string {
	return strings.TrimSpace(word(paymentType) + " " + variant)
}

func flowsOf(p adminapi.Provider) (flows []flow) {
	for _, f := range p.Flows {
		flows = append(flows, flow{f, p})
	}
	return flows
}

// flows lists the flows of all providers.
func (r *request) flows() (flows []flow) {
	for _, p := range r.Providers {
		flows = append(flows, flowsOf(p)...)
	}
	return flows
}

// flow finds a flow by its key; ok is false when there is none.
func (r *request) flow(key string) (found flow, ok bool) {
	for _, f := range r.flows() {
		if strings.EqualFold(f.Key(), key) {
			return f, true
		}
	}
	return flow{}, false
}

// examples lists valid requests of a flow, the smallest first; seed is that of the generated one.
func (r *request) examples(f flow, seed int) ([]adminapi.ExampleRequest, error) {
	return r.api.Examples(r.Context(), adminapi.ExampleQuery{PSP: f.Provider.PSP, Type: f.Type, Variant: f.Variant, Seed: seed})
}

type ledgerView struct {
	list
	paged
	adminapi.Ledger
}

func ledger(r *request) (*page, error) {
	v := ledgerView{list: r.newList("basis", "psp", "q")}
	p := &page{template: "ledger", title: "Contract ledger", nav: "ledger"}
	var err error
	v.Ledger, err = r.api.Ledger(r.Context(), adminapi.LedgerQuery{Basis: v.Filter("basis"), PSP: v.Filter("psp"), Search: v.Filter("q")})
	if err := p.filtered(r, err); err != nil {
		return nil, err
	}
	v.paged = r.slice(&v.list, "/ledger", len(v.Entries))
	v.Entries = v.Entries[v.start:v.To]
	p.data = v
	return p, nil
}

type pspView struct {
	Company    adminapi.Company
	Provider   adminapi.Provider
	Configured bool
	Revealed   bool
	Fields     []pspField
	Warnings   []string
}

// pspField is a field of a PSP configuration.
type pspField struct {
	adminapi.ContractField
	Control string // by the field's type: text, select, flag, lines or secret
	Value   string
}

// pspForm shows the form of a PSP configuration. It is made from the contract, so a field that is added there appears here.
func pspForm(r *request) (*page, error) {
	provider := r.provider(r.PathValue("psp"))
	if provider.Configuration == nil {
		return nil, &adminapi.Error{Status: http.StatusNotFound, Message: "there is no provider " + provider.PSP}
	}
	v := pspView{Provider: provider, Revealed: bool(r.secrets())}
	var err error
	if v.Company, err = r.named().BackOffice().Company(r.Context(), adminapi.Masked); err != nil {
		return nil, err
	}
	kept, err := r.named().BackOffice().PSP(r.Context(), provider.PSP, r.secrets())
	if err != nil && !isStatus(err, http.StatusNotFound) {
		return nil, err
	}
	v.Configured, v.Warnings = err == nil, kept.Warnings
	for _, f := range provider.Configuration {
		if f.Type != "object" {
			v.Fields = append(v.Fields, pspField{f, controlOf(f), formatValue(valueAt(kept.Configuration, f.Path))})
		}
	}
	return &page{template: "psp", title: provider.Name + " of " + v.Company.Name, nav: "companies", data: v}, nil
}

func controlOf(f adminapi.ContractField) string {
	switch {
	case strings.Contains(f.Type, "boolean"):
		return "flag"
	case len(f.Enum) > 0:
		return "select"
	case strings.Contains(f.Type, "array"):
		return "lines"
	case f.Secret:
		return "secret"
	}
	return "text"
}

// formatValue writes a value of a configuration; a list has an element a line.
func formatValue(value any) (text string) {
	switch value := value.(type) {
	case nil:
	case []any:
		for _, one := range value {
			text += fmt.Sprintln(one)
		}
	default:
		text = fmt.Sprint(value)
	}
	return text
}

// valueAt returns the value at a dotted path, nil when there is none.
func valueAt(values map[string]any, path string) any {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return values[head]
	}
	inner, _ := values[head].(map[string]any)
	return valueAt(inner, rest)
}

// setValue sets the value at a dotted path.
func setValue(values map[string]any, path string, value any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		values[head] = value
		return
	}
	inner, ok := values[head].(map[string]any)
	if !ok {
		inner = map[string]any{}
		values[head] = inner
	}
	setValue(inner, rest, value)
}

// savePSP makes the configuration from the form. An empty field is left out; a masked secret that was not changed keeps its
// value, as everywhere in the API.
func savePSP(r *request) (result, error) {
	provider := r.provider(r.PathValue("psp"))
	configuration := map[string]any{}
	for _, f := range provider.Configuration {
		value := r.field("field:" + f.Path)
		if f.Type == "object" || value == "" {
			continue
		}
		switch controlOf(f) {
		case "flag":
			setValue(configuration, f.Path, value == "true")
		case "lines":
			setValue(configuration, f.Path, strings.Fields(value))
		default:
			setValue(configuration, f.Path, value)
		}
	}
	_, err := r.named().BackOffice().PutPSP(r.Context(), provider.PSP, configuration)
	return r.toCompany("saved"), err
}

func deletePSP(r *request) (result, error) {
	_, err := r.named().BackOffice().DeletePSP(r.Context(), r.PathValue("psp"))
	return r.toCompany("deleted"), err
}
