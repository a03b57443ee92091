package control

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
)

// Payments is what control reads of a journal.
type Payments interface {
	Entries(ctx context.Context, company, stream string) ([]journal.Entry, error)
	List(ctx context.Context, company string, q journal.Query) ([]journal.Stream, error)
}

// Config is what the admin API stands on. Fields are required unless their comment says otherwise.
type Config struct {
	Reader     backoffice.Reader                                  // makes companies out of bodies; its contracts are the ones that are served
	Companies  *backoffice.Directory                              // the first is the demo company
	Alone      func(ctx context.Context) (done func(), err error) // waits until nobody else changes companies; nil = nobody else in this process
	Configured []*backoffice.Company                              // what a reset of everything brings back: usually Companies.List() at the start
	Payments   Payments
	Runtimes   *company.Runtimes // their clocks, scenarios, outages and inboxes, to be read only
	Decisions  Decisions
	Deliveries Deliveries
	Scheduler  Scheduler
	Settings   Settings
	Lists      Lists
	Queries    Queries
	Snapshots  Snapshots
	// Reset forgets the payments of a company, by id, and what was set on its run time, and says how many payments there
	// were. The company itself may be gone already.
	Reset   func(ctx context.Context, company string) (dropped int, err error)
	Now     func(company string) time.Time // a company's time, by id; "" for one that is about to be
	Version string                         // the simulator's
	Ready   func() error                   // why no calls are taken yet, or no longer; nil = always ready
	// BySession finds the payment of a hosted page's session; nil = nobody can. The error is journal.ErrNotFound.
	BySession    func(ctx context.Context, session string) (company, payment string, err error)
	PublicURL    string            // base of the Cashier API and of hosted pages
	Metrics      http.Handler      // nil = there are none
	LimitReached func(code string) // hears of every refusal because a bound was reached; nil = nobody does

	Token    string   // the admin token; "" = none is needed, and browsers and odd Hosts are kept out instead
	Hosts    []string // names beside loopback ones by which the listener may be called when no token is needed
	Sessions Sessions // who has logged in to the console, and may look without the token; nil = nobody

	Followers int // clients of /v1/events at a time; 0 = DefaultFollowers
	Log       *slog.Logger
}

// server answers the admin API.
type server struct {
	Config
	tries     *tries
	following atomic.Int32 // clients of /v1/events

	onAir      sync.Mutex
	broadcasts map[string]*broadcast // by company's id, while somebody follows
}

// New makes the admin API's handler.
func New(config Config) http.Handler {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Alone == nil {
		config.Alone = inTurn()
	}
	if config.Followers <= 0 {
		config.Followers = DefaultFollowers
	}
	s := &server{Config: config, tries: newTries(), broadcasts: map[string]*broadcast{}}
	router := mux.NewRouter().SkipClean(true)
	routes := s.routes()
	for _, path := range slices.Sorted(maps.Keys(routes)) { // so that names stand before {variables}
		router.Handle(path, &endpoint{server: s, path: path, methods: routes[path]})
	}
	router.HandleFunc("/metrics", s.metrics)
	profiles(router)
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, notFound("there is no path %s", r.URL.Path))
	})
	return s.guard(router)
}

// routes are the paths of control.yaml, but for /metrics; a test holds them together.
func (s *server) routes() map[string]methods {
	routes := map[string]methods{
		"/healthz":              {"GET": s.health},
		"/readyz":               {"GET": s.ready},
		"/version":              {"GET": s.version},
		"/openapi/cashier.json": {"GET": contract(s.Reader.Cashier)},
		"/openapi/control.json": {"GET": contract(s.Reader.Control)},
		"/v1/reset":             {"POST": s.reset},

		"/v1/companies":           {"GET": s.listCompanies, "POST": s.createCompany},
		"/v1/companies/{company}": {"GET": s.readCompany, "PUT": s.replaceCompany, "PATCH": s.patchCompany, "DELETE": s.deleteCompany},

		"/v1/companies/{company}/tokens": {"POST": s.mintTokens},
		"/v1/providers":                  {"GET": s.listProviders},
		"/v1/examples":                   {"GET": s.listExamples},
		"/v1/ledger":                     {"GET": s.readLedger},

		"/v1/companies/{company}/psps":         {"GET": s.listPSPs},
		"/v1/companies/{company}/psps/{psp}":   {"GET": s.readPSP, "PUT": s.putPSP, "DELETE": s.deletePSP},
		"/v1/companies/{company}/rules":        {"GET": s.listRules, "POST": s.createRule},
		"/v1/companies/{company}/rules/{rule}": {"GET": s.readRule, "PUT": s.replaceRule, "DELETE": s.deleteRule},

		"/v1/companies/{company}/payments": {"GET": s.listPayments},
		"/v1/payments":                     {"GET": s.listPayments},
		"/v1/payments/{payment}":           {"GET": s.readPayment},
		"/v1/payments/{payment}/decide":    {"POST": s.decide},
		"/v1/payments/{payment}/approve":   {"POST": s.approve},
		"/v1/payments/{payment}/reject":    {"POST": s.reject},
	}
	maps.Copy(routes, s.runRoutes())
	return routes
}

// runRoutes are those about what happens after the call: webhooks, time, scenarios, waiting.
func (s *server) runRoutes() map[string]methods {
	return map[string]methods{
		"/v1/deliveries":                   {"GET": s.listDeliveries},
		"/v1/deliveries/{delivery}":        {"GET": s.readDelivery},
		"/v1/deliveries/{delivery}/resend": {"POST": s.resend},
		"/v1/deliveries/{delivery}/cancel": {"POST": s.cancel},
		"/v1/inbox":                        {"GET": s.listReceived},
		"/v1/companies/{company}/inbox":    {"GET": s.readProgram, "PUT": s.putProgram},

		"/v1/companies/{company}/clock":         {"GET": s.readClock, "PUT": s.putClock},
		"/v1/companies/{company}/clock/advance": {"POST": s.advance},
		"/v1/companies/{company}/jobs":          {"GET": s.listDue},

		"/v1/companies/{company}/scenarios":            {"GET": s.listScenarios},
		"/v1/companies/{company}/scenarios/check":      {"POST": s.checkScenario},
		"/v1/companies/{company}/scenarios/override":   {"POST": s.override},
		"/v1/companies/{company}/scenarios/{scenario}": {"GET": s.readScenario, "PUT": s.putScenario, "DELETE": s.deleteScenario},
		"/v1/companies/{company}/outages":              {"GET": s.listOutages},
		"/v1/companies/{company}/outages/{psp}":        {"PUT": s.putOutage, "DELETE": s.deleteOutage},

		"/v1/companies/{company}/wait":     {"POST": s.wait},
		"/v1/companies/{company}/verify":   {"POST": s.verify},
		"/v1/companies/{company}/snapshot": {"POST": s.snapshot},
		"/v1/companies/{company}/restore":  {"POST": s.restoreCompany},
		"/v1/companies/{company}/reset":    {"POST": s.resetCompany},
		"/v1/events":                       {"GET": s.events},
	}
}
