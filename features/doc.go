// Package features is the contract as features: what the Cashier API does, in sentences that a product owner can read and that are
// checked against the simulator or the vendor's Sandbox. README.md beside this file teaches to write and run them.
//
// Each folder is a capability; assumptions has one numbered feature for each rule that the ledger assumes. Beside the features
// are the packages that run them:
//
//	steps, cells        the steps that features are written in, and the cells of their tables
//	target, receiver    what features are run against, and where its webhooks arrive
//	runner              Godog driven: which scenarios, their tries, their evidence
//	evidence            what a run saw, as data
//	report, drift, certify, merchants    what is made of it, and the grade of a merchant's own system
//	fidelity                             how the rules are known, and which of them features execute
//	sandbox                              plan, pre-flight and bundle of a run against somebody else's target
//	setup                                the files that a team starts with
//	record, production                   real exchanges as files; what keeps all of them away from production
package features
