// Package scheduler runs scheduled jobs: claim, run, advance.
//
// A job waits in the journal for its time on the company's clock. On a real or scaled clock the company's worker (Work) claims
// and runs what is due. On a manual clock nothing happens until Advance moves it: it runs every job on the way, in (time,
// sequence) order, webhooks included, before it returns.
//
//	pending ──claim──▶ claimed ──run, in one append with its effect──▶ gone
//	   ▲                  │
//	   └──────release─────┘ (it failed, or the simulator stops)
package scheduler
