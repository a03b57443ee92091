package control

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/pprof"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/listener"
)

// Config is what the admin API stands on. Fields are required unless their comment says otherwise.
type Config struct {
	Reader     backoffice.Reader                                  // makes companies of bodies; its contracts are the ones that are served
	Companies  *backoffice.Directory                              // the first is the demo company
	Alone      func(ctx context.Context) (done func(), err error) // waits until no other call changes companies; nil = calls of this process take turns
	Configured []*backoffice.Company                              // what a reset of everything restores: usually Companies.List() at the start
	Payments   Payments
	Runtimes   *company.Runtimes // their clocks, scenarios, outages and inboxes, to be read only
	Decisions  Decisions
	Deliveries Deliveries
	Scheduler  Scheduler
	Settings   Settings
	Lists      Lists
	Queries    Queries
	Requests   Requests
	Snapshots  Snapshots
	// Reset drops the payments of a company, by id, and what was set while it ran, and returns how many payments there were. The
	// company itself may be deleted already. Its clock stands again as it did at the start, unless keepClock.
	Reset        func(ctx context.Context, company string, keepClock bool) (dropped int, err error)
	Now          func(company string) time.Time // a company's time, by id; "" for one that is about to be created
	Version      string                         // the simulator's
	Ready        func(context.Context) error    // why no calls are taken yet, or no longer; nil = always ready
	Base         *listener.Base                 // of the Cashier API and of hosted pages
	Metrics      http.Handler                   // nil = there are none
	LimitReached func(code string)              // is called for every refusal because a limit was reached; nil = not

	Token    string   // the admin token; "" = none is needed, and other sites' pages and unknown Hosts are refused instead
	Hosts    []string // names beside loopback ones by which the listener may be called when no token is needed
	Sessions Sessions // logins to the console, which may read without the token; nil = none

	Followers int // clients of /v1/events at a time; 0 = DefaultFollowers
	Log       *slog.Logger
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
	e := &edge{contract: config.Reader.Control, log: config.Log, limitReached: config.LimitReached}
	router := mux.NewRouter().SkipClean(true)
	routes := routes(config)
	for _, path := range slices.Sorted(maps.Keys(routes)) { // so that names stand before {variables}
		router.Handle(path, e.endpoint(path, routes[path]))
	}
	router.Handle("/metrics", e.metrics(config.Metrics))
	for name, profile := range map[string]http.HandlerFunc{
		"profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace, // not cmdline, which may contain the admin token
	} {
		router.HandleFunc("/debug/pprof/"+name, profile)
	}
	router.PathPrefix("/debug/pprof/").HandlerFunc(pprof.Index)
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.refuse(w, r, notFound("there is no path %s", r.URL.Path))
	})
	return &Probes{Ready: config.Ready, Next: newGuard(config, e).protect(router), Log: config.Log}
}

// inTurn lets one call at a time change companies.
func inTurn() func(context.Context) (func(), error) {
	turn := make(chan struct{}, 1)
	return func(ctx context.Context) (func(), error) {
		select {
		case turn <- struct{}{}:
			return func() { <-turn }, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// routes are the paths of control.yaml except /metrics and those of Probes; a test compares them.
func routes(c Config) map[string]methods {
	dir := directory{c.Companies}
	all := map[string]methods{}
	maps.Copy(all, (&process{c, dir}).routes())
	maps.Copy(all, (&catalogue{c.Reader}).routes())
	edit := &editor{dir, c.Reader, c.Alone}
	maps.Copy(all, (&companies{edit, c.Now, c.Reset, c.Base}).routes())
	maps.Copy(all, (&psps{edit}).routes())
	maps.Copy(all, (&rules{edit}).routes())
	maps.Copy(all, (&payments{dir, c.Payments, c.Decisions, c.Lists}).routes())
	maps.Copy(all, (&deliveries{dir, c.Lists, c.Deliveries}).routes())
	maps.Copy(all, (&clocks{dir, c.Runtimes, c.Settings, c.Lists, c.Scheduler}).routes())
	maps.Copy(all, (&inbox{dir, c.Runtimes, c.Settings, c.Lists}).routes())
	maps.Copy(all, (&scenarios{dir, c.Reader, c.Runtimes, c.Settings}).routes())
	maps.Copy(all, (&outages{dir, c.Reader.Cashier, c.Runtimes, c.Settings}).routes())
	maps.Copy(all, (&queries{dir, c.Reader.Control, c.Queries}).routes())
	following := &streams{most: c.Followers, log: c.Log}
	maps.Copy(all, (&events{dir, c.Queries, following}).routes())
	maps.Copy(all, (&requests{dir, c.Requests, following}).routes())
	maps.Copy(all, (&snapshots{dir, c.Snapshots, c.Reset}).routes())
	return all
}
