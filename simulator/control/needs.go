package control

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/snapshot"
)

// Config is what the admin API stands on. Fields are required unless their comment says otherwise.
type Config struct {
	Reader       backoffice.Reader     // makes companies of bodies; its contracts are the ones that are served
	Companies    *backoffice.Directory // the first is the demo company
	Configured   []*backoffice.Company // what a reset of everything restores: usually Companies.List() at the start
	Runtimes     *company.Runtimes     // their clocks, scenarios, outages and inboxes, to be read only
	Decisions    Decisions
	Deliveries   Deliveries
	Scheduler    Scheduler
	Settings     Settings
	Queries      Queries
	Requests     Requests
	Snapshots    Snapshots
	Version      string            // the simulator's
	Base         *listener.Base    // of the Cashier API and of hosted pages
	Metrics      http.Handler      // nil = there are none
	LimitReached func(code string) // is called for every refusal because a limit was reached; nil = not

	Token    string   // the admin token; "" = none is needed, and other sites' pages and unknown Hosts are refused instead
	Hosts    []string // names beside loopback ones by which the listener may be called when no token is needed
	Sessions Sessions // logins to the console, which may read without the token; nil = none

	Followers int // clients of /v1/events at a time; 0 = DefaultFollowers
	Log       *slog.Logger
}

// What control needs of the simulator, in small parts. Companies are named by id. Errors that implement Conflicts are answered
// with 409 and their own words, journal.ErrNotFound with 404.

// Decisions are what people decide about payments.
type Decisions interface {
	Decide(ctx context.Context, company, payment string, d adminapi.Decision) (*payment.Payment, error)
	Approve(ctx context.Context, company, payment string, approved bool, reason string) (*payment.Payment, error)
	// Possible returns what is legal next, and the attempts that may follow the scheduled ones; without jobs.
	Possible(ctx context.Context, company, payment string) (adminapi.PaymentNext, error)
}

// Deliveries sends webhooks again, or gives them up. It returns the payment.
type Deliveries interface {
	// Resend sends the same body when body is nil. id is that of the new delivery.
	Resend(ctx context.Context, company, delivery string, body *string) (p *payment.Payment, id string, err error)
	Cancel(ctx context.Context, company, delivery string) (*payment.Payment, error)
}

// Scheduler moves manual clocks.
type Scheduler interface {
	Advance(ctx context.Context, company string, a scheduler.Advance) ([]adminapi.CompletedJob, error)
}

// Settings changes what outlives the process.
type Settings interface {
	// Exclusive waits until no other call changes the settings of a company, or, with "", companies.
	Exclusive(ctx context.Context, company string) (done func(), err error)
	// SetClock waits until no other call moves the clock.
	SetClock(ctx context.Context, company string, mode clock.Mode, factor float64) error
	// ChangeScenarios may call change more than once.
	ChangeScenarios(ctx context.Context, company string, change func(*scenario.Set) error) error
	SetReplies(ctx context.Context, company string, replies []company.Reply) error
	StartOutage(ctx context.Context, company string, o scenario.Outage) error
	// EndOutage ends a provider's outage; ok is false when there is none.
	EndOutage(ctx context.Context, company, psp string) (ok bool, err error)
}

// Queries list and read what the journal holds, wait for what happens, verify it, and follow it. A wrong cursor is journal.ErrCursor.
type Queries interface {
	Payments(ctx context.Context, company string, by adminapi.PaymentQuery) (adminapi.PaymentList, error)
	Payment(ctx context.Context, company, id string) (adminapi.Payment, error)
	Clock(ctx context.Context, company string) (adminapi.Clock, error)
	// Jobs returns the next jobs of a payment, or of all when it is "", claimed ones too.
	Jobs(ctx context.Context, company, payment string, limit int) ([]adminapi.Job, error)
	Deliveries(ctx context.Context, company string, by adminapi.DeliveryQuery) (adminapi.DeliveryList, error)
	Delivery(ctx context.Context, company, delivery string) (adminapi.Delivery, error)
	Received(ctx context.Context, company string, page adminapi.Page) (adminapi.ReceivedList, error)
	// Wait waits so long in real time; a wrong condition is *openapi.Invalid, as for Verify.
	Wait(ctx context.Context, company, condition string, limit time.Duration) (adminapi.WaitResult, error)
	Verify(ctx context.Context, company string, e adminapi.Expectation) (adminapi.VerifyResult, error)
	// Follow hands over events until ctx ends or each fails; see query.Queries.Follow.
	Follow(ctx context.Context, company string, after int64, beat time.Duration, each func([]journal.Event) error) error
}

// Requests reads the calls of the public listener; company "" is those that reached none.
type Requests interface {
	Search(ctx context.Context, company string, by adminapi.RequestQuery) (adminapi.RequestList, error)
	Get(ctx context.Context, company, id string) (adminapi.Request, error)
	// Archive returns them as an HTTP archive.
	Archive(ctx context.Context, company string, by adminapi.RequestQuery) (json.RawMessage, error)
	// Follow hands over calls until ctx ends or each fails; see requestlog.Log.Follow.
	Follow(ctx context.Context, company string, after int64, beat time.Duration, each func([]journal.Event) error) error
	Forget(ctx context.Context, company string) error
}

// Snapshots take copies of companies, put them back, and reset companies.
type Snapshots interface {
	// Snapshot returns a document that the caller closes.
	Snapshot(ctx context.Context, company string) (*snapshot.Spool, error)
	// Restore puts a snapshot's text in the place of everything; a text that is not valid is *openapi.Invalid.
	Restore(ctx context.Context, company string, text io.Reader) (adminapi.RestoreResult, error)
	// Reset drops the payments of a company and what was set while it ran, and returns how many payments there were. The company
	// itself may be deleted already. Its clock stands again as it did at the start, unless keepClock.
	Reset(ctx context.Context, company string, keepClock bool) (dropped int, err error)
}

// Sessions are the logins to the console.
type Sessions interface {
	// Known says whether a request carries the cookie of a login that has not ended.
	Known(r *http.Request) bool
}
