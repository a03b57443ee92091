// Package company holds what a company is while the process runs, and the settings of it that outlive the process.
//
//	Runtime    one running company: clock, scenarios, outages, inbox; a Relay that hands the inbox's webhooks to a client, Answers on
//	           their way, the Alarm that wakes its worker, Counts of what it did, Resets of its journal
//	Runtimes   all of them; the first to ask for a company starts its runtime
//	Settings   keeps a company's configuration and the settings of its runtime in the journal, and applies what other
//	           processes that share the journal have changed
//	Scenarios  the scenario files that every company starts with
//	Originals  what merchants wrote in fields that are kept masked, sealed, for the webhooks that repeat it
//
// A payment's events say what happened; a setting says how things are now, and what it said before is gone.
package company
