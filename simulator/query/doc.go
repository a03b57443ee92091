// Package query answers questions about what happened: lists, waiting, verifying, following.
//
// Everything is read from the journal, newest first, a page at a time. Conditions are expressions over a payment and one of its
// deliveries, as the admin API shows them.
package query
