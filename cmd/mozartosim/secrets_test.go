package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
)

// written is everything that a full run wrote, by where it was written.
type written map[string][]byte

// After a full run, with payments, outcomes and webhooks of every provider, no secret and no card number is in anything that was
// written: the data file, its log, an export, what the admin API shows without reveal, metrics, the process's log.
func TestSecretsAreWrittenNowhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "payments.db")
	log := &bytes.Buffer{}
	p := startProgram(t, "--data", data, "--data-key", "the key of the data, never written", "--clock", "manual", "--trace", "--verbose")
	secrets := map[string]string{"data key": "the key of the data, never written"}
	shop := p.shop(t, secrets)
	p.payAll(t, shop, secrets)
	for range 3 {
		if _, err := p.api.Company("shop").Advance(t.Context(), adminapi.AdvanceInput{Until: "idle"}); err != nil {
			t.Fatal(err)
		}
	}
	all := written{}
	for _, path := range []string{
		"/v1/companies", "/v1/companies/shop", "/v1/companies/shop/psps", "/v1/payments?company=shop", "/v1/deliveries?company=shop",
		"/v1/inbox?company=shop", "/metrics",
	} {
		all[path] = p.read(t, http.MethodGet, path)
	}
	for _, id := range p.payments(t, "shop") {
		all["payment "+id] = p.read(t, http.MethodGet, "/v1/payments/"+id+"?company=shop")
	}
	all["snapshot"] = p.read(t, http.MethodPost, "/v1/companies/shop/snapshot")
	p.kill()
	all["log"] = []byte(p.log.String())
	if code := run(t.Context(), []string{"data", "export", data, "--out", filepath.Join(dir, "all.jsonl")}, log, log); code != 0 {
		t.Fatalf("export: %s", log)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if all[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	all.check(t, secrets)
}

// check looks for every secret in everything.
func (w written) check(t *testing.T, secrets map[string]string) {
	t.Helper()
	if len(secrets) < 25 || len(w) < 20 || len(w["log"]) == 0 {
		t.Fatalf("%d secrets in %d places: the run was not a full one", len(secrets), len(w))
	}
	for _, where := range slices.Sorted(maps.Keys(w)) {
		for name, secret := range secrets {
			if at := bytes.Index(w[where], []byte(secret)); at >= 0 {
				t.Errorf("%s has %s: …%s…", where, name, w[where][max(0, at-60):min(len(w[where]), at+60)])
			}
		}
	}
}

// shop creates a company; every PSP has secrets of its own.
func (p *program) shop(t *testing.T, secrets map[string]string) adminapi.Tokens {
	t.Helper()
	demo, err := backoffice.Demo(contracts(t), adminapi.InboxURL, "")
	if err != nil {
		t.Fatal(err)
	}
	psps := map[string]map[string]any{}
	for code, psp := range demo.PSPs {
		text, err := psp.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]any{}
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"password", "secret", "xmlPassword", "apiKey", "webhookSecret", "siteSecurityPassword", "macSecret"} {
			if fields[name] != nil || name == "webhookSecret" && code != "FLEXEPIN" && code != "BRITE" {
				fields[name] = fmt.Sprintf("hush-%s-of-%s", name, code)
				secrets[name+" of "+code] = fields[name].(string)
			}
		}
		if fields["webhookSecret"] != nil {
			fields["isWebhookSecured"] = true
		}
		if code == "WORLDPAY_EU" {
			fields["integrationMode"] = "direct"
		}
		psps[code] = fields
	}
	var rules []adminapi.RuleInput
	for code := range psps {
		rules = append(rules, adminapi.RuleInput{PSP: code})
	}
	credentials := &adminapi.CredentialsInput{APIKey: "shop-key", SecretKey: "hush-the-secret-key-of-shop"}
	_, err = p.api.CreateCompany(t.Context(), adminapi.CompanyInput{Name: "shop", PSPs: psps, Rules: rules, Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := p.api.Company("shop").Tokens(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	secrets["secretKey"], secrets["company token"], secrets["user token"] = credentials.SecretKey, tokens.Company, tokens.User
	return tokens
}

// With --webhook-secret the demo company's webhooks carry the secret, so that a scenario about it has its effect; no log has it.
func TestWebhookSecretOfDemo(t *testing.T) {
	t.Parallel()
	const secret = "hush-the-demo-secret"
	p := startProgram(t, "--clock", "manual", "--webhook-secret", secret, "--trace", "--verbose")
	demo := p.api.Company("")
	tokens, err := demo.Tokens(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]any{"webhooks": map[string]any{"auth": "wrong"}}
	override, err := demo.Scenarios().Override(t.Context(), adminapi.OverrideInput{Scenario: forged})
	if err != nil || override.Warnings != nil {
		t.Errorf("override %+v, %v", override, err)
	}
	for _, reference := range []string{"forged", "right"} {
		if _, err := p.pay(tokens, reference); err != nil {
			t.Fatal(err)
		}
		if _, err := demo.Advance(t.Context(), adminapi.AdvanceInput{Until: "idle"}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := demo.Scenarios().Received(t.Context(), adminapi.Page{})
	if err != nil || len(list.Received) != 2 || list.Received[0].Verdict != "right" || list.Received[1].Verdict != "wrong" || list.Received[0].PSP != "PAYONE" {
		t.Errorf("received %+v, %v", list, err)
	}
	p.kill()
	if strings.Contains(p.log.String(), secret) {
		t.Errorf("the log has the secret: %s", p.log)
	}
}

func contracts(t *testing.T) backoffice.Reader {
	t.Helper()
	both, err := backoffice.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	return both
}

// payAll pays with every operation's example, and adds the secrets in requests and answers.
func (p *program) payAll(t *testing.T, shop adminapi.Tokens, secrets map[string]string) {
	t.Helper()
	cashier := contracts(t).Cashier
	for _, op := range cashier.Operations() {
		example, ok := cashier.Example(op.Schema)
		if !ok {
			t.Fatalf("no example of %s", op.Schema)
		}
		fields := map[string]any{}
		if err := json.Unmarshal(example, &fields); err != nil {
			t.Fatal(err)
		}
		name := op.PSP + " " + op.Type + " " + op.Variant
		switch op.PSP {
		case "WORLDPAY_EU":
			fields["card"] = map[string]any{"pan": "4444333322221111", "expiry": "12/2030", "cvv": "917", "name_on_card": "Jane Doe"}
			secrets["card of "+name] = "4444333322221111"
		case "EMERCHANTPAY":
			fields["card"] = map[string]any{"pan": "4012000000060085", "cvv": "917", "expMonth": "12", "expYear": "2030", "cardHolderName": "Jane Doe"}
			secrets["card of "+name] = "4012000000060085"
		}
		if pin, _ := fields["voucherPin"].(string); pin != "" {
			secrets["PIN of "+name] = pin
		}
		body, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if op.PSP == "GIGADAT" { // two decimals in the text
			body = bytes.Replace(body, []byte(`"baseamount":100`), []byte(`"baseamount":100.00`), 1)
			body = twoDecimals(body)
		}
		p.payWith(t, shop, name, body, secrets)
	}
	secrets["cvv"] = `"917"`
}

// twoDecimals writes baseamount as Gigadat wants it.
func twoDecimals(body []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return body
	}
	amount := string(fields["baseamount"])
	whole, decimals, _ := strings.Cut(amount, ".")
	fields["baseamount"] = json.RawMessage(whole + "." + (decimals + "00")[:2])
	text, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return text
}

func (p *program) payWith(t *testing.T, shop adminapi.Tokens, name string, body []byte, secrets map[string]string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, p.public+openapi.CashierPath, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+shop.Company)
	request.Header.Set("X-User-Token", "Bearer "+shop.User)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var paid struct {
		Data struct {
			PaymentToken string `json:"paymentToken"`
			AccessToken  string `json:"access_token"`
		} `json:"data"`
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(text, &paid) != nil {
		t.Fatalf("%s: %s %s, %v", name, answer.Status, text, err)
	}
	if paid.Data.PaymentToken != "" {
		secrets["paymentToken of "+name] = paid.Data.PaymentToken
	}
	if paid.Data.AccessToken != "" {
		secrets["access_token of "+name] = paid.Data.AccessToken
	}
}

// read returns what the admin API answers.
func (p *program) read(t *testing.T, method, path string) []byte {
	t.Helper()
	request, err := http.NewRequest(method, p.admin+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", path, answer.Status, err)
	}
	return text
}

// payments lists a company's payments.
func (p *program) payments(t *testing.T, company string) (ids []string) {
	t.Helper()
	list, err := p.api.Company(company).Payments(t.Context(), adminapi.PaymentQuery{Page: adminapi.Page{Limit: 100}})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list.Payments {
		ids = append(ids, one.ID)
	}
	return ids
}
