// Package features holds the contract as features: what the Cashier API does, in sentences that a product owner can read and
// a machine can hold against the simulator or the vendor's Sandbox. README.md beside this file teaches to write and run them.
//
// Each folder is a capability; assumptions holds one numbered feature for each rule that the ledger assumes. Beside the features
// stand the packages that run them:
//
//	steps      the vocabulary
//	runner     targets, scheduling, the webhooks' receiver
//	evidence   what a run saw, as data
//	report, drift, certify, merchants    what is made of it, and the grade of a merchant's own system
//	record, production                   real exchanges as files; what keeps all of them away from production
package features
