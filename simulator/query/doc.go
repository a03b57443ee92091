// Package query answers questions about what happened: lists, waiting, verifying, following.
//
// Payments, deliveries and what the inbox received are read from the journal, calls from the log of calls, and a clock from its company's
// runtime. Lists begin with the newest and come a page at a time; Jobs begins with what is due first, and Follow with what happened
// first. What is asked for and what is answered are types of the admin API: package control hands them on. Conditions (compile.go) are expressions over a payment and one of its deliveries, or over a call, as the
// admin API shows them.
package query
