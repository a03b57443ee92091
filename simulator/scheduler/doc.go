// Package scheduler runs scheduled jobs: claim, run, advance.
//
// A job waits in the journal for its time on the company's clock. On a real or scaled clock the company's worker (Work) claims
// and runs what is due. On a manual clock nothing happens until Advance moves it: it runs every job on the way, in (time,
// sequence) order, webhooks included, before it returns. RunDue, for a webhook that goes before the call's answer, runs what is due of
// that payment on any clock.
//
//	pending ──claim──▶ claimed ──run, in one append with its effect──▶ done
//	   ▲                  │ │
//	   │                  │ └─ sent, but not recorded: recorded later, with back-off
//	   └─release, lapse───┘ it failed, the simulator stops, or nobody renewed its lease
//
// claims.go knows which jobs this process has in hand; their leases are renewed. Whatever call of the journal fails, a job is
// pending again, or recorded, sooner or later: faults_test.go lets each of them fail.
package scheduler
