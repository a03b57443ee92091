package sandbox

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/target"
)

const shopFeature = `Feature: Our shop
  @sandbox
  Scenario: A deposit
    Given a valid TRUST PAYIN request with:
      | baseamount | 10.50 |
      | currency   | EUR   |
    When the merchant sends it
    Then the answer is a success

  @sandbox
  Scenario: Two more
    Given a valid TRUST PAYIN request with:
      | baseamount | 2.25 |
      | currency   | EUR  |
    When the merchant sends it
    And the merchant sends it

  @sandbox
  Scenario: A card that is refused
    Given a valid EMERCHANTPAY PAYIN request with:
      | card.cvv | 77 |
    When the merchant sends it
    Then the answer has the HTTP status 400

  @sandbox
  Scenario: A voucher
    Given a valid FLEXEPIN PAYIN request with:
      | voucherPin | 9900000000000003 |
    When the merchant sends it

  @control
  Scenario: Only a simulator can do this
    Given a TRUST PAYIN payment by the scenario "trust-declined-then-approved"
`

// ours is a session with features of our own against a stand-in.
func ours(t *testing.T, p target.Profile) *Session {
	t.Helper()
	return &Session{Profile: p, Config: runner.Config{
		Features: fstest.MapFS{"shop.feature": &fstest.MapFile{Data: []byte(shopFeature)}}, Target: opened(t, p), Parallel: 1, Tool: "test", Folder: "ours",
	}}
}

// The plan counts what would be sent, as the contract answers it, and nothing is sent for it.
func TestPlan(t *testing.T) {
	t.Parallel()
	server := standIn(t, func(http.ResponseWriter, *http.Request, string) { t.Error("something was sent") })
	s := ours(t, target.Profile{BaseURL: server.URL, CompanyToken: "a-company-token", PSPs: []string{"TRUST", "EMERCHANTPAY"}, CallsPerSecond: 0.5, Shopper: "none"})
	s.Retries = 2
	plan, err := s.Rehearse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := plan.Write(&text); err != nil {
		t.Fatal(err)
	}
	want := `Plan for ` + server.URL + `
  scenarios  3
  calls      4, of which 3 make a payment
  provider   EMERCHANTPAY 0 payments, 1 calls without
  provider   TRUST        3 payments, 0 calls without
  money      PAYIN EUR 15.00
  duration   about 8s at 0.5 calls a second
  a scenario that fails is sent again, up to 2 times
  not run: 1, FLEXEPIN is not among the psps of the profile
  not run: 1, needs the simulator's admin API (@control)
`
	if text.String() != want {
		t.Errorf("got\n%s", &text)
	}
}

