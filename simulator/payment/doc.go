// Package payment is the payment: its states, its legal moves, and the events that it is made of.
//
// It is pure. A payment is the fold of its events: to change it, call one of its methods, which refuses an illegal move, and
// append the event that it returns. Time is an argument. What an event says is public, since the admin API answers events as they are
// kept: decisions, notifications, deliveries and attempts are that API's types.
//
// The legal moves (a test compares this picture with the code):
//
//	created           -> pending, awaiting_approval, approved, declined, failed
//	awaiting_approval -> pending, declined, expired
//	pending           -> approved, declined, cancelled, expired, failed
//	approved          -> captured, settled, refunded, charged_back, declined
//	captured          -> settled, refunded, charged_back
//	settled           -> refunded, charged_back
//	charged_back      -> reversed
//	reversed          -> charged_back, refunded
//	declined          -> approved
//	cancelled         ->
//	expired           -> approved
//	refunded          ->
//	failed            -> approved, declined
//
// Some moves look odd and happen: a provider approves a payment late, after it was declined or expired; it takes an approval
// back; and a call that ended in a time-out was paid all the same. Merchants must be ready for them.
package payment
