package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (c *console) companyPages() map[string]show {
	return map[string]show{"/companies": companies, "/companies/{id}": company, "/companies/{id}/psps/{psp}": pspForm}
}

func (c *console) companyForms() map[string]form {
	return map[string]form{
		"/companies":                           {"create", createCompany, companies},
		"/companies/{id}/delete":               {"delete", deleteCompany, company},
		"/companies/{id}/reset":                {"reset", resetCompany, company},
		"/companies/{id}/settings":             {"settings", changeCompany, company},
		"/companies/{id}/tokens":               {"tokens", mintTokens, company},
		"/companies/{id}/rules":                {"rule", addRule, company},
		"/companies/{id}/rules/{rule}/toggle":  {"rule", toggleRule, company},
		"/companies/{id}/rules/{rule}/delete":  {"rule", deleteRule, company},
		"/companies/{id}/outages":              {"outage", beginOutage, company},
		"/companies/{id}/outages/{psp}/delete": {"outage", mendOutage, company},
		"/companies/{id}/psps/{psp}":           {"psp", savePSP, pspForm},
		"/companies/{id}/psps/{psp}/delete":    {"psp", deletePSP, company},
	}
}

// companyWhole is a company with all that is set up of it.
type companyWhole struct {
	ID          string                             `json:"id"`
	Name        string                             `json:"name"`
	Created     time.Time                          `json:"created"`
	UserAuthURL string                             `json:"userAuthUrl"`
	Expired     bool                               `json:"passwordExpired"`
	Seed        json.Number                        `json:"seed"`
	Credentials struct{ APIKey, SecretKey string } `json:"credentials"`
	Brands      []struct{ ID, Name string }        `json:"brands"`
	PSPs        map[string]map[string]any          `json:"psps"`
	Rules       []struct {
		ID     string `json:"id"`
		PSP    string `json:"psp"`
		Brand  string `json:"brand"`
		Active bool   `json:"active"`
	} `json:"rules"`
	Warnings []string `json:"warnings"`
}

type companiesView struct {
	listView
	Companies []companyWhole `json:"companies"`
	NextPage  string         `json:"next"`
}

func companies(v *visit) (*page, error) {
	l, _ := v.list()
	shown := companiesView{listView: l}
	query := url.Values{"limit": {pageSize}}
	if cursor := v.ask("cursor"); cursor != "" {
		query.Set("cursor", cursor)
	}
	if err := v.get("/v1/companies", query, &shown); err != nil {
		return nil, err
	}
	v.paged(&shown.listView, "/companies", shown.NextPage)
	return &page{template: "companies", title: "Companies", nav: "companies", data: shown}, nil
}

// createCompany makes a company, either bare or set up as the first one is.
func createCompany(v *visit) (outcome, error) {
	body := map[string]any{"name": v.said("name")}
	if v.said("like") != "" && len(v.companies) > 0 {
		var model map[string]any
		if err := v.get(pathOf("v1", "companies", v.companies[0].ID), url.Values{"reveal": {"true"}}, &model); err != nil {
			return outcome{}, err
		}
		for _, part := range []string{"psps", "rules", "users", "brands"} {
			if model[part] != nil {
				body[part] = model[part]
			}
		}
	}
	var made companyBrief
	err := v.do(http.MethodPost, "/v1/companies", body, &made)
	return outcome{to: pathOf("companies", made.ID) + "?company=" + url.QueryEscape(made.Name) + "&done=created"}, err
}

type companyView struct {
	companyWhole
	Providers []providerInfo
	Outages   []outage `json:"outages"`
	Kinds     []string
	Revealed  bool
	Tokens    *tokens
	Curl      string
	Missing   []string // providers without a configuration
}

type outage struct {
	PSP   string    `json:"psp"`
	Kind  string    `json:"kind"`
	For   string    `json:"for"`
	Delay string    `json:"delay"`
	Until time.Time `json:"until"`
}

// tokens are what a call to the Cashier API needs.
type tokens struct {
	URL     string `json:"url"`
	Company string `json:"company"`
	User    string `json:"user"`
}

func company(v *visit) (*page, error) {
	shown, err := v.companyView()
	if err != nil {
		return nil, err
	}
	return &page{template: "company", title: "Company " + shown.Name, nav: "companies", data: shown}, nil
}

func (v *visit) companyView() (*companyView, error) {
	shown := &companyView{Revealed: v.ask("reveal") == "true", Kinds: []string{"down", "slow", "rate-limited", "bad-credentials", "flapping"}}
	query := url.Values{}
	if shown.Revealed {
		query.Set("reveal", "true")
	}
	if err := v.get(v.ofPath(), query, &shown.companyWhole); err != nil {
		return nil, err
	}
	if err := v.get(v.ofPath("outages"), nil, shown); err != nil {
		return nil, err
	}
	var err error
	if shown.Providers, err = v.providers(); err != nil {
		return nil, err
	}
	for _, p := range shown.Providers {
		if _, configured := shown.PSPs[p.PSP]; !configured {
			shown.Missing = append(shown.Missing, p.PSP)
		}
	}
	return shown, nil
}

