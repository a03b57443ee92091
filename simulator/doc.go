// Package simulator is the house: it builds the rooms, wires them, and starts and stops what runs.
//
// One payment walks through it, front door to back door, never turning round:
//
//	merchant's POST ─▶ api ─▶ identity ─▶ openapi ─▶ backoffice ─▶ scenario ─▶ provider ─▶ payment ─▶ journal ─▶ answer
//	                 (decode)  (who)     (contract)  (rule, PSP    (what shall  (ten of     (legal    (append-only,
//	                                                  config)       happen)      them)       states)   due work)
//	shopper's browser ─▶ pages ─▶ the payment, found in the journal by its session
//	time (the company's clock) ─▶ due work ─▶ decision, notice ─▶ webhook ─▶ merchant's handler ─▶ attempt ─▶ journal
//	people and test code ─▶ control ─▶ read the journal, act through the same doors
//
// Read flow.go next: it is the walk, in order. Beside it stands one file for each other use case:
//
//	pay.go      the last stage: open the payment, ask the provider, keep everything in one append
//	plan.go     what shall happen: scenario, magic values, defaults
//	decide.go   somebody chooses the outcome: the shopper, an admin, a test, the clock
//	hosted.go   what the hosted pages need: their payment, and the doors through which they act on it
//	deliver.go  the provider tells something, a webhook is tried, and tried again
//	work.go     due work as the clock goes;  advance.go  as a manual clock is moved
//	change.go   how a payment is read, changed and kept, all or nothing
//	tenant.go   a company at run time: clock, scenarios, outages, inbox
//	book.go     how that, and the companies themselves, outlive the process and are shared among several; parts.go says what
//	data.go     where everything is kept: memory, a file, a database
//	trace.go    a call's walk through the stages, for metrics and for --trace
//
// config.go is all that can be set, simulator.go makes the parts, run.go starts and stops what runs.
//
// Rooms stand on floors and import downwards only; rooms on one floor don't know each other (arch_test.go):
//
//	0  clock random money mask     leaves; and the data folders openapi, scenarios
//	1  payment journal             and fixtures with fixtures/recorded, which read openapi
//	2  identity backoffice scenario     and under journal: sqlite in a file, postgres for replicas, portable between them
//	3  provider webhook
//	4  api pages control console replay    the edges
//	5  simulator
//	6  simtest, browsertest, doctor
//	7  cmd
package simulator
