// Package watch follows a company of a running simulator by the admin API's stream of events and prints what it sees: each attempt
// of a webhook, which it can forward to a merchant's handler, or each payment whose status changes. A lost connection is made
// again after a pause, and no event is missed.
package watch
