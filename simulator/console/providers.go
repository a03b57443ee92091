package console

import (
	"strconv"
	"strings"
)

// providerInfo is what the API tells of a provider.
type providerInfo struct {
	PSP           string   `json:"psp"`
	Name          string   `json:"name"`
	Page          string   `json:"page"`
	Voucher       bool     `json:"voucher"`
	Retries       bool     `json:"retries"`
	Webhook       bool     `json:"webhook"`
	Deeds         []string `json:"actions"`
	Reasons       []string `json:"reasons"`
	Flows         []flow   `json:"flows"`
	Configuration []field  `json:"configuration"`
}

// flow is a provider's pay-in or pay-out.
type flow struct {
	PSP      string `json:"-"`
	Provider string `json:"-"` // its name
	Type     string `json:"type"`
	Variant  string `json:"variant"`
	Request  string `json:"request"`
	Redirect string `json:"redirect"`
	Rules    []rule `json:"rules"`
	Page     bool   `json:"-"` // the shopper pays on a page
}

// Key names the flow in addresses.
func (f flow) Key() string {
	return strings.TrimSuffix(f.PSP+"-"+f.Type+"-"+f.Variant, "-")
}

// Title names it for people.
func (f flow) Title() string { return flowName(f.Type, f.Variant) }

// flowName is a type of payment with its variant, for people: pay-out ACH.
func flowName(kind, variant string) string { return strings.TrimSpace(word(kind) + " " + variant) }

type rule struct {
	Name string `json:"name"`
	Says string `json:"description"`
	Mark mark   `json:"x-provenance"`
}

type mark struct {
	Basis  string `json:"basis"`
	Source string `json:"source"`
	Note   string `json:"note"`
}

// field is a field of a schema.
type field struct {
	Path        string   `json:"path"`
	Required    bool     `json:"required"`
	Secret      bool     `json:"secret"`
	Type        string   `json:"type"`
	Enum        []string `json:"enum"`
	Must        string   `json:"must"`
	MaxLength   int      `json:"maxLength"`
	Description string   `json:"description"`
	Provenance  mark     `json:"provenance"`
}

func (v *visit) providers() ([]providerInfo, error) {
	if v.known != nil {
		return v.known, nil
	}
	var list struct {
		Providers []providerInfo `json:"providers"`
	}
	err := v.get("/v1/providers", nil, &list)
	for i := range list.Providers {
		p := &list.Providers[i]
		for j := range p.Flows {
			f := &p.Flows[j]
			f.PSP, f.Provider = p.PSP, p.Name
			f.Page = f.Type == "PAYIN" && p.Page != ""
		}
	}
	v.known = list.Providers
	return list.Providers, err
}

// Provider is the name by which people know a provider, and its code where the API tells none.
func (v *visit) Provider(psp string) string {
	all, err := v.providers()
	if err != nil {
		v.Log.Debug("console: no providers", "error", err)
	}
	return find(all, psp).Name
}

func find(all []providerInfo, psp string) providerInfo {
	for _, p := range all {
		if p.PSP == psp {
			return p
		}
	}
	return providerInfo{PSP: psp, Name: psp}
}

// flow finds one of the provider's.
func (p providerInfo) flow(kind, variant string) flow {
	for _, f := range p.Flows {
		if f.Type == kind && (variant == "" || f.Variant == variant) {
			return f
		}
	}
	return flow{}
}

// flowOf finds a flow by its key; ok is false when there is none.
func flowOf(all []providerInfo, key string) (f flow, ok bool) {
	for _, p := range all {
		for _, f := range p.Flows {
			if strings.EqualFold(f.Key(), key) {
				return f, true
			}
		}
	}
	return flow{}, false
}

func itoa(n int) string { return strconv.Itoa(n) }
