package certify

import (
	"context"
	"errors"
	"fmt"
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

// open starts the simulator, or takes over the one that runs: its clock becomes manual, and the webhooks of the flows' PSPs go
// to the gateway. It is to be closed even if there is an error.
func (s *session) open(ctx context.Context) error {
	admin, token, name := s.config.Simulator.Admin, s.options.AdminToken, s.config.Simulator.Company
	if s.public == "" {
		sim, err := target.Host(target.Hosted{
			Listen: s.config.Simulator.Listen, Companies: s.config.Simulator.Config, Observed: s.options.Observed, Log: s.options.Log, Version: s.options.Version,
			WebhookTimeout:       s.gateway.limit + time.Second, // the gateway judges the merchant, and must time out first
			WebhookAuthorization: s.config.Merchant.Webhook.Authorization,
		})
		if err != nil {
			return startFailed(err)
		}
		s.own, s.public, admin, token = sim, sim.URL, sim.AdminURL, sim.Simulator.AdminToken()
	}
	s.api = adminapi.New(admin, token, adminapi.WithHTTPClient(s.control))
	if name == "" {
		list, err := s.api.Companies(ctx, adminapi.Page{}, adminapi.Masked)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list.Companies, func(c adminapi.Company) bool { return !strings.HasSuffix(c.Name, copySuffix) })
		if i < 0 {
			return fmt.Errorf("the simulator at %s has no company", admin)
		}
		name = list.Companies[i].Name
	}
	s.company = s.api.Company(name)
	s.logf("the Cashier API is at %s, the company is %s", s.public, name)
	if err := s.takeOver(ctx, name); err != nil {
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
func (s *session) takeOver(ctx context.Context, name string) error {
	if s.own == nil {
		if err := s.restoreKilled(ctx, name); err != nil {
			return err
		}
	}
	before, err := s.company.Clock(ctx)
	if err != nil {
		return err
	}
	configurations := map[string]fields{}
	changed := map[string]fields{}
	for _, f := range s.flows {
		if configurations[f.PSP] != nil {
			continue
		}
		shown, err := s.company.BackOffice().PSP(ctx, f.PSP, adminapi.Revealed)
		if err != nil {
			return err
		}
		configurations[f.PSP], changed[f.PSP] = shown.Configuration, s.configuration(f, shown.Configuration)
	}
	if s.own == nil {
		if err := s.copyCompany(ctx, name, configurations, before); err != nil {
			return err
		}
	}
	if err := s.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)}); err != nil {
		return err
	}
	for _, psp := range slices.Sorted(maps.Keys(changed)) {
		if _, err := s.company.BackOffice().PutPSP(ctx, psp, changed[psp]); err != nil {
			return err
		}
	}
	return nil
}

// configuration sends a PSP's webhooks to the gateway, with the merchant's secret and the default retries.
func (s *session) configuration(f *flow, before fields) fields {
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
func (s *session) copyCompany(ctx context.Context, name string, configurations map[string]fields, at adminapi.Clock) error {
	made, err := s.api.CreateCompany(ctx, adminapi.CompanyInput{Name: name + copySuffix, PSPs: configurations})
	if err != nil {
		return err
	}
	s.before = s.api.Company(made.ID)
	return setClockLike(ctx, s.before, at)
}

// restoreKilled restores the company when a run that was killed has left its copy.
func (s *session) restoreKilled(ctx context.Context, name string) error {
	left := s.api.Company(name + copySuffix)
	_, err := left.Clock(ctx)
	var refused *adminapi.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	s.logf("a run of certify that was killed left company %s changed: it is restored", name)
	return s.restore(ctx, left)
}

// restore makes the company what its copy is, and deletes the copy.
func (s *session) restore(ctx context.Context, before *adminapi.CompanyClient) error {
	psps, err := before.BackOffice().PSPs(ctx, adminapi.Revealed)
	if err != nil {
		return err
	}
	for _, psp := range psps {
		_, failed := s.company.BackOffice().PutPSP(ctx, psp.PSP, psp.Configuration)
		err = errors.Join(err, failed)
	}
	at, failed := before.Clock(ctx)
	if failed == nil {
		failed = setClockLike(ctx, s.company, at)
	}
	if err = errors.Join(err, failed); err != nil {
		return err // the copy stays, for the next run
	}
	_, err = before.BackOffice().Delete(ctx)
	return err
}

// close restores what was changed, or stops the simulator of this process.
func (s *session) close(ctx context.Context) error {
	defer s.control.CloseIdleConnections()
	if s.own != nil {
		s.control.CloseIdleConnections() // the listener waits for connections that were opened and never used
		return s.own.Close()
	}
	if s.before == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.restore(ctx, s.before)
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

func (s *session) setClock(ctx context.Context, in adminapi.ClockInput) error {
	_, err := s.company.SetClock(ctx, in)
	return s.broken(err)
}

// newest returns the newest payments of a flow's provider and type, the newest first.
func (s *session) newest(ctx context.Context, f *flow, most int) ([]adminapi.PaymentSummary, error) {
	list, err := s.company.Payments(ctx, adminapi.PaymentQuery{Page: adminapi.Page{Limit: most}, PSP: f.PSP, Type: f.Type})
	return list.Payments, s.broken(err)
}

// newestRefusals returns the ids of the newest refused call of the company and of that which reached no company, and why the
// newer ones than before were refused.
func (s *session) newestRefusals(ctx context.Context, before [2]string) (newest [2]string, why string, err error) {
	for i, unknown := range []bool{false, true} {
		list, err := s.company.Requests().List(ctx, adminapi.RequestQuery{Page: adminapi.Page{Limit: 1}, Outcome: "refused", Unknown: unknown})
		if err != nil {
			return newest, "", s.broken(err)
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
func (s *session) override(ctx context.Context, decided fields) error {
	in := adminapi.OverrideInput{Scenario: decided}
	put, err := s.company.Scenarios().Override(ctx, in)
	if err != nil || put.Waiting == 1 {
		return s.broken(err)
	}
	if _, err := s.company.Reset(ctx); err != nil {
		return s.broken(err)
	}
	if err := s.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)}); err != nil {
		return err
	}
	_, err = s.company.Scenarios().Override(ctx, in)
	return s.broken(err)
}

// keepControl gives the check in progress a call of the admin API.
func (s *session) keepControl(e evidence.Exchange, _, _ time.Time, err error) {
	if err == nil && s.observe != nil {
		e.Label, e.Control, e.Answer.Body = "control", true, ""
		s.observe(e)
	}
}

// advance moves the clock and sends the webhooks on the way.
func (s *session) advance(ctx context.Context, how adminapi.AdvanceInput) error {
	_, err := s.company.Advance(ctx, how)
	return s.broken(err)
}
