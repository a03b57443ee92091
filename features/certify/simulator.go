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
	"strings"
	"syscall"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/target"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
)

// environment is the simulator of a run, and the company that is used.
type environment struct {
	public  string // the Cashier API
	client  *http.Client
	api     *adminapi.Client
	company *adminapi.CompanyClient
	before  *adminapi.CompanyClient // the company's copy, which is as it was; nil when nothing is to be restored
	own     io.Closer               // the simulator of this process; nil for one that was running
	observe func(evidence.Exchange)
}

// open starts the simulator, or takes over the one that runs: its clock becomes manual, and the webhooks of the flows' PSPs go
// to the gateway. It is to be closed even if there is an error.
func (e *environment) open(ctx context.Context, s *session, options Options, flows []*flow) error {
	e.client.Transport = &observer{e.client.Transport, e}
	admin, token, name := s.config.Simulator.Admin, options.AdminToken, s.config.Simulator.Company
	if e.public == "" {
		sim, err := target.Host(target.Hosted{
			Listen: s.config.Simulator.Listen, Companies: s.config.Simulator.Config, Observed: options.Observed, Log: options.Log, Version: options.Version,
			WebhookTimeout:       s.gateway.limit + time.Second, // the gateway judges the merchant, and must time out first
			WebhookAuthorization: s.config.Merchant.Webhook.Authorization,
		})
		if err != nil {
			return startFailed(err)
		}
		e.own, e.public, admin, token = sim, sim.URL, sim.AdminURL, sim.Simulator.AdminToken()
	}
	e.api = adminapi.New(admin, token, adminapi.WithHTTPClient(e.client))
	if name == "" {
		list, err := e.api.Companies(ctx, adminapi.Page{}, adminapi.Masked)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list.Companies, func(c adminapi.Company) bool { return !strings.HasSuffix(c.Name, copySuffix) })
		if i < 0 {
			return fmt.Errorf("the simulator at %s has no company", admin)
		}
		name = list.Companies[i].Name
	}
	e.company = e.api.Company(name)
	s.logf("the Cashier API is at %s, the company is %s", e.public, name)
	if err := e.takeOver(ctx, name, s, flows); err != nil {
		return fmt.Errorf("company %s: %w", name, err)
	}
	return nil
}

// startFailed says why no simulator could be started in this process.
func startFailed(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("simulator: %w: set simulator.url and simulator.admin to use the simulator that runs there, or simulator.listen to another address", err)
	}
	return fmt.Errorf("simulator: %w", err)
}

// takeOver changes the company for the run. What is changed is first kept in a copy of the company, so that the next run can
// restore it when this one is killed.
func (e *environment) takeOver(ctx context.Context, name string, s *session, flows []*flow) error {
	if e.own == nil {
		if err := e.restoreKilled(ctx, name, s.logf); err != nil {
			return err
		}
	}
	before, err := e.company.Clock(ctx)
	if err != nil {
		return err
	}
	configurations := map[string]fields{}
	changed := map[string]fields{}
	for _, f := range flows {
		if configurations[f.PSP] != nil {
			continue
		}
		shown, err := e.company.BackOffice().PSP(ctx, f.PSP, adminapi.Revealed)
		if err != nil {
			return err
		}
		configurations[f.PSP], changed[f.PSP] = shown.Configuration, configuration(s, f, shown.Configuration)
	}
	if e.own == nil {
		if err := e.copyCompany(ctx, name, configurations, before); err != nil {
			return err
		}
	}
	if err := e.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)}); err != nil {
		return err
	}
	for _, psp := range slices.Sorted(maps.Keys(changed)) {
		if _, err := e.company.BackOffice().PutPSP(ctx, psp, changed[psp]); err != nil {
			return err
		}
	}
	return nil
}

// configuration sends a PSP's webhooks to the gateway, with the merchant's secret and the default retries.
func configuration(s *session, f *flow, before fields) fields {
	configuration := maps.Clone(before)
	if s.config.Merchant.Site != "" && f.hasSite {
		configuration["siteUrl"] = s.config.Merchant.Site
	}
	if f.webhooks() {
		configuration["webhookUrl"] = s.gateway.url
		delete(configuration, "retrySchedule")
		delete(configuration, "webhookSecret")
		configuration["isWebhookSecured"] = s.config.Merchant.Webhook.Secret != ""
		if secret := s.config.Merchant.Webhook.Secret; secret != "" {
			configuration["webhookSecret"] = secret
		}
	}
	return configuration
}

// copySuffix ends the name of a company's copy.
const copySuffix = "-before-certify"

