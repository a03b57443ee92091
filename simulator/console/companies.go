package console

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/merchant"
)

func companies(r *request) (*page, error) {
	v := r.newList("/companies")
	found, err := r.api.Companies(r.Context(), r.rows(), adminapi.Masked)
	if err != nil {
		return nil, err
	}
	v.show(found.Companies, found.Next)
	return &page{template: "companies", Title: "Companies", Nav: "companies", Data: &v}, nil
}

// createCompany creates a company, either bare or with the back office of the first one.
func createCompany(r *request) (*page, error) {
	in := adminapi.CompanyInput{Name: r.field("name")}
	if r.field("like") != "" && len(r.Companies) > 0 {
		model, err := r.api.Company(r.Companies[0].ID).BackOffice().Company(r.Context(), adminapi.Revealed)
		if err != nil {
			return nil, err
		}
		in.Brands, in.PSPs, in.Users = model.Brands, model.PSPs, model.Users
		for _, rule := range model.Rules {
			in.Rules = append(in.Rules, adminapi.RuleInput{ID: rule.ID, PSP: rule.PSP, Brand: rule.Brand, Active: &rule.Active})
		}
	}
	made, err := r.api.CreateCompany(r.Context(), in)
	return &page{redirect: pathOf("companies", made.ID) + "?company=" + url.QueryEscape(made.Name) + "&done=created"}, err
}

type companyView struct {
	adminapi.Company
	Outages  []adminapi.Outage
	Revealed bool
	Tokens   *adminapi.Tokens
	Curl     string // a call that works
	Tab      string // that is open
	URL      string // of the Cashier API
	Webhook  string // where the webhooks of all providers go; "" when they go to different places
}

// tab is a part of the company's page.
type tab struct{ Key, Name string }

// Tabs lists the parts of the page.
func (*companyView) Tabs() []tab {
	return []tab{{"credentials", "Credentials"}, {"psps", "Providers"}, {"rules", "Rules"}, {"outages", "Outages"}, {"settings", "Settings"}, {"remove", "Reset or delete"}}
}

// tabOf is the part of the page that the address names, or that has the form which was sent, by the last word of its path.
func tabOf(r *request) string {
	path := r.URL.Path
	switch {
	case r.Method == http.MethodGet:
		return cmp.Or(r.param("tab"), "credentials")
	case strings.Contains(path, "/psps"):
		return "psps"
	case strings.Contains(path, "/rules"):
		return "rules"
	case strings.Contains(path, "/outages"):
		return "outages"
	case strings.HasSuffix(path, "/settings"):
		return "settings"
	case strings.HasSuffix(path, "/reset"), strings.HasSuffix(path, "/delete"):
		return "remove"
	}
	return "credentials"
}

func company(r *request) (*page, error) {
	v, err := newCompanyView(r)
	if err != nil {
		return nil, err
	}
	return v.page(), nil
}

func (v *companyView) page() *page {
	return &page{template: "company", Title: "Company " + v.Name, Nav: "companies", Data: v}
}

func newCompanyView(r *request) (v *companyView, err error) {
	v = &companyView{Revealed: bool(r.secrets()), Tab: tabOf(r)}
	if !slices.ContainsFunc(v.Tabs(), func(t tab) bool { return t.Key == v.Tab }) {
		v.Tab = "credentials"
	}
	if v.Company, err = r.named().BackOffice().Company(r.Context(), r.secrets()); err != nil {
		return nil, err
	}
	if v.Outages, err = r.named().Scenarios().Outages(r.Context()); err != nil {
		return nil, err
	}
	v.Webhook = v.webhookURL()
	v.URL, err = cashierURL(r)
	return v, err
}

// cashierURL is where merchants call the Cashier API.
func cashierURL(r *request) (string, error) {
	at, err := r.api.PublicURL(r.Context())
	return at.URL + openapi.CashierPath, err
}

// webhookURL is the one URL to which the webhooks of all providers go, "" when there are several.
func (v *companyView) webhookURL() string {
	var urls []any
	for _, psp := range v.PSPs {
		if at := psp["webhookUrl"]; at != nil && !slices.Contains(urls, at) {
			urls = append(urls, at)
		}
	}
	if len(urls) != 1 {
		return ""
	}
	return fmt.Sprint(urls[0])
}

// toCompany leads back to the company's page, to the part on which the form stood.
func (r *request) toCompany(done string) *page {
	return &page{redirect: r.Link(pathOf("companies", r.PathValue("id")), "done", done, "tab", tabOf(r))}
}

