package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/target"
	"mozartosim/simulator"
	"mozartosim/simulator/simtest"
)

// sandbox starts a simulator that is treated as the vendor's Sandbox: from outside, in real time, one company for all.
func sandbox(t *testing.T, change func(*target.Profile)) *target.Target {
	t.Helper()
	sim := simtest.Start(t, simtest.RealTime(), simtest.Config(func(c *simulator.Config) { c.ShopperAfter = time.Millisecond }))
	p := target.Profile{
		BaseURL: sim.URL, APIKey: sim.Company.Credentials.APIKey, SecretKey: sim.Company.Credentials.SecretKey,
		CallsPerSecond: 1000, WebhookCheck: true, Patience: 20 * time.Second, Quiet: time.Millisecond, Shopper: "person", Listen: "127.0.0.1:0",
	}
	change(&p)
	target, err := target.Remote(p, false)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, target)
	if mailbox := target.Environment.Fixed.Mailbox; mailbox != nil {
		tellWhereTo(t, sim, mailbox.URL)
	}
	return target
}

// tellWhereTo does what a person does in the back office: sets the webhooks' address.
func tellWhereTo(t *testing.T, sim *simtest.Sim, webhookURL string) {
	t.Helper()
	change, err := json.Marshal(map[string]any{"psps": map[string]any{
		"PAYONE": map[string]any{"webhookUrl": webhookURL}, "TRUST": map[string]any{"webhookUrl": webhookURL},
	}})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPatch, sim.AdminURL+"/v1/companies/"+sim.Company.ID, bytes.NewReader(change))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
}

// Against a target that can only be seen from outside, scenarios that are safe there hold, webhooks included, and all others
// are not run, each with its reason.
func TestSandbox(t *testing.T) {
	t.Parallel()
	target := sandbox(t, func(*target.Profile) {})
	seen := ran(t, Config{Features: features.All(), Target: target, Tags: "@sandbox and (@webhook or @control)", PSP: "PAYONE", Name: "The shopper pays"})
	s := only(t, seen)
	if s.Status != evidence.Passed || len(s.Webhooks) != 1 || s.Webhooks[0].PSP != "PAYONE" || s.Webhooks[0].After == 0 {
		t.Errorf("it is %s: %s\n%+v", s.Status, s.Reason, s.Webhooks)
	}
	for _, want := range []struct{ tags, reason string }{
		{"@control and not @webhook", "needs the simulator's admin API"},
		{"@control and @webhook", "needs the simulator's admin API"},
	} {
		for _, f := range ran(t, Config{Features: features.All(), Target: target, Tags: want.tags}).Features {
			for _, s := range f.Scenarios {
				if s.Status != evidence.NotRun || !strings.Contains(s.Reason, want.reason) || len(s.Exchanges) > 0 {
					t.Errorf("%s is %s: %s", s.ID, s.Status, s.Reason)
				}
			}
		}
	}
}

// Where a person pays, the run says where, and waits until it has happened.
func TestWaitingForAPerson(t *testing.T) {
	t.Parallel()
	sim := simtest.Start(t, simtest.RealTime(), simtest.ManualShopper())
	target, err := target.Remote(target.Profile{
		BaseURL: sim.URL, APIKey: sim.Company.Credentials.APIKey, SecretKey: sim.Company.Credentials.SecretKey,
		CallsPerSecond: 1000, WebhookCheck: true, Patience: time.Minute, Quiet: time.Millisecond, Shopper: "person", Listen: "127.0.0.1:0",
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, target)
	tellWhereTo(t, sim, target.Environment.Fixed.Mailbox.URL)
	var said []string
	target.WatchWith(func(text string) {
		said = append(said, text)
		if strings.HasPrefix(text, "waiting up to") { // the person has read it, and pays
			sim.Decide(t, sim.Payments(t)[0].ID, "approve")
		}
	})
	s := only(t, ran(t, Config{Features: features.All(), Target: target, PSP: "PAYONE", Name: "The shopper pays"}))
	if s.Status != evidence.Passed {
		t.Errorf("it is %s: %s", s.Status, s.Reason)
	}
	page := "; the provider's page is " + sim.URL + "/pay/payone/"
	if len(said) != 3 || !strings.HasPrefix(said[0], "please pay"+page) || !strings.HasPrefix(said[1], "waiting up to 1m0s for webhook 1"+page) ||
		!strings.HasPrefix(said[2], "waiting 1ms to see") {
		t.Errorf("said %q", said)
	}
}

// A receiver that nobody reaches receives nothing: what needs webhooks is not run, and says why.
func TestUnreachableReceiver(t *testing.T) {
	t.Parallel()
	somebodyElse := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(somebodyElse.Close)
	for url, want := range map[string]string{"http://127.0.0.1:1": "no server answers", somebodyElse.URL: "another server answers at"} {
		target := sandbox(t, func(p *target.Profile) { p.WebhookURL = url })
		s := only(t, ran(t, Config{Features: features.All(), Target: target, PSP: "PAYONE", Name: "The shopper pays"}))
		if s.Status != evidence.NotRun || !strings.Contains(s.Reason, want) {
			t.Errorf("%s: %s: %s", url, s.Status, s.Reason)
		}
	}
	trusting := sandbox(t, func(p *target.Profile) { p.WebhookURL, p.WebhookCheck = somebodyElse.URL, false })
	if trusting.NoWebhooks != "" {
		t.Errorf("it is not trusted: %s", trusting.NoWebhooks)
	}
}

// A webhook that doesn't come is waited for as long as patience lasts, and no longer.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	target := sandbox(t, func(p *target.Profile) { p.Patience = time.Millisecond })
	s := only(t, ran(t, Config{Features: folder("Feature: X\n  @sandbox @webhook\n  Scenario: Y\n    Given a BRITE PAYIN payment\n    Then a webhook arrives"), Target: target}))
	if s.Status != evidence.Failed || !strings.Contains(s.Reason, "expected 1 webhook within 1ms, but 0 arrived") {
		t.Errorf("it is %s: %s", s.Status, s.Reason)
	}
}

