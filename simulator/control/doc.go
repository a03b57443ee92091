// Package control is the admin listener's HTTP edge: back office, payments, reset, and what operators ask of a process.
//
//	guard (who may) ─▶ edge (path, method, query, body) ─▶ companies | psps | rules | payments | process
//	                                                     ─▶ deeds | deliveries | inbox | clock | scenarios | lookout | events | keep
//	                                                     ─▶ catalogue | tokens | check | search
//
// guard.go keeps strangers out of the console's pages too; broadcast.go hands events to all who follow, read and written once.
//
// openapi/control.yaml says what may be sent and what is answered; nothing of that is said again here. The handlers read
// the directory of companies and the journal and keep nothing themselves; what they need of the rest of the house stands in
// needs.go. Changes of one company take turns, because a company is changed by putting a whole new one in its place.
//
// Only errors.go picks status codes of errors.
package control