// setWebhookURL has the webhooks of all configured providers sent to one URL: all of them, or none when it is wrong.
func setWebhookURL(r *request) (*page, error) {
	kept, err := r.named().BackOffice().Company(r.Context(), adminapi.Masked)
	if err != nil {
		return nil, err
	}
	psps := map[string]any{}
	for psp := range kept.PSPs {
		if slices.ContainsFunc(r.provider(psp).Configuration, func(f adminapi.ContractField) bool { return f.Path == "webhookUrl" }) {
			psps[psp] = map[string]any{"webhookUrl": r.field("webhookUrl")}
		}
	}
	if len(psps) == 0 {
		return nil, badRequest("no provider that sends webhooks is configured: set one up below")
	}
	_, err = r.named().BackOffice().Change(r.Context(), map[string]any{"psps": psps})
	return r.toCompany("webhooks"), err
}

// changeCompany sets what applies to all of a company's calls.
func changeCompany(r *request) (*page, error) {
	patch := map[string]any{"userAuthUrl": nil, "passwordExpired": r.field("passwordExpired") != ""}
	if url := r.field("userAuthUrl"); url != "" {
		patch["userAuthUrl"] = url
	}
	_, err := r.named().BackOffice().Change(r.Context(), patch)
	return r.toCompany("settings"), err
}

// confirmed returns an error unless the form's confirmation is ticked.
func confirmed(r *request) error {
	if r.field("confirm") == "" {
		return badRequest("tick the box to confirm: this can't be undone")
	}
	return nil
}

func deleteCompany(r *request) (*page, error) {
	if err := confirmed(r); err != nil {
		return nil, err
	}
	_, err := r.named().BackOffice().Delete(r.Context())
	return &page{redirect: "/companies?done=deleted"}, err
}

func resetCompany(r *request) (*page, error) {
	if err := confirmed(r); err != nil {
		return nil, err
	}
	_, err := r.named().Reset(r.Context())
	if to := r.back("reset"); to != nil {
		return to, err
	}
	return r.toCompany("reset"), err
}

// mintTokens shows tokens and a curl command that works when pasted. The page is rendered at once: tokens never stand in an
// address.
func mintTokens(r *request) (*page, error) {
	v, err := newCompanyView(r)
	if err != nil {
		return nil, err
	}
	tokens, err := r.named().Tokens(r.Context(), "")
	if err != nil {
		return nil, err
	}
	v.Tokens = &tokens
	v.Curl, err = curlCommand(r, v)
	return v.page(), err
}

// curlCommand is a command with the smallest valid request of a provider that the company is configured for: Payone, or the first.
func curlCommand(r *request, v *companyView) (string, error) {
	var chosen []flow
	for _, p := range r.Providers {
		if _, configured := v.PSPs[p.PSP]; configured && (chosen == nil || p.PSP == "PAYONE") {
			chosen = flowsOf(p)
		}
	}
	if len(chosen) == 0 {
		return "", nil
	}
	examples, err := r.examples(chosen[0], 0)
	if err != nil {
		return "", err
	}
	return merchant.Curl(strings.TrimSuffix(v.Tokens.URL, openapi.CashierPath), *v.Tokens, examples[0].Request)
}

func addRule(r *request) (*page, error) {
	_, err := r.named().BackOffice().CreateRule(r.Context(), adminapi.RuleInput{PSP: r.field("psp"), Brand: r.field("brand")})
	return r.toCompany("rule"), err
}

func toggleRule(r *request) (*page, error) {
	backOffice := r.named().BackOffice()
	rule, err := backOffice.Rule(r.Context(), r.PathValue("rule"))
	if err != nil {
		return nil, err
	}
	active := !rule.Active
	_, err = backOffice.ReplaceRule(r.Context(), rule.ID, adminapi.RuleInput{ID: rule.ID, PSP: rule.PSP, Brand: rule.Brand, Active: &active})
	return r.toCompany("rule"), err
}

func deleteRule(r *request) (*page, error) {
	_, err := r.named().BackOffice().DeleteRule(r.Context(), r.PathValue("rule"))
	return r.toCompany("rule"), err
}

func startOutage(r *request) (*page, error) {
	in := adminapi.OutageInput{Kind: r.field("kind"), For: r.field("for"), Delay: r.field("delay")}
	_, err := r.named().Scenarios().StartOutage(r.Context(), r.field("psp"), in)
	return r.toCompany("outage"), err
}

func endOutage(r *request) (*page, error) {
	_, err := r.named().Scenarios().EndOutage(r.Context(), r.PathValue("psp"))
	return r.toCompany("outage-ended"), err
}
