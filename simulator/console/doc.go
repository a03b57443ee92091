// Package console is the team's view of the simulator in a browser: payments and their timelines, deliveries, companies,
// scenarios, the clock, the contract's ledger, and a form that makes payments.
//
//	browser ─▶ login (who may) ─▶ page (show, act) ─▶ client ─▶ the admin API's own handler, in process
//	                                               ╲▶ cashier ─▶ the public handler, in process
//
// The console knows nothing that the admin API does not tell and does nothing that it can't do: it calls the API's handler
// with requests that never touch a network, and draws the JSON. So rules, masks and the words of errors are the API's own.
// Pages are drawn on the server, work without a script, and are kept up to date by one small script that follows
// /v1/events. Forms that fail come back with what was typed and with what was wrong.
//
// TESTIDS.md lists the paths and the names by which tests find things.
package console
