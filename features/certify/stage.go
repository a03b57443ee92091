package certify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/clock"
)

// stage is the simulator of a run: what was changed of it, and how that is undone.
type stage struct {
	control *control
	mode    *clockState               // what the clock was, for one that ran already
	psps    map[string]map[string]any // what the configurations were
	stop    func() error              // ends the one in this process
}

// enter starts the simulator, or takes over the one that runs: its clock stands still, and the webhooks of the flows' PSPs
// go to the gateway.
func (c *certifier) enter(ctx context.Context) (*stage, error) {
	s := &stage{control: &control{client: newClient(0)}, psps: map[string]map[string]any{}}
	c.control = s.control
	where := c.config.Simulator
	s.control.url, s.control.token, c.public = where.Admin, c.options.AdminToken, where.URL
	if where.URL == "" {
		if err := c.boot(s); err != nil {
			return nil, err
		}
	}
	if err := c.takeOver(ctx, s); err != nil {
		return nil, errors.Join(err, s.leave())
	}
	return s, nil
}

// boot starts a simulator in this process.
func (c *certifier) boot(s *stage) error {
	config := simulator.Default()
	config.PublicAddr, config.AdminAddr = c.config.Simulator.Listen, "127.0.0.1:0"
	config.ConfigFile, config.Clock, config.Log, config.Version = c.config.Simulator.Config, clock.Manual, c.options.Log, c.options.Version
	config.WebhookTimeout = c.gateway.limit + time.Second // the gateway judges the merchant, and must have the last word
	config.WebhookAuthorization = c.config.Merchant.Webhook.Authorization
	sim, err := simulator.New(config)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sim.Run(ctx) }()
	s.stop = func() error {
		cancel()
		return <-done
	}
	s.control.url, s.control.token, c.public = sim.AdminURL(), sim.AdminToken(), sim.PublicURL()
	return nil
}

func (c *certifier) takeOver(ctx context.Context, s *stage) (err error) {
	if s.control.company = c.config.Simulator.Company; s.control.company == "" {
		if s.control.company, err = s.control.first(ctx); err != nil {
			return err
		}
	}
	c.say("the Cashier API is at %s, the company is %s", c.public, s.control.company)
	was, err := s.control.clock(ctx)
	if err != nil {
		return err
	}
	s.mode = &was
	if err := s.control.setClock(ctx, clockState{Mode: string(clock.Manual)}); err != nil {
		return err
	}
	for _, f := range c.flows {
		if s.psps[f.PSP] != nil {
			continue
		}
		if err := c.configure(ctx, s, f); err != nil {
			return err
		}
	}
	return nil
}

// configure sends a PSP's webhooks to the gateway, with the merchant's secret and the usual retries.
func (c *certifier) configure(ctx context.Context, s *stage, f *flow) error {
	was, err := s.control.psp(ctx, f.PSP)
	if err != nil {
		return fmt.Errorf("company %s: %w", s.control.company, err)
	}
	s.psps[f.PSP] = was
	now := maps.Clone(was)
	if c.config.Merchant.Site != "" && f.hasSite {
		now["siteUrl"] = c.config.Merchant.Site
	}
	if f.webhooks() {
		now["webhookUrl"] = c.gateway.url
		delete(now, "retrySchedule")
		delete(now, "webhookSecret")
		now["isWebhookSecured"] = c.config.Merchant.Webhook.Secret != ""
		if secret := c.config.Merchant.Webhook.Secret; secret != "" {
			now["webhookSecret"] = secret
		}
	}
	return s.control.setPSP(ctx, f.PSP, now)
}

// leave puts everything back, or ends the simulator of this process.
func (s *stage) leave() (err error) {
	defer s.control.client.CloseIdleConnections()
	if s.stop != nil {
		s.control.client.CloseIdleConnections()
		return s.stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, psp := range slices.Sorted(maps.Keys(s.psps)) {
		err = errors.Join(err, s.control.setPSP(ctx, psp, s.psps[psp]))
	}
	if s.mode != nil {
		err = errors.Join(err, s.control.setClock(ctx, *s.mode))
	}
	return err
}
