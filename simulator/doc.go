// Package simulator is the house: it builds the rooms, wires them, and starts and stops what runs.
//
// One payment walks through it, front door to back door, never turning round:
//
//	merchant's POST ─▶ api ─▶ identity ─▶ openapi ─▶ backoffice ─▶ scenario ─▶ provider ─▶ payment ─▶ journal ─▶ answer
//	                 (decode)  (who)     (contract)  (rule, PSP    (what shall  (ten of     (legal    (append-
//	                                                  config)       happen)      them)       states)   only)
//	shopper's browser ─▶ pages ─▶ the payment, found in the journal by its session
//	people and test code ─▶ control ─▶ companies and payments
//
// Read flow.go next: it is the walk, in order. config.go is all that can be set, simulator.go makes the parts.
//
// Rooms stand on floors and import downwards only; rooms on one floor don't know each other (arch_test.go):
//
//	0  clock random money mask     leaves; and the data folders openapi, fixtures
//	1  payment journal
//	2  identity backoffice scenario
//	3  provider
//	4  api pages control           the edges
//	5  simulator
package simulator
