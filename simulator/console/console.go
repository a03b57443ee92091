package console

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"mozartosim/openapi"
)

//go:embed assets templates
var files embed.FS

// Config is what the console stands on.
type Config struct {
	API      http.Handler // the admin API, as its listener serves it
	Cashier  http.Handler // the public listener's: the cashier form sends its requests there
	Token    string       // the admin token; "" = none is needed, and nobody logs in
	Sessions *Sessions    // the same that the admin API's guard asks
	Version  string
	Log      *slog.Logger
}

// console draws the pages.
type console struct {
	Config
	api       client
	cashier   client
	templates map[string]*template.Template
	assets    map[string]asset
	formToken string // of forms when nobody logs in
}

// New makes the handler of the admin listener's pages. Paths of the API go to the API.
func New(config Config) (http.Handler, error) {
	templates, err := readTemplates()
	if err != nil {
		return nil, err
	}
	assets, err := readAssets()
	if err != nil {
		return nil, err
	}
	token, err := secret()
	if err != nil {
		return nil, err
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	c := &console{
		Config: config, templates: templates, assets: assets, formToken: token,
		api: client{config.API, config.Token}, cashier: client{handler: config.Cashier},
	}
	site := c.routes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ofAPI(r) {
			config.API.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	}), nil
}

// ofAPI says whether a request is for the API: by its path, or, where the console has none of that name, because whoever
// sends it reads no HTML.
func ofAPI(r *http.Request) bool {
	switch r.URL.Path {
	case "/healthz", "/readyz", "/version", "/metrics":
		return true
	}
	for _, prefix := range []string{"/v1/", "/openapi/"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return true
		}
	}
	return r.URL.Path == "/v1"
}

// show draws a page; act carries out a form. Errors are *problem, or faults of the simulator.
type (
	show func(*visit) (*page, error)
	act  func(*visit) (outcome, error)
)

// outcome is what a form led to: another page to go to, or one to be drawn at once.
type outcome struct {
	to   string
	page *page
}

func (c *console) routes() http.Handler {
	mux := http.NewServeMux()
	for _, pages := range []map[string]show{c.paymentPages(), c.deliveryPages(), c.companyPages(), c.scenarioPages(), c.otherPages()} {
		for pattern, draw := range pages {
			mux.Handle("GET "+pattern, c.guarded(func(v *visit) { c.shown(v, draw) }))
		}
	}
	for _, forms := range []map[string]form{c.paymentForms(), c.deliveryForms(), c.companyForms(), c.scenarioForms(), c.otherForms()} {
		for pattern, f := range forms {
			mux.Handle("POST "+pattern, c.guarded(func(v *visit) { c.acted(v, f) }))
		}
	}
	mux.HandleFunc("GET /assets/{name}", c.asset)
	mux.HandleFunc("GET /login", c.loginPage)
	mux.HandleFunc("POST /login", c.login)
	mux.Handle("POST /logout", c.guarded(c.logout))
	mux.Handle("/", c.guarded(c.nowhere))
	return mux
}

// form is what a form's button does, and the page that shows the form again when it fails.
type form struct {
	name string // by which the page finds the errors' place
	does act
	back show
}

// visit is one request for a page, of somebody who may.
type visit struct {
	*console
	http.ResponseWriter
	*http.Request
	formToken string
	company   companyBrief
	companies []companyBrief
	known     []providerInfo // what the API told of them, once it was asked
}

// companyBrief is what every page tells of a company.
type companyBrief struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (v *visit) ctx() context.Context { return v.Request.Context() }

func (v *visit) in(name string) string { return v.Request.PathValue(name) }

// ask is a parameter of the query; what is blank around it is nobody's intention.
func (v *visit) ask(name string) string { return strings.TrimSpace(v.URL.Query().Get(name)) }

// said is a field of the form.
func (v *visit) said(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }

