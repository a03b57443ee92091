// Package certify runs a merchant's own system through the paces and grades it.
//
// The merchant's system is a black box with three openings: a way to start a payment, a webhook URL, and a probe that reads
// an order's status and how much of it was credited. The certifier stands on both sides of it:
//
//	start hook ─▶ merchant ─▶ Cashier API of a simulator on a manual clock
//	                 ▲                      │ webhooks
//	  probe ─────────┤                      ▼
//	                 └──────────────── gateway (records, times, loses, forges)
//
// Each Check is a story of its own about one order: what is made to happen, what must be true of the order then, and what
// to do about it when it is not. Misbehaviour is the simulator's own wherever it can be (one-shot scenarios by the admin
// API, resent webhooks), else the gateway's (a lost webhook, a lost acknowledgement), else a request that the certifier
// forges. What came of it is an evidence.Run of the kind "certify": a feature for each capability, a scenario for each
// check and flow, so that every report of the harness can print it; Grades sum it up.
//
// Nothing sleeps: advancing the simulator's clock carries webhooks out before it answers. What a merchant books behind its
// acknowledgement is read by a bounded number of probes, and every order is read once more at the very end, so that a late
// second credit is found too.
package certify
