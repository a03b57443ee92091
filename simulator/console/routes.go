package console

import (
	"html/template"
	"net/http"
	"strings"
	"sync"

	"mozartosim/simulator/design"
	"mozartosim/simulator/inprocess"
)

// routes lists all pages and forms.
func (c *console) routes() http.Handler {
	mux := http.NewServeMux()
	for path, build := range map[string]func(*request) (*page, error){
		"/{$}":                       ofCompany(overview),
		"/overview":                  ofCompany(overview),
		"/payments":                  ofCompany(payments),
		"/payments/{id}":             ofCompany(timeline),
		"/cashier":                   ofCompany(cashierForm),
		"/calls":                     ofCompany(calls),
		"/calls/{id}":                ofCompany(call),
		"/deliveries":                ofCompany(deliveries),
		"/deliveries/{id}":           ofCompany(delivery),
		"/inbox":                     ofCompany(inbox),
		"/scenarios":                 ofCompany(scenarios),
		"/new-scenario":              ofCompany(scenario),
		"/scenarios/{name}":          ofCompany(scenario),
		"/clock":                     ofCompany(clock),
		"/companies":                 companies,
		"/companies/{id}":            company,
		"/companies/{id}/psps/{psp}": pspForm,
		"/ledger":                    ledger,
		"/style":                     style,
	} {
		mux.Handle("GET "+path, c.loggedIn(func(r *request) { c.show(r, build) }))
	}
	for path, f := range forms() {
		mux.Handle("POST "+path, c.loggedIn(func(r *request) { c.submit(r, f) }))
	}
	mux.HandleFunc("GET /assets/{name}", c.asset)
	c.docsRoutes(mux)
	mux.HandleFunc("GET /login", c.loginPage)
	mux.HandleFunc("POST /login", c.login)
	mux.Handle("POST /logout", c.loggedIn(c.logout))
	mux.Handle("/", c.loggedIn(c.notFound))
	return mux
}

// forms are all forms, by their paths.
func forms() map[string]form {
	return map[string]form{
		"/payments/{id}/decide":                {"decide", decide, timeline},
		"/payments/{id}/approve":               {"approve", approve, timeline},
		"/payments/{id}/reject":                {"approve", reject, timeline},
		"/payments/{id}/advance":               {"advance", advanceToJob, timeline},
		"/payments/{id}/manual":                {"advance", switchToManual, timeline},
		"/cashier":                             {"cashier", sendPayment, cashierForm},
		"/deliveries/{id}/resend":              {"resend", resend, deliveryAgain},
		"/deliveries/{id}/cancel":              {"cancel", cancelDelivery, deliveryAgain},
		"/inbox/replies":                       {"replies", setReplies, inbox},
		"/new-scenario":                        {"scenario", writeScenario, scenario},
		"/scenarios/{name}":                    {"scenario", writeScenario, scenario},
		"/scenarios/{name}/delete":             {"scenario", deleteScenario, scenario},
		"/overrides/unset":                     {"override", unsetOverrides, scenarios},
		"/scenarios/{name}/run":                {"run", runScenario, scenario},
		"/scenarios/{name}/override":           {"override", overrideNext, scenario},
		"/clock/set":                           {"clock", setClock, clock},
		"/clock/advance":                       {"advance", advance, clock},
		"/companies":                           {"create", createCompany, companies},
		"/companies/{id}/delete":               {"delete", deleteCompany, company},
		"/companies/{id}/reset":                {"reset", resetCompany, company},
		"/companies/{id}/settings":             {"settings", changeCompany, company},
		"/companies/{id}/tokens":               {"tokens", mintTokens, company},
		"/companies/{id}/rules":                {"rule", addRule, company},
		"/companies/{id}/rules/{rule}/toggle":  {"rule", toggleRule, company},
		"/companies/{id}/rules/{rule}/delete":  {"rule", deleteRule, company},
		"/companies/{id}/outages":              {"outage", startOutage, company},
		"/companies/{id}/outages/{psp}/delete": {"outage", endOutage, company},
		"/companies/{id}/psps":                 {"webhooks", setWebhookURL, company},
		"/companies/{id}/psps/{psp}":           {"psp", savePSP, pspForm},
		"/companies/{id}/psps/{psp}/test":      {"psp", testWebhook, pspForm},
		"/companies/{id}/psps/{psp}/delete":    {"psp", deletePSP, company},
	}
}

// docsRoutes adds the documentation.
func (c *console) docsRoutes(mux *http.ServeMux) {
	for _, path := range []string{"GET /docs", "GET /docs/"} {
		mux.Handle(path, c.loggedIn(func(r *request) { c.Docs.Page(r.w, r.Request, r.FormToken) }))
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		mux.HandleFunc(method+" /docs/try/", c.try)
	}
	mux.HandleFunc("GET /docs/assets/{name}", c.open(c.Docs.Asset))
	mux.HandleFunc("GET /schemas/{name}", c.open(c.Docs.Schema))
}

// New returns the handler of the admin listener's pages. It passes requests for the API on to the API.
func New(config Config) (http.Handler, error) {
	assets, err := design.ReadAssets(files, "console.css")
	if err != nil {
		return nil, err
	}
	c := &console{
		Config: config, templates: sync.OnceValues(func() (map[string]*template.Template, error) { return readTemplates(assets.Names) }), assets: assets, formToken: randomSecret(), packers: sync.Pool{New: newPacker}, api: inprocess.Admin(config.API, config.Token, inprocess.Own),
	}
	pages := c.routes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case isForAPI(r.URL.Path):
			config.API.ServeHTTP(w, r)
		case r.Header.Get("Sec-Fetch-Site") == "cross-site":
			c.fromAnotherSite(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	}), nil
}

func isForAPI(path string) bool {
	switch path {
	case "/healthz", "/readyz", "/version", "/metrics", "/v1":
		return true
	}
	return strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/openapi/")
}