// ofCompany is a query of the API for the company of this visit, with more pairs of name and value; empty values are left out.
func (v *visit) ofCompany(pairs ...string) url.Values {
	query := url.Values{"company": {v.company.ID}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return query
}

// path is the API's path of something of this visit's company.
func (v *visit) path(parts ...string) string {
	return pathOf(append([]string{"v1", "companies", v.company.ID}, parts...)...)
}

// get reads from the API.
func (v *visit) get(apiPath string, query url.Values, into any) error {
	return v.api.get(v.ctx(), apiPath, query, into)
}

// do lets the API do something.
func (v *visit) do(method, apiPath string, body, into any) error {
	return v.api.do(v.ctx(), method, apiPath, body, into)
}

// onCompany adds the company to a path whose company stands in the query.
func (v *visit) onCompany(apiPath string) string {
	return apiPath + "?company=" + url.QueryEscape(v.company.ID)
}

// link makes a path of the console, with pairs of name and value for its query; empty values are left out.
func (v *visit) link(to string, pairs ...string) string {
	query := url.Values{}
	if len(v.companies) > 0 && v.company.ID != "" && v.company.ID != v.companies[0].ID {
		query.Set("company", v.company.Name)
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return to
	}
	return to + "?" + query.Encode()
}

// settle finds the company of a visit. A console without any company still has the page that makes one.
func (v *visit) settle() error {
	var list struct {
		Companies []companyBrief `json:"companies"`
	}
	if err := v.get("/v1/companies", url.Values{"limit": {"20"}}, &list); err != nil {
		return err
	}
	v.companies = list.Companies
	name := v.ask("company")
	if name == "" {
		if len(v.companies) > 0 {
			v.company = v.companies[0]
		}
		return nil
	}
	for _, c := range v.companies {
		if c.ID == name || c.Name == name {
			v.company = c
			return nil
		}
	}
	if err := v.get(pathOf("v1", "companies", name), nil, &v.company); err != nil {
		return err
	}
	v.companies = append(v.companies, v.company)
	return nil
}

// shown draws a page, or why it can't be.
func (c *console) shown(v *visit, draw show) {
	p, err := draw(v)
	if err != nil {
		p = c.failure(err)
	}
	c.draw(v, p)
}

// acted carries a form out. When that fails its page is drawn again, with what was typed and what is wrong.
func (c *console) acted(v *visit, f form) {
	done, err := f.does(v)
	switch {
	case err == nil && done.page != nil:
		c.draw(v, done.page)
		return
	case err == nil:
		http.Redirect(v.ResponseWriter, v.Request, done.to, http.StatusSeeOther)
		return
	}
	p, again := f.back(v)
	if again != nil { // what the form was about is gone
		p = c.failure(err)
	}
	told := c.told(err)
	p.failed, p.why, p.status = f.name, told, told.Status
	c.draw(v, p)
}

// told makes a problem of any error; what the API did not word is a fault of the simulator, and logged.
func (c *console) told(err error) *problem {
	var refused *problem
	if errors.As(err, &refused) {
		return refused
	}
	if errors.Is(err, errCut) {
		return &problem{Status: http.StatusBadGateway, Message: err.Error()}
	}
	c.Log.Error("console", "error", err)
	return &problem{Status: http.StatusInternalServerError, Message: "something went wrong in the simulator; its log has the details"}
}

// failure is the page that says why there is no other one.
func (c *console) failure(err error) *page {
	why := c.told(err)
	title := "That did not work"
	if why.Status == http.StatusNotFound {
		title = "There is nothing here"
	}
	return &page{template: "failure", title: title, why: why, status: why.Status}
}

func (c *console) nowhere(v *visit) {
	if v.Method != http.MethodGet && v.Method != http.MethodHead || !strings.Contains(v.Request.Header.Get("Accept"), "html") {
		c.API.ServeHTTP(v.ResponseWriter, v.Request)
		return
	}
	c.draw(v, c.failure(&problem{Status: http.StatusNotFound, Message: fmt.Sprintf("there is no page %s", v.URL.Path)}))
}

// cashierPath is where the cashier form's requests go.
const cashierPath = openapi.CashierPath
