package control

import (
	"maps"
	"net/http"
	"net/http/pprof"
	"slices"

	"github.com/gorilla/mux"
)

// New makes the admin API's handler, for which /readyz is always ready: the listener's Probes know better.
func New(config Config) http.Handler {
	if config.Followers <= 0 {
		config.Followers = DefaultFollowers
	}
	e := &edge{Config: config, streams: &streams{most: config.Followers}}
	router := mux.NewRouter().SkipClean(true)
	routes := routes()
	for _, path := range slices.Sorted(maps.Keys(routes)) { // so that names stand before {variables}
		route := router.Handle(path, e.endpoint(path, routes[path]))
		if path == checkPath {
			route.Methods(http.MethodPost) // all else there is about the scenario of that name
		}
	}
	router.Handle("/metrics", http.HandlerFunc(e.metrics))
	for name, profile := range map[string]http.HandlerFunc{
		"profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace, // not cmdline, which may contain the admin token
	} {
		router.HandleFunc("/debug/pprof/"+name, profile)
	}
	router.PathPrefix("/debug/pprof/").HandlerFunc(pprof.Index)
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.refuse(w, r, notFound("there is no path %s", r.URL.Path))
	})
	return &Probes{Next: newGuard(e).protect(router), Log: config.Log}
}

const checkPath = "/v1/companies/{company}/scenarios/check"

// routes are the paths of control.yaml except /metrics and those of Probes; a test compares them.
func routes() map[string]methods {
	all := map[string]methods{
		"/version":                {"GET": readVersion},
		"/openapi/cashier.json":   {"GET": readCashierContract},
		"/openapi/control.json":   {"GET": readControlContract},
		"/openapi/3.0/{document}": {"GET": readGeneratorContract},
		"/v1/reset":               {"POST": resetCompanies},
		"/v1/public-url":          {"GET": readPublicURL, "PUT": setPublicURL},
		"/v1/providers":           {"GET": listProviders},
		"/v1/examples":            {"GET": listExamples},
		"/v1/ledger":              {"GET": readLedger},
		"/v1/companies":           {"GET": listCompanies, "POST": createCompany},

		"/v1/payments":                     {"GET": of(listPayments)},
		"/v1/payments/{payment}":           {"GET": of(readPayment)},
		"/v1/payments/{payment}/next":      {"GET": of(readNext)},
		"/v1/payments/{payment}/decide":    {"POST": sent(decidePayment)},
		"/v1/payments/{payment}/approve":   {"POST": of(approvePayment)},
		"/v1/payments/{payment}/reject":    {"POST": of(rejectPayment)},
		"/v1/deliveries":                   {"GET": of(listDeliveries)},
		"/v1/deliveries/{delivery}":        {"GET": of(readDelivery)},
		"/v1/deliveries/{delivery}/resend": {"POST": of(resendDelivery)},
		"/v1/deliveries/{delivery}/cancel": {"POST": of(cancelDelivery)},
		"/v1/inbox":                        {"GET": of(listReceived)},
		"/v1/events":                       {"GET": of(followEvents)},
		"/v1/events/requests":              {"GET": ofCalls(followRequests)},
		"/v1/requests":                     {"GET": ofCalls(listRequests)},
		"/v1/requests.har":                 {"GET": ofCalls(exportRequests)},
		"/v1/requests/{request}":           {"GET": ofCalls(readRequest)},
	}
	for below, known := range companyRoutes() {
		all["/v1/companies/{company}"+below] = known
	}
	return all
}

// companyRoutes are the paths below a company's.
func companyRoutes() map[string]methods {
	return map[string]methods{
		"":                      {"GET": of(readCompany), "PUT": replaceCompany, "PATCH": patchCompany, "DELETE": deleteCompany},
		"/clock":                {"GET": of(readClock), "PUT": sent(setClock)},
		"/clock/advance":        {"POST": sent(advanceClock)},
		"/counts":               {"GET": of(readCounts)},
		"/inbox":                {"GET": of(readReplies), "PUT": sent(setReplies)},
		"/inbox/next":           {"POST": sent(nextWebhook)},
		"/jobs":                 {"GET": of(listJobs)},
		"/outages":              {"GET": of(listOutages)},
		"/outages/{psp}":        {"PUT": sent(startOutage), "DELETE": of(endOutage)},
		"/overrides":            {"GET": of(listOverrides), "POST": sent(overrideNext), "DELETE": of(unsetOverrides)},
		"/payments":             {"GET": of(listPayments)},
		"/psps":                 {"GET": of(listPSPs)},
		"/psps/{psp}":           {"GET": of(readPSP), "PUT": putPSP, "DELETE": deletePSP},
		"/reset":                {"POST": of(dropPayments)},
		"/restore":              {"POST": of(restoreSnapshot)},
		"/rules":                {"GET": of(listRules), "POST": createRule},
		"/rules/{rule}":         {"GET": of(readRule), "PUT": replaceRule, "DELETE": deleteRule},
		"/scenarios":            {"GET": of(listScenarios)},
		"/scenarios/check":      {"POST": sent(checkScenarios)},
		"/scenarios/{scenario}": {"GET": of(readScenario), "PUT": of(putScenario), "DELETE": of(deleteScenario)},
		"/snapshot":             {"POST": of(takeSnapshot)},
		"/tokens":               {"POST": of(mintTokens)},
		"/verify":               {"POST": sent(verify)},
		"/wait":                 {"POST": sent(waitFor)},
	}
}
