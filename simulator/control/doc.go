// Package control is the admin listener's HTTP edge: back office, payments, reset, and what operators ask of a process.
//
//	guard (who may) ─▶ edge (path, method, query, body) ─▶ companies | psps | rules | payments | process
//
// openapi/control.yaml says what may be sent and what is answered; nothing of that is said again here. The handlers read
// the directory of companies and the journal and keep nothing themselves. Changes of one company take turns, because a
// company is changed by putting a whole new one in its place.
//
// Only errors.go picks status codes of errors.
package control
