// Package certify tests a merchant's own system against a simulator and grades it.
//
// The merchant's system is a black box with three interfaces: a way to start a payment, a webhook URL, and a probe that reads an
// order's status and how much of it was credited. The certifier is on both sides of it:
//
//	start hook ─▶ merchant ─▶ Cashier API of a simulator with a manual clock
//	                 ▲                      │ webhooks
//	  probe ─────────┤                      ▼
//	                 └──────────────── gateway (records, measures, drops)
//
// A check is a feature scenario about one order, in the files of checks: what is arranged, what must be true of the order after it; its
// description is an advice for when it is not. The harness's runner makes it for each flow that its tag @for: names, with a vocabulary and a
// World of this package. Failures are caused by the simulator where possible (one-shot scenarios by the admin API, webhooks sent again), else
// by the gateway (a lost webhook, a lost acknowledgement), else by a request that the certifier forges. The result is an
// evidence.Run of the kind "certify": a feature for each capability, a scenario for each check and flow, so that every report of
// the harness can print it; grades summarize it.
//
// Nothing sleeps: advancing the simulator's clock sends webhooks before it answers. A merchant that books after it acknowledged
// is probed a bounded number of times, and every order is read once more at the end of the run, so that a late second credit is
// found too.
package certify
