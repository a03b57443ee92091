// Package console is the simulator's web UI for a team: an overview, payments and their timelines, calls, deliveries, companies,
// scenarios, the clock, the contract's ledger, and a form that makes payments.
//
//	browser ─▶ login ─▶ page or form ─▶ adminapi.Client ─▶ the admin API's handler, in process
//	                               ╲──▶ the public handler, in process (the form that makes payments)
//
// The console can do only what the admin API can: it calls the API's handler through the API's client, by a transport that
// needs no network, and renders the answers. Rules, masks and error messages are the API's own.
//
// A login is a signed cookie; the journal keeps which logins were ended, for all processes. The link that is printed logs in once.
//
// Pages are rendered on the server and work without scripts. One small script keeps them up to date by following /v1/events.
// A form that fails is shown again with what was typed and with what is wrong.
//
// routes.go lists all pages and forms. TESTIDS.md lists the paths, and the names by which tests find elements.
package console