// ofPath is the API's path of something of the company that the page's path names.
func (v *visit) ofPath(parts ...string) string {
	return pathOf(append([]string{"v1", "companies", v.in("id")}, parts...)...)
}

// toCompany is the company's page, with what was done.
func (v *visit) toCompany(done string) outcome {
	return outcome{to: v.link(pathOf("companies", v.in("id")), "done", done)}
}

// changeCompany sets what decides about a company's calls as a whole.
func changeCompany(v *visit) (outcome, error) {
	body := map[string]any{"userAuthUrl": nil, "passwordExpired": v.said("passwordExpired") != ""}
	if at := v.said("userAuthUrl"); at != "" {
		body["userAuthUrl"] = at
	}
	return v.toCompany("settings"), v.do(http.MethodPatch, v.ofPath(), body, nil)
}

// confirmed says why something that can't be undone is not done yet.
func (v *visit) confirmed() error {
	if v.said("confirm") == "" {
		return &problem{Status: http.StatusBadRequest, Message: "tick the box to confirm: this can't be undone"}
	}
	return nil
}

func deleteCompany(v *visit) (outcome, error) {
	if err := v.confirmed(); err != nil {
		return outcome{}, err
	}
	return outcome{to: "/companies?done=deleted"}, v.do(http.MethodDelete, v.ofPath(), nil, nil)
}

func resetCompany(v *visit) (outcome, error) {
	if err := v.confirmed(); err != nil {
		return outcome{}, err
	}
	return v.toCompany("reset"), v.do(http.MethodPost, v.ofPath("reset"), nil, nil)
}

// mintTokens shows the tokens and a line that works when pasted. They are drawn at once and never stand in an address.
func mintTokens(v *visit) (outcome, error) {
	shown, err := v.companyView()
	if err != nil {
		return outcome{}, err
	}
	shown.Tokens = &tokens{}
	if err := v.do(http.MethodPost, v.ofPath("tokens"), nil, shown.Tokens); err != nil {
		return outcome{}, err
	}
	shown.Curl, err = v.curl(shown)
	return outcome{page: &page{template: "company", title: "Company " + shown.Name, nav: "companies", data: shown}}, err
}

// curl is a call with the smallest valid request of the first flow that the company is set up for.
func (v *visit) curl(shown *companyView) (string, error) {
	for _, p := range shown.Providers {
		if slices.Contains(shown.Missing, p.PSP) || len(p.Flows) == 0 || p.PSP != "PAYONE" && !slices.Contains(shown.Missing, "PAYONE") {
			continue
		}
		examples, err := v.examples(p.Flows[0], "")
		if err != nil || len(examples) == 0 {
			return "", err
		}
		words := []string{
			"curl", "-sS", quote(shown.Tokens.URL), "-H", quote("Authorization: Bearer " + shown.Tokens.Company),
			"-H", quote("x-user-token: Bearer " + shown.Tokens.User), "-H", quote("Content-Type: application/json"),
			"-d", quote(compact(examples[0].Request)),
		}
		return strings.Join(words, " "), nil
	}
	return "", nil
}

// quote makes one word of text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func addRule(v *visit) (outcome, error) {
	body := map[string]any{"psp": v.said("psp")}
	if brand := v.said("brand"); brand != "" {
		body["brand"] = brand
	}
	return v.toCompany("rule"), v.do(http.MethodPost, v.ofPath("rules"), body, nil)
}

func toggleRule(v *visit) (outcome, error) {
	var rule map[string]any
	if err := v.get(v.ofPath("rules", v.in("rule")), nil, &rule); err != nil {
		return outcome{}, err
	}
	active, _ := rule["active"].(bool)
	rule["active"] = !active
	return v.toCompany("rule"), v.do(http.MethodPut, v.ofPath("rules", v.in("rule")), rule, nil)
}

func deleteRule(v *visit) (outcome, error) {
	return v.toCompany("rule"), v.do(http.MethodDelete, v.ofPath("rules", v.in("rule")), nil, nil)
}

func beginOutage(v *visit) (outcome, error) {
	body := map[string]any{"kind": v.said("kind")}
	for _, name := range []string{"for", "delay"} {
		if value := v.said(name); value != "" {
			body[name] = value
		}
	}
	return v.toCompany("outage"), v.do(http.MethodPut, v.ofPath("outages", v.said("psp")), body, nil)
}

func mendOutage(v *visit) (outcome, error) {
	return v.toCompany("mended"), v.do(http.MethodDelete, v.ofPath("outages", v.in("psp")), nil, nil)
}

// notThere says whether the API knows nothing of that name.
func notThere(err error) bool {
	var refused *problem
	return errors.As(err, &refused) && refused.Status == http.StatusNotFound
}