// A bundle has nothing that is secret or about people, wherever the target puts it, and can be read as a run.
func TestBundle(t *testing.T) {
	t.Parallel()
	const companyToken, key = "a-company-token-of-the-shop", "key-of-the-shop-1"
	server := standIn(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		user := r.Header.Get("X-User-Token")
		w.Header().Set("X-Debug", r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		text, _ := json.Marshal(map[string]any{
			"status": "success", "message": "Hello ROSA LUXEMBURG, mail to rosa@luxemburg-family.de or colleague@vendor.io", "data": map[string]any{
				"transactionId": "tx-1", "echo": user, "email": "rosa@luxemburg-family.de", "phone": "+49301234567", "cardHolderName": "Karl Liebknecht",
				"cvv": "123", "voucherPin": "5566778899001122", "city": " ", "street": `" `, "mobile": 4165550199, "inner": `{"lastName":"Zetkin","zip":"70173"}`, "form": "a=1&customerName=Clara+Eissner", "note": "card 4012888888881881, Bearer " + companyToken + ", key " + key, "address": "Cranachstrasse 58", "lastName": []any{"Kollontai", "[Domontowitsch]", 7}, "within": `{"lastName":["Balabanoff"]}`, "link": "https://gateway.example/?next=%2Fpay&who=tilla%40durieux.de",
			},
		})
		_, _ = w.Write(text)
	})
	p := target.Profile{
		BaseURL: server.URL, CompanyToken: companyToken, APIKey: key, Shopper: "none",
		Users: []map[string]any{{"userId": "rosa-1871", "email": "rosa@luxemburg-family.de", "firstName": "Rosa", "lastName": "Luxemburg", "phone": "+49301234567", "countryCode": "DE"}},
	}
	s := ours(t, p)
	s.Bundle = filepath.Join(t.TempDir(), "out.zip")
	seen, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := zip.OpenReader(s.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer bundle.Close()
	var names []string
	for _, file := range bundle.File {
		names = append(names, file.Name)
		inside, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(inside)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{
			companyToken, key, "eyJ", "4012888888881881", "5566778899001122", "9900000000000003", `"123"`, "rosa", "luxemburg", "49301234567", "liebknecht", "colleague@", "cranach", "4165550199", "zetkin", "70173", "eissner", "tilla", "durieux", "kollontai", "domontowitsch", "balabanoff",
		} {
			if at := strings.Index(strings.ToLower(string(text)), strings.ToLower(secret)); at >= 0 {
				t.Errorf("%s has %s: %s", file.Name, secret, text[max(0, at-80):min(len(text), at+60)])
			}
		}
	}
	if want := "[README.txt run.json report.html observed.yaml undecided.txt plan.txt about.json]"; fmt.Sprint(names) != want {
		t.Errorf("it has %v", names)
	}
	read, err := evidence.ReadFile(s.Bundle)
	if err != nil || read.Count() != seen.Count() || !read.Started.Equal(seen.Started) || read.BaseURL != server.URL {
		t.Errorf("%+v, %v", read, err)
	}
	if body := read.Features[0].Scenarios[0].Exchanges[0].Answer.Body; !strings.Contains(body, "tx-1") || !strings.Contains(body, "jane.doe@example.com") || !json.Valid([]byte(body)) {
		t.Errorf("what is no secret is gone: %s", body)
	}
	if body := seen.Features[0].Scenarios[0].Exchanges[0].Answer.Body; !strings.Contains(body, "rosa@") {
		t.Errorf("the run itself is changed: %s", body)
	}
}

// A bundle with a secret left in it is not written: here one that stands in the name of a scenario.
func TestBundleIsChecked(t *testing.T) {
	t.Parallel()
	server := standIn(t, sound)
	s := ours(t, target.Profile{BaseURL: server.URL, CompanyToken: "a-company-token", Shopper: "none"})
	s.Features = fstest.MapFS{"shop.feature": &fstest.MapFile{Data: []byte(strings.Replace(shopFeature, "A deposit", "A deposit by a-company-token", 1))}}
	s.Bundle = filepath.Join(t.TempDir(), "out.zip")
	if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "run.json would have a secret of the profile in it") {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(s.Bundle + "*"); len(left) > 0 {
		t.Errorf("%v are written", left)
	}
}

// A secret with a bar or a quote in it is hidden whole, as steps write it.
func TestSecretsOfStepsAreHiddenWhole(t *testing.T) {
	t.Parallel()
	h := newHidden(target.Profile{}, &evidence.Masker{}, true)
	for _, text := range []string{`| webhookSecret | ab\|cd |`, `the company's "webhookSecret" is "ab\"cd"`} {
		if hidden := h.text(text); !strings.Contains(hidden, "***") || strings.Contains(hidden, "ab") || strings.Contains(hidden, "cd") {
			t.Errorf("%s is hidden as %s", text, hidden)
		}
	}
}

// A run that is kept has its journal beside it while it goes on, and none at its end; going on with it sends nothing again.
func TestSessionKeeps(t *testing.T) {
	t.Parallel()
	calls, dir := 0, t.TempDir()
	keep := filepath.Join(dir, "run.json")
	server := standIn(t, func(w http.ResponseWriter, r *http.Request, body string) {
		calls++
		if found, _ := filepath.Glob(keep + "*"); fmt.Sprint(found) != "["+keep+".journal]" && calls == 1 {
			t.Errorf("beside the run lies %v", found)
		}
		sound(w, r, body)
	})
	p := target.Profile{BaseURL: server.URL, CompanyToken: "a-company-token", Shopper: "none"}
	s := ours(t, p)
	s.Keep = keep
	first, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sent := calls
	again := ours(t, p)
	again.Resume = keep
	plan, err := again.Rehearse(t.Context())
	if err != nil || plan.Calls != 0 || plan.Ended != 4 {
		t.Errorf("%+v, %v", plan, err)
	}
	second, err := again.Run(t.Context())
	if err != nil || calls != sent || second.Count() != first.Count() {
		t.Errorf("%d calls after %d; %+v, %v", calls, sent, second.Count(), err)
	}
	if found, _ := filepath.Glob(keep + "*"); fmt.Sprint(found) != "["+keep+"]" {
		t.Errorf("left are %v", found)
	}
}

// No stopped run is written over, and none is resumed from a file that lacks what is needed for it.
func TestSessionRefuses(t *testing.T) {
	t.Parallel()
	server := standIn(t, func(http.ResponseWriter, *http.Request, string) { t.Error("something was sent") })
	profile := target.Profile{BaseURL: server.URL, CompanyToken: "a-company-token", Shopper: "none"}
	stopped, bundle := filepath.Join(t.TempDir(), "run.json"), filepath.Join(t.TempDir(), "out.zip")
	run := evidence.Run{Version: evidence.Version, Kind: "contract", Stopped: true}
	if err := errors.Join(evidence.WriteFile(stopped, &run), os.WriteFile(bundle, []byte("PK"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for want, set := range map[string]func(*Session){
		"resume it with --resume " + stopped: func(s *Session) { s.Keep = stopped },
		"--keep must not be given":           func(s *Session) { s.Resume, s.Keep = stopped, stopped+".other" },
		"--dry-run can't be given":           func(s *Session) { s.Resume, s.DryRun = stopped, true },
		"is a bundle":                        func(s *Session) { s.Resume = bundle },
	} {
		s := ours(t, profile)
		set(s)
		if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// What a run before has sent and this one sends again is said: what was interrupted, and what has other steps now.
func TestPlanSaysWhatIsSentTwice(t *testing.T) {
	t.Parallel()
	step := func(text string) []evidence.Step { return []evidence.Step{{Keyword: "When ", Text: text}} }
	run := func(scenarios ...evidence.Scenario) *evidence.Run {
		return &evidence.Run{Features: []evidence.Feature{{Scenarios: scenarios}}}
	}
	begun := run(
		evidence.Scenario{ID: "a", Status: evidence.Passed, Steps: step("the merchant sends it")},
		evidence.Scenario{ID: "b", Status: evidence.NotRun, Reason: evidence.Interrupted + " while it ran", Tries: 1},
		evidence.Scenario{ID: "c", Status: evidence.NotRun, Reason: evidence.Interrupted},
		evidence.Scenario{ID: "d", Status: evidence.Passed, Steps: step("the merchant sends it")},
	)
	now := run(
		evidence.Scenario{ID: "a", Status: evidence.Passed, Steps: step("the merchant sends it")}, evidence.Scenario{ID: "b", Status: evidence.Passed},
		evidence.Scenario{ID: "c", Status: evidence.Passed}, evidence.Scenario{ID: "d", Status: evidence.Passed, Steps: step("the merchant sends two")},
	)
	plan, err := newPlan(now, begun, target.Profile{CallsPerSecond: 2, Patience: time.Minute}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := plan.Write(&text); err != nil || !strings.Contains(text.String(), "or their steps have changed since:\n    b\n    d\n") ||
		!strings.Contains(text.String(), "ended      1 in the run before: not sent again") || plan.Scenarios != 3 {
		t.Errorf("%v: %s", err, &text)
	}
}
