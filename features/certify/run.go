package certify

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
)

// Options are what a run can be told beside its configuration.
type Options struct {
	Capabilities []string                                  // empty = all of them
	AdminToken   string                                    // of a simulator that runs already
	Say          func(format string, args ...any)          // tells people what is waited for; nil = nobody
	Scenario     func(evidence.Feature, evidence.Scenario) // called as each check ends; nil = not
	Wall         func() time.Time                          // for measured times; nil = the machine's clock
	Log          *slog.Logger                              // of the simulator in this process; nil = none
	Version      string
}

// certifier is one run.
type certifier struct {
	config  *Config
	options Options
	control *control
	gateway *gateway
	client  *http.Client // to the merchant
	wall    func() time.Time
	public  string // the simulator's Cashier API

	flows    []*flow
	features []evidence.Feature // one for each capability
	trials   []*trial
	made     int           // payments' references so far
	run      string        // part of them
	booking  time.Duration // how long behind its acknowledgement the merchant has been seen to book
	patience time.Duration // that a call of the hook gets on top
	fatal    error         // why the run can't go on
}

// Run certifies a merchant. The error says why it could not be done; what was seen so far is returned all the same.
func Run(ctx context.Context, config *Config, options Options) (run *evidence.Run, err error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	c, err := newCertifier(config, options, contract)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.gateway.Close()); c.client.CloseIdleConnections() }()
	stage, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stage.leave()) }()
	began := c.wall()
	if err := c.preflight(ctx); err != nil {
		return nil, err
	}
	c.try(ctx)
	c.readAgain(ctx)
	run = &evidence.Run{
		Version: evidence.Version, Tool: options.Version, Kind: "certify", Target: config.Merchant.Name, BaseURL: c.public,
		Contract: contract.Version(), Started: began, Took: evidence.Span(c.wall().Sub(began)), Features: c.assemble(),
	}
	run.Grades = grades(run)
	run.Mask((&steps.Masker{}).Text)
	return run, c.fatal
}

func newCertifier(config *Config, options Options, contract *openapi.Contract) (*certifier, error) {
	for _, name := range options.Capabilities {
		if !slices.Contains(capabilities(), name) {
			return nil, fmt.Errorf("there is no capability %q; there are %s", name, strings.Join(capabilities(), ", "))
		}
	}
	if options.Wall == nil {
		options.Wall = clock.Wall
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	c := &certifier{config: config, options: options, wall: options.Wall, client: newClient(0)}
	for _, f := range config.Flows {
		c.flows = append(c.flows, newFlow(f, contract))
	}
	if slices.ContainsFunc(c.flows, hasWebhooks) && config.Merchant.Webhook.URL == "" {
		return nil, errors.New("merchant.webhook.url is missing: a flow that is tested has webhooks")
	}
	var unique [4]byte
	if _, err := rand.Read(unique[:]); err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	c.run = hex.EncodeToString(unique[:])
	var err error
	c.gateway, err = newGateway(config, c.wall)
	return c, err
}

func (c *certifier) say(format string, args ...any) {
	if c.options.Say != nil {
		c.options.Say(format, args...)
	}
}

// preflight makes sure that the merchant is there at all: an order that nobody knows must be readable as such.
func (c *certifier) preflight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Limits.Call)
	defer cancel()
	values := map[string]string{"reference": c.reference(), "order": "0", "transactionId": strings.Repeat("0", 24)}
	_, made, err := c.config.Merchant.Probe.read(ctx, c.client, values)
	if err != nil && made.status == 0 {
		return fmt.Errorf("%s can't be reached: %w", c.config.Merchant.Name, err)
	}
	return nil // a strange answer is for the checks to judge
}

// reference draws the next payment's.
func (c *certifier) reference() string {
	c.made++
	return fmt.Sprintf("cert-%s-%d", c.run, c.made)
}

func (c *certifier) chosen(capability string) bool {
	return len(c.options.Capabilities) == 0 || slices.Contains(c.options.Capabilities, capability)
}

// try makes all checks, flow by flow.
func (c *certifier) try(ctx context.Context) {
	done := map[string]bool{}
	for _, f := range c.flows {
		for _, check := range checks() {
			fits := check.fits
			if fits == nil {
				fits = hasWebhooks
			}
			if !c.chosen(check.capability) || !fits(f) || check.once && done[check.id] {
				continue
			}
			done[check.id] = true
			c.one(ctx, f, check)
			if c.fatal != nil || ctx.Err() != nil {
				c.fatal = errors.Join(c.fatal, ctx.Err())
				return
			}
		}
	}
}

// one makes a check.
func (c *certifier) one(ctx context.Context, f *flow, check check) {
	t := &trial{certifier: c, ctx: ctx, check: check, flow: f, began: c.wall(), reference: c.reference()}
	t.order = t.reference
	t.scenario = evidence.Scenario{
		ID: check.id + "/" + strings.ReplaceAll(f.short(), " ", "-"), Name: fmt.Sprintf("%s: %s (%s)", check.id, check.name, f.short()),
		PSP: f.PSP, Flow: strings.ToLower(f.Type), Tags: []string{"@" + check.id, "@psp:" + f.PSP, "@flow:" + strings.ToLower(f.Type)},
		Status: evidence.Passed, Tries: 1,
	}
	c.control.observe = t.observe
	check.run(t)
	c.control.observe = nil
	if err := t.tidy(); err != nil && c.fatal == nil {
		c.fatal = err
	}
	t.scenario.Took = evidence.Span(c.wall().Sub(t.began))
	c.trials = append(c.trials, t)
	if c.options.Scenario != nil {
		c.options.Scenario(evidence.Feature{Name: check.capability, Capability: check.capability}, t.scenario)
	}
}

// readAgain reads every order once more at the very end: what is credited behind a check's back is found here.
func (c *certifier) readAgain(ctx context.Context) {
	if c.fatal != nil {
		return
	}
	for _, t := range c.trials {
		if t.over || t.final == unjudged {
			continue
		}
		t.ctx = ctx
		text := "at the end of the run the order is still credited once"
		if t.final == isNotCredited {
			text = "at the end of the run still nothing is credited"
		}
		t.step("And", text, func() (string, error) {
			seen, err := t.look()
			switch {
			case err != nil:
				return "", err
			case t.final == isCredited && !t.isCredited(seen), t.final == isNotCredited && !t.untouched(seen):
				return seen.String(), fmt.Errorf("it has changed behind the check's back: %s", seen)
			}
			return seen.String(), nil
		})
	}
}

// assemble makes a feature of each capability.
func (c *certifier) assemble() []evidence.Feature {
	var all []evidence.Feature
	for _, capability := range capabilities() {
		f := evidence.Feature{
			URI: "certify/" + strings.ReplaceAll(capability, " ", "-"), Name: capability, Line: 1, Capability: capability,
		}
		for _, t := range c.trials {
			if t.check.capability == capability {
				t.scenario.Line = len(f.Scenarios) + 1
				f.Scenarios = append(f.Scenarios, t.scenario)
			}
		}
		if len(f.Scenarios) > 0 {
			all = append(all, f)
		}
	}
	return all
}

func webhookOf(f *flow, a ack) evidence.Webhook {
	return evidence.Webhook{
		Label: "start", N: 1, PSP: f.PSP, Type: f.Type, Headers: maskedHeaders(a.header), Body: a.body,
		Answered: a.status, Took: evidence.Span(a.took), Error: a.err,
	}
}
