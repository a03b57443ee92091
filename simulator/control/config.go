package control

import (
	"log/slog"
	"net/http"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/query"
	"mozartosim/simulator/requestlog"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/snapshot"
)

// Config is what the admin API stands on. Fields are required unless their comment says otherwise.
type Config struct {
	Reader       backoffice.Reader     // makes companies of bodies; its contracts are the ones that are served
	Companies    *backoffice.Directory // the first is the demo company
	Configured   []*backoffice.Company // what a reset of everything restores: usually Companies.List() at the start
	Runtimes     *company.Runtimes     // their clocks, scenarios, outages and inboxes, to be read only
	Outcomes     *lifecycle.Outcomes   // decide about payments
	Deliveries   *lifecycle.Deliveries // send webhooks again, or give them up
	Scheduler    *scheduler.Scheduler  // advances manual clocks
	Settings     *company.Settings     // changes what outlives the process
	Queries      *query.Queries
	Requests     *requestlog.Log
	Snapshots    *snapshot.Snapshots
	Version      string            // the simulator's
	Base         *listener.Base    // of the Cashier API and of hosted pages
	Metrics      http.Handler      // nil = there are none
	LimitReached func(code string) // is called for every refusal because a limit was reached; nil = not

	Token    string   // the admin token; "" = none is needed, and other sites' pages and unknown Hosts are refused instead
	Hosts    []string // names beside loopback ones by which the listener may be called when no token is needed
	Sessions Sessions // logins to the console, which may read without the token; nil = none

	Followers int // clients of /v1/events at a time; 0 = DefaultFollowers
	Log       *slog.Logger
}

// Sessions are the logins to the console.
type Sessions interface {
	// Known says whether a request carries the cookie of a login that has not ended.
	Known(r *http.Request) bool
}
