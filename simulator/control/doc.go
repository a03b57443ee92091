// Package control is the HTTP edge of the admin API.
//
//	probes ─▶ guard (who may call) ─▶ edge (path, method, query, body) ─▶ one handler type for each group of operations
//
// The groups: process, catalogue, companies, psps and rules (backoffice.go), payments, deliveries, inbox, clocks, scenarios,
// outages, queries and snapshots (queries.go), events. A group has the paths it answers for in its routes method, and gets only
// what it needs of the simulator; needs.go lists that as small interfaces.
//
// openapi/control.yaml is the contract: the edge checks queries and bodies by it, and its schemas are the types of
// simulator/adminapi, which handlers decode and answer. Handlers keep nothing themselves. Changes of companies take turns, since
// a company is changed by putting a whole new one in its place (editor.go). Only errors.go picks status codes and codes of
// errors.
//
// To add a route: write the operation and its schemas in control.yaml, the types and the client's method in adminapi, and the
// handler in its group here; tests compare the three.
package control