// Everything that needs no webhook holds there, too.
func TestSandboxWithoutReceiver(t *testing.T) {
	t.Parallel()
	target := sandbox(t, func(p *target.Profile) {
		p.Listen, p.PSPs, p.Shopper = "", []string{"PAYONE", "TRUST"}, "none"
	})
	seen := ran(t, Config{Features: features.All(), Target: target, Tags: "not @slow", Parallel: 4})
	reasons := map[string]int{}
	for _, f := range seen.Features {
		for _, s := range f.Scenarios {
			switch s.Status {
			case evidence.Failed:
				t.Errorf("%s: %s", s.ID, s.Reason)
			case evidence.NotRun:
				reasons[strings.SplitN(s.Reason, ":", 2)[0]]++
			}
		}
	}
	if c := seen.Count(); c.Passed < 60 {
		t.Errorf("only %+v", c)
	}
	for _, reason := range []string{
		"needs the simulator's admin API (@control)", "CLEO is not among the psps of the profile",
		"needs a receiver that the target's webhooks reach",
	} {
		if reasons[reason] == 0 {
			t.Errorf("nothing was left out because it %q: %v", reason, reasons)
		}
	}
	target.NoWebhooks = ""
	s := only(t, ran(t, Config{Features: features.All(), Target: target, Tags: "@shopper", PSP: "TRUST", Name: "^payments/"}))
	if s.Status != evidence.NotRun || !strings.Contains(s.Reason, "set shopper: person") {
		t.Errorf("%s: %s", s.Status, s.Reason)
	}
}

// What a profile can't do is not run, and what it must not do is refused.
func TestSandboxLimits(t *testing.T) {
	t.Parallel()
	target := sandbox(t, func(p *target.Profile) { p.CompanyToken, p.APIKey, p.SecretKey = "a-token-and-nothing-else", "", "" })
	for steps, want := range map[string]string{
		"Given an expired company token\n    And a valid TRUST PAYIN request": "notrun: needs the company's apiKey",
		"Given another company": "notrun: needs the simulator's admin API",
		"Given a valid EMERCHANTPAY PAYIN request with:\n      | card.pan | 4000000000000002 |\n    When the merchant sends it": "failed: When the merchant sends it: the card number 400000******0002 is no published test card",
	} {
		s := only(t, ran(t, Config{Features: folder("Feature: X\n  @sandbox\n  Scenario: Y\n    " + steps), Target: target}))
		if got := fmt.Sprintf("%s: %s", s.Status, s.Reason); !strings.Contains(got, want) || len(s.Exchanges) > 0 {
			t.Errorf("%q: %s, want %s", steps, got, want)
		}
	}
}

// A simulator that runs elsewhere is a target like the runner's own, and is left as it was found.
func TestRunning(t *testing.T) {
	t.Parallel()
	sim := simtest.Start(t, simtest.RealTime(), simtest.Config(func(c *simulator.Config) { c.AdminToken = "the-admin-token" }))
	if _, err := target.Running(context.Background(), target.RunningConfig{URL: sim.URL, AdminURL: sim.AdminURL, AdminToken: "another"}); err == nil {
		t.Error("a wrong admin token was taken")
	}
	if _, err := target.Running(context.Background(), target.RunningConfig{URL: "localhost:8080", AdminURL: sim.AdminURL}); err == nil || !strings.Contains(err.Error(), "target") {
		t.Errorf("got %v", err)
	}
	target, err := target.Running(context.Background(), target.RunningConfig{URL: sim.URL, AdminURL: sim.AdminURL, AdminToken: "the-admin-token"})
	if err != nil {
		t.Fatal(err)
	}
	closed(t, target)
	seen := ran(t, Config{Features: features.All(), Target: target, PSP: "PAYONE"})
	if c := seen.Count(); c.Passed < 50 || c.Failed+c.NotRun > 0 {
		t.Errorf("counted %+v", c)
		for _, f := range seen.Features {
			for _, s := range f.Scenarios {
				if s.Status != evidence.Passed {
					t.Logf("%s:%d %s: %s %s", f.URI, s.Line, s.Name, s.Status, s.Reason)
				}
			}
		}
	}
	if n := sim.Simulator.CompanyCount(); n != 1 {
		t.Errorf("%d companies are left", n)
	}
}
