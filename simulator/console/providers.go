package console

import (
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
	adminapi.Ledger
}

// Words say what the bases mean.
func (ledgerView) Words() map[string]string {
	return map[string]string{
		"documented": "documented by the vendor", "provider": "taken from the provider's own material", "assumed": "assumed",
		"own": "settings of the simulator's own", "observed": "observed at a real target",
	}
}

func ledger(r *request) (*page, error) {
	v := ledgerView{list: r.newList("/ledger", "basis", "psp", "q")}
	p := &page{template: "ledger", Title: "Contract ledger", Nav: "ledger"}
	var err error
	v.Ledger, err = r.api.Ledger(r.Context(), adminapi.QueryOf[adminapi.LedgerQuery](v.Filter))
	if err := p.filtered(r, err); err != nil {
		return nil, err
	}
	if len(v.Filters) == 0 { // the simulator's own settings are counted nowhere: they say nothing about the vendor
		own := len(v.Entries)
		for _, n := range v.Counts {
			own -= n
		}
		v.Counts["own"] = own
	}
	showPart(&v.list, v.Entries)
	p.Data = v
	return p, nil
}
