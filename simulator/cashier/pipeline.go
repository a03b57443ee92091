package cashier

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/metrics"
	"mozartosim/simulator/observed"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/refusal"
	"mozartosim/simulator/requestlog"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/tracing"
)

// Config is what a Pipeline works with.
type Config struct {
	Contract  *openapi.Contract
	Observed  *observed.Observations
	Directory *backoffice.Directory
	Runtimes  *company.Runtimes
	Settings  *company.Settings
	Identity  *identity.Authenticator
	Rules     provider.Common
	Providers map[string]*provider.Provider // by code
	TestData  *scenario.TestData
	Payments  *payments.Store
	Originals *company.Originals
	Journal   journal.Journal // numbers payments
	Outcomes  Outcomes
	Jobs      Jobs
	Metrics   *metrics.Metrics
	Log       *slog.Logger

	StoreTimeout    time.Duration // how long the journal may take to number a payment, and to write it; 0 = any time
	ValidateAnswers bool          // check every answer against the contract before it leaves
	Trace           bool          // log every call's stages
}

// Outcomes schedules what follows a call. redirected says that the answer leads to a hosted page.
type Outcomes interface {
	Follow(tx *payments.Tx, redirected bool) error
}

// Jobs are a payment's scheduled jobs.
type Jobs interface {
	// Holds says whether a call's jobs are to be held in the journal until its answer has been written.
	Holds(rt *company.Runtime) bool
	ReleaseHeld(ctx context.Context, company, payment string) error
	// RunDue runs what is due of one payment now, up to its first webhook.
	RunDue(ctx context.Context, company, payment string) error
}

// Pipeline takes calls through the stages. Package api serves it.
type Pipeline struct {
	Config
	stages []stage
	timers timers
}

// Call is one call of the Cashier API as it came in, its body decoded.
type Call struct {
	Authorization     string
	UserToken         string
	UserAuthorization string
	UserAgent         string
	Scenario          string           // the header Mozartosim-Scenario
	PublicURL         string           // by which the caller reached us: the base of hosted pages
	Kept              *requestlog.Call // what the log of calls keeps of it; the stages add to it
	Span              *tracing.Span
	Body              openapi.Document
}

// Answer is what the caller gets, and how it goes wrong where a scenario says so. Beside an error it has Clock, once the company is
// known.
type Answer struct {
	Status int
	Body   []byte
	Header http.Header // besides Content-Type, or instead of it, without values = left out; only a scripted or an observed answer has any

	Delay   time.Duration // before the answer, on Clock
	Clock   *clock.Clock
	Fault   scenario.Fault
	Rate    int    // bytes per second of the fault slow
	Written func() // called when the answer has been written, or cut; nil = nothing waits for it

	refused observed.Refused // of a call that was refused
}

// stage is one step of a call.
type stage struct {
	name string
	do   func(ctx context.Context, c *call) error
}

// call is what the stages know of one call; each stage fills in its part and leaves the others' alone.
type call struct {
	request   *Call
	known     uint64              // the last of the settings on which the stages rely
	runtime   *company.Runtime    // identify
	company   *backoffice.Company // identify
	user      identity.User       // identify
	operation *openapi.Operation  // validate
	psp       backoffice.PSP      // route
	provider  *provider.Provider  // route
	flow      provider.Flow       // route
	asked     provider.Call       // judge; answer adds the payment's terms
	plan      scenario.Plan       // plan
	ordinal   uint64              // plan: the company's n-th payment
	answer    Answer              // answer
	refused   error               // answer: what the provider refused
	made      bool                // answer: there is a payment
	observed  []string            // answer: its fields that rest on observations
	rule      string              // judge: the provider's rule that is being checked
}

// New makes a pipeline.
func New(c Config) *Pipeline {
	p := &Pipeline{Config: c}
	p.stages = []stage{
		{"identify", p.identify}, {"validate", p.validate}, {"route", p.route}, {"judge", p.judge}, {"plan", p.plan}, {"answer", p.answer},
	}
	return p
}

// Cashier takes a call through the stages. The error is the typed error of the stage that refused the call.
//
// A call sees what other processes have put before it came. Whether they have put anything it asks when its payment is numbered, or
// when it is refused before, and begins again if they have.
func (p *Pipeline) Cashier(ctx context.Context, request *Call) (Answer, error) {
	c := &call{request: request, known: p.Settings.Known()}
	if request.UserAuthorization != "" && c.known != journal.AnyRev { // its merchant may be asked for the shopper, which is done once
		p.Settings.CatchUp(ctx)
		c.known = journal.AnyRev
	}
	timer := p.timers.start(p.Metrics, request.Span, p.Trace)
	defer timer.end()
	for i := 0; i < len(p.stages); i++ {
		stage := p.stages[i]
		if err := stage.do(ctx, c); err != nil {
			if p.outdated(ctx, c, err) {
				c, i = &call{request: request, known: journal.AnyRev}, -1
				timer.again()
				continue
			}
			timer.refused(stage.name, err)
			p.trace(ctx, c, timer, err)
			c.handled(stage.name, err)
			failed := Answer{refused: observed.Refused{Operation: c.operation, Rule: request.Kept.Rule, Payment: observed.Payment{ID: request.Kept.Payment}}}
			if c.runtime != nil {
				failed.Clock = c.runtime.Clock
			}
			return failed, err
		}
		timer.passed(stage.name, nil)
	}
	p.trace(ctx, c, timer, nil)
	c.handled("", nil)
	return c.answer, nil
}

