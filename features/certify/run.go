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
	"mozartosim/features/runner"
	"mozartosim/features/steps"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
	"mozartosim/simulator/clock"
)

// Run certifies a merchant. The error says why it could not be done; what was seen until then is returned with it. However it
// ends, the company of a simulator that runs already is afterwards as it was before.
func Run(ctx context.Context, config *Config, options Options) (run *evidence.Run, err error) {
	contract, err := observed.Contract(options.Observed)
	if err != nil {
		return nil, err
	}
	s, err := newSession(config, options, contract)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.gateway.Close()); s.client.CloseIdleConnections() }()
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	began := s.wall()
	if err := s.preflight(ctx); err != nil {
		return nil, err
	}
	if err = s.makeChecks(ctx); err == nil && len(s.runs) == 0 {
		return nil, fmt.Errorf("no check of %s applies to a flow of the configuration", strings.Join(options.Capabilities, ", "))
	}
	for _, r := range s.runs {
		if err == nil {
			r.stillTrue(ctx)
			err = errors.Join(s.fatal, ctx.Err())
		}
	}
	run = &evidence.Run{
		Version: evidence.Version, Tool: options.Version, Kind: "certify", Target: config.Merchant.Name, BaseURL: s.public,
		Contract: contract.Version(), Started: began, Took: evidence.Span(s.wall().Sub(began)), Stopped: err != nil, Features: s.features(),
	}
	run.Grades = grades(run, s.checks)
	run.Mask(s.masker.Text)
	return run, err
}

func newSession(config *Config, options Options, contract *openapi.Contract) (*session, error) {
	for _, name := range options.Capabilities {
		if known := Capabilities(); !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no capability %q; there are %s%s", name, strings.Join(known, ", "), openapi.DidYouMean(name, known))
		}
	}
	s := &session{
		config: config, options: options, wall: options.Wall, logf: options.Logf, client: newClient(options.guarded()),
		masker: &evidence.Masker{}, public: config.Simulator.URL, stop: make(chan struct{}),
	}
	s.target = &target.Target{Environment: &steps.Environment{Contract: contract, Masker: s.masker, Patience: longest}}
	s.control = newClient(evidence.Recording(unguarded(), clock.Wall, s.keepControl))
	s.masker.Hide(config.Merchant.Webhook.Secret)
	if s.wall == nil {
		s.wall = clock.Wall
	}
	if s.logf == nil {
		s.logf = func(string, ...any) {}
	}
	for _, f := range config.Flows {
		s.flows = append(s.flows, newFlow(f, contract))
	}
	if slices.ContainsFunc(s.flows, (*flow).webhooks) && config.Merchant.Webhook.URL == "" {
		return nil, errors.New("merchant.webhook.url is missing: a flow that is tested has webhooks")
	}
	var unique [4]byte
	if _, err := rand.Read(unique[:]); err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	s.id = hex.EncodeToString(unique[:])
	var err error
	if s.checks, err = Checks(); err != nil {
		return nil, err
	}
	s.gateway, err = newGateway(config, s.wall, newClient(options.guarded()))
	return s, err
}

// preflight makes sure that the merchant answers at all: the probe must be able to say that there is no such order.
func (s *session) preflight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.Limits.Call)
	defer cancel()
	values := map[string]string{"reference": s.reference(), "order": "0", "transactionId": strings.Repeat("0", 24)}
	_, made, err := s.config.Merchant.Probe.read(ctx, s.client, values)
	if err != nil && made.Answer.Status == 0 {
		return fmt.Errorf("%s can't be reached: %w", s.config.Merchant.Name, err)
	}
	return nil // the checks judge a wrong answer
}

// makeChecks makes the checks, flow by flow: those of the last capability judge the webhooks of all others of their flow.
func (s *session) makeChecks(ctx context.Context) error {
	checks := map[string]Check{}
	for _, c := range s.checks {
		checks["@"+c.ID] = c
	}
	vocabulary, err := vocabulary(s.config)
	for i, f := range s.flows {
		tags := expression(s.checks, s.options.Capabilities, f, s.flows[:i])
		if err != nil || s.fatal != nil || tags == "" {
			continue
		}
		_, err = runner.Run(ctx, runner.Config{
			Features: files, Tags: tags, Target: s.target, Parallel: 1, Vocabulary: vocabulary, Live: s.live, Stop: s.stop,
			World: func(scenario *evidence.Scenario, _ string) runner.World {
				return s.newCheckRun(f, checks[scenario.Tags[0]], scenario)
			},
		})
	}
	return errors.Join(s.fatal, err)
}

// live passes on a check that has ended, but not one that the end of the run left out.
func (s *session) live(of evidence.Feature, scenario evidence.Scenario) {
	if s.options.Scenario != nil && scenario.Tries > 0 {
		s.options.Scenario(evidence.Feature{Name: of.Name, Capability: of.Name}, scenario)
	}
}

// features makes a feature of each capability.
func (s *session) features() []evidence.Feature {
	var all []evidence.Feature
	for _, capability := range Capabilities() {
		f := evidence.Feature{
			URI: "certify/" + strings.ReplaceAll(capability, " ", "-"), Name: capability, Line: 1, Capability: capability,
		}
		for _, r := range s.runs {
			if r.check.Capability == capability {
				r.scenario.Line = len(f.Scenarios) + 1
				f.Scenarios = append(f.Scenarios, *r.scenario)
			}
		}
		if len(f.Scenarios) > 0 {
			all = append(all, f)
		}
	}
	return all
}
