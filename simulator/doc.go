// Package simulator wires a simulator of the Cashier API: it makes every part, connects them, and starts and stops what runs.
// Nothing happens to a payment here.
//
// A call passes through the packages in one direction:
//
//	merchant's POST ─▶ api ─▶ cashier: identify ─▶ validate ─▶ route ─▶ judge ─▶ plan ─▶ answer ─▶ payments ─▶ journal ─▶ answer
//	shopper's browser ─▶ pages ─▶ lifecycle: the outcome ─▶ payments ─▶ journal
//	time (the company's clock) ─▶ scheduler ─▶ lifecycle: decision, notification, attempt ─▶ the merchant's handler
//	people and test code ─▶ control (API), console (web UI) ─▶ query, lifecycle, scheduler, company, snapshot
//
// Read cashier/pipeline.go next. What happens to payments stands in
//
//	cashier    a call's stages
//	payments   load, unit of work, fold
//	lifecycle  outcomes, notifications, deliveries: what follows a call
//	scheduler  claim, run, advance
//	company    a company's runtime (clock, scenarios, outages, inbox) and the settings that outlive the process
//	query      list, wait, verify, follow
//	snapshot   copy, restore, reset
//
// Here, simulator.go makes the parts, config.go is all that can be set, run.go starts and stops, public.go and admin.go connect what
// the listeners serve. Imports only go down; arch_test.go has the layers.
package simulator
