// Package query answers questions about what happened: lists, waiting, verifying, following.
//
// Everything is read from the journal, newest first, a page at a time. What is asked for and what is answered are types of the admin API:
// package control hands them on. Conditions (compile.go) are expressions over a payment and one of its deliveries, or over a call, as the
// admin API shows them.
package query
