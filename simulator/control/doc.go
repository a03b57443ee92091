// Package control is the HTTP edge of the admin API.
//
//	probes ─▶ guard (who may call) ─▶ edge (path, method, query, body) ─▶ one function for each operation
//
// control.go lists the paths. The functions stand by what they are about: process, catalogue, companies, psps and rules
// (backoffice.go), payments, deliveries, inbox, clock, scenarios, outages, waiting, verifying and snapshots (queries.go), events, requests. They
// ask the simulator's parts, which come with the request (Config); companies are named by id there. errors.go words the parts' errors: those
// that implement Conflicts are answered with 409 and their own words, journal.ErrNotFound with 404.
//
// openapi/control.yaml is the contract: the edge checks queries and bodies by it, and its schemas are the types of
// simulator/adminapi, which handlers decode and answer. Handlers keep nothing themselves. Changes of companies take turns, since
// a company is changed by putting a whole new one in its place (editor.go). Only errors.go picks status codes and codes of
// errors.
//
// To add a route: write the operation and its schemas in control.yaml, the types and the client's method in adminapi, and the
// function here, with a line in routes; tests compare the three.
package control
