package certify

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
	"mozartosim/simulator/clock"
)

// certifier is one run.
type certifier struct {
	*session
	options Options
	flows   []*flow
	runs    []*checkRun
}

// Run certifies a merchant. The error says why it could not be done; what was seen until then is returned with it. However it
// ends, the company of a simulator that runs already is afterwards as it was before.
func Run(ctx context.Context, config *Config, options Options) (run *evidence.Run, err error) {
	contract, err := observed.Contract(options.Observed)
	if err != nil {
		return nil, err
	}
	c, err := newCertifier(config, options, contract)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.gateway.Close()); c.client.CloseIdleConnections() }()
	c.environment = &environment{client: newClient(unguarded()), public: config.Simulator.URL}
	defer func() { err = errors.Join(err, c.environment.close(context.WithoutCancel(ctx))) }()
	if err := c.environment.open(ctx, c.session, options, c.flows); err != nil {
		return nil, err
	}
	began := c.wall()
	if err := c.preflight(ctx); err != nil {
		return nil, err
	}
	c.makeChecks(ctx)
	for _, r := range c.runs {
		if c.fatal == nil {
			r.stillTrue(ctx)
		}
	}
	run = &evidence.Run{
		Version: evidence.Version, Tool: options.Version, Kind: "certify", Target: config.Merchant.Name, BaseURL: c.public,
		Contract: contract.Version(), Started: began, Took: evidence.Span(c.wall().Sub(began)), Features: c.features(),
	}
	run.Grades = grades(run)
	run.Mask(c.masker.Text)
	return run, c.fatal
}

func newCertifier(config *Config, options Options, contract *openapi.Contract) (*certifier, error) {
	for _, name := range options.Capabilities {
		if known := Capabilities(); !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no capability %q; there are %s%s", name, strings.Join(known, ", "), openapi.DidYouMean(name, known))
		}
	}
	c := &certifier{options: options, session: &session{
		config: config, wall: options.Wall, logf: options.Logf, client: newClient(options.guarded()), masker: &evidence.Masker{},
	}}
	c.masker.Hide(config.Merchant.Webhook.Secret)
	if c.wall == nil {
		c.wall = clock.Wall
	}
	if c.logf == nil {
		c.logf = func(string, ...any) {}
	}
	for _, f := range config.Flows {
		c.flows = append(c.flows, newFlow(f, contract))
	}
	if slices.ContainsFunc(c.flows, (*flow).webhooks) && config.Merchant.Webhook.URL == "" {
		return nil, errors.New("merchant.webhook.url is missing: a flow that is tested has webhooks")
	}
	var unique [4]byte
	if _, err := rand.Read(unique[:]); err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	c.id = hex.EncodeToString(unique[:])
	var err error
	c.gateway, err = newGateway(config, c.wall, newClient(options.guarded()))
	return c, err
}

// preflight makes sure that the merchant answers at all: the probe must be able to say that there is no such order.
func (c *certifier) preflight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Limits.Call)
	defer cancel()
	values := map[string]string{"reference": c.reference(), "order": "0", "transactionId": strings.Repeat("0", 24)}
	_, made, err := c.config.Merchant.Probe.read(ctx, c.client, values)
	if err != nil && made.Answer.Status == 0 {
		return fmt.Errorf("%s can't be reached: %w", c.config.Merchant.Name, err)
	}
	return nil // the checks judge a wrong answer
}

// makeChecks makes all checks, flow by flow.
func (c *certifier) makeChecks(ctx context.Context) {
	done := map[string]bool{}
	for _, f := range c.flows {
		for _, check := range Checks() {
			selected := len(c.options.Capabilities) == 0 || slices.Contains(c.options.Capabilities, check.Capability)
			if !selected || !check.appliesTo(f) || check.once && done[check.ID] {
				continue
			}
			done[check.ID] = true
			r := c.makeCheck(ctx, f, check)
			c.runs = append(c.runs, r)
			if c.options.Scenario != nil {
				c.options.Scenario(evidence.Feature{Name: check.Capability, Capability: check.Capability}, r.scenario)
			}
			if c.fatal != nil || ctx.Err() != nil {
				c.fatal = errors.Join(c.fatal, ctx.Err())
				return
			}
		}
	}
}

// features makes a feature of each capability.
func (c *certifier) features() []evidence.Feature {
	var all []evidence.Feature
	for _, capability := range Capabilities() {
		f := evidence.Feature{
			URI: "certify/" + strings.ReplaceAll(capability, " ", "-"), Name: capability, Line: 1, Capability: capability,
		}
		for _, r := range c.runs {
			if r.check.Capability == capability {
				r.scenario.Line = len(f.Scenarios) + 1
				f.Scenarios = append(f.Scenarios, r.scenario)
			}
		}
		if len(f.Scenarios) > 0 {
			all = append(all, f)
		}
	}
	return all
}
