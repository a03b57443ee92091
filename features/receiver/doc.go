// Package receiver is the merchant's servers in a run of features: it takes webhooks and verify-user calls, keeps them and
// answers as a step has said.
package receiver
