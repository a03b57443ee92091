package certify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/simtest"
)

// target is the simulator of a run, the company that is used, and how it was before.
type target struct {
	public  string // the Cashier API
	client  *http.Client
	company *adminapi.CompanyClient
	own     *simtest.Sim // the one in this process; nil for one that was running

	clock          *adminapi.Clock
	configurations map[string]fields // of PSPs
	observe        func(evidence.Exchange)
}

// open starts the simulator, or takes over the one that runs: its clock becomes manual, and the webhooks of the flows' PSPs go
// to the gateway. What it returns is closed even if there is an error.
func (c *certifier) open(ctx context.Context) (*target, error) {
	t := &target{configurations: map[string]fields{}, client: newClient(), public: c.config.Simulator.URL}
	t.client.Transport = &observer{t.client.Transport, t}
	admin, token := c.config.Simulator.Admin, c.options.AdminToken
	if t.public == "" {
		var err error
		if t.own, err = c.startSimulator(); err != nil {
			return t, fmt.Errorf("simulator: %w", err)
		}
		t.public, admin, token = t.own.URL, t.own.AdminURL, t.own.Simulator.AdminToken()
	}
	api := adminapi.New(admin, token, adminapi.WithHTTPClient(t.client))
	name := c.config.Simulator.Company
	if name == "" {
		list, err := api.Companies(ctx, adminapi.Page{Limit: 1}, adminapi.Masked)
		if err != nil {
			return t, err
		}
		if len(list.Companies) == 0 {
			return t, fmt.Errorf("the simulator at %s has no company", admin)
		}
		name = list.Companies[0].Name
	}
	t.company = api.Company(name)
	c.logf("the Cashier API is at %s, the company is %s", t.public, name)
	if err := c.takeOver(ctx, t); err != nil {
		return t, fmt.Errorf("company %s: %w", name, err)
	}
	return t, nil
}

// startSimulator starts a simulator in this process.
func (c *certifier) startSimulator() (*simtest.Sim, error) {
	config := simulator.Default()
	config.PublicAddr, config.AdminAddr = c.config.Simulator.Listen, "127.0.0.1:0"
	config.ConfigFile, config.Clock, config.Log, config.Version = c.config.Simulator.Config, clock.Manual, c.options.Log, c.options.Version
	config.WebhookTimeout = c.gateway.limit + time.Second // the gateway judges the merchant, and must time out first
	config.WebhookAuthorization = c.config.Merchant.Webhook.Authorization
	return simtest.Open(config)
}

func (c *certifier) takeOver(ctx context.Context, t *target) error {
	before, err := t.company.Clock(ctx)
	if err != nil {
		return err
	}
	t.clock = &before
	if err := t.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)}); err != nil {
		return err
	}
	for _, f := range c.flows {
		if t.configurations[f.PSP] != nil {
			continue
		}
		shown, err := t.company.BackOffice().PSP(ctx, f.PSP, adminapi.Revealed)
		if err != nil {
			return err
		}
		t.configurations[f.PSP] = shown.Configuration
		if _, err := t.company.BackOffice().PutPSP(ctx, f.PSP, c.configuration(f, shown.Configuration)); err != nil {
			return err
		}
	}
	return nil
}

// configuration sends a PSP's webhooks to the gateway, with the merchant's secret and the default retries.
func (c *certifier) configuration(f *flow, before fields) fields {
	configuration := maps.Clone(before)
	if c.config.Merchant.Site != "" && f.hasSite {
		configuration["siteUrl"] = c.config.Merchant.Site
	}
	if f.webhooks() {
		configuration["webhookUrl"] = c.gateway.url
		delete(configuration, "retrySchedule")
		delete(configuration, "webhookSecret")
		configuration["isWebhookSecured"] = c.config.Merchant.Webhook.Secret != ""
		if secret := c.config.Merchant.Webhook.Secret; secret != "" {
			configuration["webhookSecret"] = secret
		}
	}
	return configuration
}

// close restores what was changed, or stops the simulator of this process.
func (t *target) close() (err error) {
	defer t.client.CloseIdleConnections()
	if t.own != nil {
		t.client.CloseIdleConnections()
		return t.own.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, psp := range slices.Sorted(maps.Keys(t.configurations)) {
		_, failed := t.company.BackOffice().PutPSP(ctx, psp, t.configurations[psp])
		err = errors.Join(err, failed)
	}
	if t.clock != nil {
		before := adminapi.ClockInput{Mode: t.clock.Mode}
		if before.Mode == "scaled" { // only a scaled clock has a factor
			before.Factor = t.clock.Factor
		}
		err = errors.Join(err, t.setClock(ctx, before))
	}
	return err
}

func (t *target) setClock(ctx context.Context, in adminapi.ClockInput) error {
	_, err := t.company.SetClock(ctx, in)
	return fatal(err)
}

// advance moves the clock and sends the webhooks on the way.
func (r *checkRun) advance(how adminapi.AdvanceInput) error {
	_, err := r.company.Advance(r.ctx, how)
	return fatal(err)
}

// newest returns the newest payments of a flow's provider and type, the newest first.
func (t *target) newest(ctx context.Context, f *flow, most int) ([]adminapi.PaymentSummary, error) {
	list, err := t.company.Payments(ctx, adminapi.PaymentQuery{Page: adminapi.Page{Limit: most}, PSP: f.PSP, Type: f.Type})
	return list.Payments, fatal(err)
}

// override lets a scenario decide the flow's next payment. An older override that still waits, because no call came, would
// decide it instead: then the company is reset, and its clock made manual again.
func (t *target) override(ctx context.Context, s scenario) error {
	in := adminapi.OverrideInput{Scenario: s}
	put, err := t.company.Scenarios().Override(ctx, in)
	if err != nil || put.Waiting == 1 {
		return fatal(err)
	}
	if _, err := t.company.Reset(ctx); err != nil {
		return fatal(err)
	}
	if err := t.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)}); err != nil {
		return err
	}
	_, err = t.company.Scenarios().Override(ctx, in)
	return fatal(err)
}

// observer records the calls of the admin API.
type observer struct {
	http.RoundTripper
	target *target
}

func (o *observer) RoundTrip(request *http.Request) (*http.Response, error) {
	var in []byte
	if request.Body != nil {
		var err error
		if in, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(in))
	}
	answer, err := o.RoundTripper.RoundTrip(request)
	if err == nil && o.target.observe != nil {
		o.target.observe(evidence.Exchange{
			Label: "control", Control: true, Answer: evidence.Message{Status: answer.StatusCode},
			Request: evidence.Message{Method: request.Method, Path: request.URL.RequestURI(), Body: string(in)},
		})
	}
	return answer, err
}