// outdated says whether a call that has failed has met settings that others had changed before it came; those are applied now.
func (p *Pipeline) outdated(ctx context.Context, c *call, err error) bool {
	if c.known == journal.AnyRev || c.ordinal > 0 {
		return false
	}
	p.Settings.CatchUp(ctx)
	return errors.Is(err, journal.ErrOutdated) || p.Settings.Known() != c.known
}

// Refuse words why a call was refused: what failed is what Cashier returned, or the zero value for a call that it never saw.
// unexpected is true for an error that no stage declares.
func (p *Pipeline) Refuse(failed Answer, err error) (refused refusal.Answer, unexpected bool) {
	refused, unexpected = refusal.Explain(err)
	p.refuse(&refused, failed.refused)
	return refused, unexpected
}

// refuse changes a refusal to what was observed.
func (p *Pipeline) refuse(a *refusal.Answer, of observed.Refused) {
	if of.Case = a.Case; a.Error == "" {
		of.Payment.Now = cmp.Or(of.Payment.Now, clock.Wall())
		a.Status, a.Fields, a.Header = p.Observed.Refuse(of, a.Status, a.Fields)
	}
}

// Stored bounds a wait for the journal of a call, or of a hosted page.
func (p *Pipeline) Stored(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.StoreTimeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, p.StoreTimeout)
}

// ClockOf returns the clock of the company that a token names; a new one for an unknown token.
func (p *Pipeline) ClockOf(authorization string) *clock.Clock {
	account, err := p.Identity.Company(authorization)
	if err != nil {
		return p.Runtimes.NewClock()
	}
	return p.Runtimes.Get(account.ID).Clock
}

// identify finds the company by its token and the shopper by either user header. Two flows take x-user-token only, so the
// operation is looked up here already, before anything is refused; whether it is valid is the next stage's business.
func (p *Pipeline) identify(ctx context.Context, c *call) error {
	c.operation, _ = p.Contract.Select(c.request.Body)
	account, err := p.Identity.Company(c.request.Authorization)
	if err != nil {
		return err
	}
	found, ok := p.Directory.Get(account.ID)
	if !ok { // deleted between the two look-ups
		return identity.ErrUnauthorized
	}
	c.company, c.runtime = found, p.Runtimes.Get(found.ID)
	c.user, err = p.Identity.User(ctx, account, identity.Request{
		UserToken:         c.request.UserToken,
		UserAuthorization: c.request.UserAuthorization,
		UserID:            c.request.Body.Text("userId"),
		TokenOnly:         c.operation != nil && c.operation.UserToken == "required",
	})
	if !p.Directory.Has(found.ID) { // deleted while the merchant's server was asked for the user
		return identity.ErrUnauthorized
	}
	return err
}

// validate picks the contract's request by pspType and type, and checks the body against just that.
func (p *Pipeline) validate(_ context.Context, c *call) (err error) {
	if c.operation, err = p.Contract.Select(c.request.Body); err != nil {
		return err
	}
	return c.operation.Validate(c.request.Body)
}

// route follows the orchestration rule to the provider and its configuration.
func (p *Pipeline) route(_ context.Context, c *call) (err error) {
	if c.psp, err = c.company.Route(c.operation.PSP, c.request.Body.Text("brandId")); err != nil {
		return err
	}
	c.provider = p.Providers[c.operation.PSP]
	c.flow, _ = c.provider.Flow(c.operation.Type)
	return nil
}

// judge checks the named rules, those of every provider first.
func (p *Pipeline) judge(_ context.Context, c *call) error {
	amount, err := p.Rules.Check(c.request.Body)
	if err != nil {
		return err
	}
	c.asked = provider.Call{
		Contract: p.Contract, Operation: c.operation, Request: c.request.Body, PSP: c.psp, User: c.user, UserAgent: c.request.UserAgent,
		Amount: amount, PublicURL: c.request.PublicURL, Slug: c.provider.Slug,
	}
	for _, rule := range c.flow.Rules {
		if rule.Check == nil || len(p.Observed.Unenforced) > 0 && p.Observed.Unenforced[c.operation.Schema+"/"+rule.Name] {
			continue
		}
		c.rule = rule.Name
		if err := rule.Check(&c.asked); err != nil {
			return err
		}
	}
	return nil
}