// copyCompany keeps what the run changes in a company of its own: PSP configurations, and how the clock runs.
func (e *environment) copyCompany(ctx context.Context, name string, configurations map[string]fields, at adminapi.Clock) error {
	made, err := e.api.CreateCompany(ctx, adminapi.CompanyInput{Name: name + copySuffix, PSPs: configurations})
	if err != nil {
		return err
	}
	e.before = e.api.Company(made.ID)
	return setClockLike(ctx, e.before, at)
}

// restoreKilled restores the company when a run that was killed has left its copy.
func (e *environment) restoreKilled(ctx context.Context, name string, logf func(string, ...any)) error {
	left := e.api.Company(name + copySuffix)
	_, err := left.Clock(ctx)
	var refused *adminapi.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	logf("a run of certify that was killed left company %s changed: it is restored", name)
	return e.restore(ctx, left)
}

// restore makes the company what its copy is, and deletes the copy.
func (e *environment) restore(ctx context.Context, before *adminapi.CompanyClient) error {
	psps, err := before.BackOffice().PSPs(ctx, adminapi.Revealed)
	if err != nil {
		return err
	}
	for _, psp := range psps {
		_, failed := e.company.BackOffice().PutPSP(ctx, psp.PSP, psp.Configuration)
		err = errors.Join(err, failed)
	}
	at, failed := before.Clock(ctx)
	if failed == nil {
		failed = setClockLike(ctx, e.company, at)
	}
	if err = errors.Join(err, failed); err != nil {
		return err // the copy stays, for the next run
	}
	_, err = before.BackOffice().Delete(ctx)
	return err
}

// close restores what was changed, or stops the simulator of this process.
func (e *environment) close(ctx context.Context) error {
	defer e.client.CloseIdleConnections()
	if e.own != nil {
		e.client.CloseIdleConnections() // the listener waits for connections that were opened and never used
		return e.own.Close()
	}
	if e.before == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return e.restore(ctx, e.before)
}

// setClockLike makes a company's clock run as another does.
func setClockLike(ctx context.Context, company *adminapi.CompanyClient, other adminapi.Clock) error {
	in := adminapi.ClockInput{Mode: other.Mode}
	if other.Mode == "scaled" { // only a scaled clock has a factor
		in.Factor = other.Factor
	}
	_, err := company.SetClock(ctx, in)
	return err
}

func (e *environment) setClock(ctx context.Context, in adminapi.ClockInput) error {
	_, err := e.company.SetClock(ctx, in)
	return fatal(err)
}

// newest returns the newest payments of a flow's provider and type, the newest first.
func (e *environment) newest(ctx context.Context, f *flow, most int) ([]adminapi.PaymentSummary, error) {
	list, err := e.company.Payments(ctx, adminapi.PaymentQuery{Page: adminapi.Page{Limit: most}, PSP: f.PSP, Type: f.Type})
	return list.Payments, fatal(err)
}

// newestRefusals returns the ids of the newest refused call of the company and of that which reached no company, and why the
// newer ones than before were refused.
func (e *environment) newestRefusals(ctx context.Context, before [2]string) (newest [2]string, why string, err error) {
	for i, unknown := range []bool{false, true} {
		list, err := e.company.Requests().List(ctx, adminapi.RequestQuery{Page: adminapi.Page{Limit: 1}, Outcome: "refused", Unknown: unknown})
		if err != nil {
			return newest, "", fatal(err)
		}
		for _, call := range list.Requests {
			if newest[i] = call.ID; call.ID != before[i] {
				why = fmt.Sprintf("%d, %s", call.Status, call.Reason)
			}
		}
	}
	return newest, why, nil
}

// override lets a scenario decide the flow's next payment. An older override that still waits, because no call came, would
// decide it instead: then the company is reset, and its clock made manual again.
func (e *environment) override(ctx context.Context, s fields) error {
	in := adminapi.OverrideInput{Scenario: s}
	put, err := e.company.Scenarios().Override(ctx, in)
	if err != nil || put.Waiting == 1 {
		return fatal(err)
	}
	if _, err := e.company.Reset(ctx); err != nil {
		return fatal(err)
	}
	if err := e.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)}); err != nil {
		return err
	}
	_, err = e.company.Scenarios().Override(ctx, in)
	return fatal(err)
}

// observer records the calls of the admin API.
type observer struct {
	http.RoundTripper
	environment *environment
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
	if err == nil && o.environment.observe != nil {
		o.environment.observe(evidence.Exchange{
			Label: "control", Control: true, Answer: evidence.Message{Status: answer.StatusCode},
			Request: evidence.Message{Method: request.Method, Path: request.URL.RequestURI(), Body: string(in)},
		})
	}
	return answer, err
}

// advance moves the clock and sends the webhooks on the way.
func (e *environment) advance(ctx context.Context, how adminapi.AdvanceInput) error {
	_, err := e.company.Advance(ctx, how)
	return fatal(err)
}
