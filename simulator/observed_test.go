package simulator

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	simcompany "mozartosim/simulator/company"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scheduler"
)

// everyKind has an observation of every kind.
var everyKind = filepath.Join("..", "openapi", "observed", "testdata", "every-kind.yaml")

// observing opens a simulator with observations, each as it stands in a file but for how it was seen.
func observing(t *testing.T, entries ...string) *testSimulator {
	t.Helper()
	text := "observations:\n"
	for _, entry := range entries {
		text += "  - " + strings.ReplaceAll(entry, "\n", "\n    ") + "\n    seen: [{target: sandbox, date: 2026-11-28, run: r1, times: 3}]\n"
	}
	file := filepath.Join(t.TempDir(), "observed.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, func(c *Config) { c.Observed = []string{file} })
}

// expect checks what a text has and, after an exclamation mark, has not.
func expect(t *testing.T, what, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if without, not := strings.CutPrefix(want, "!"); not == strings.Contains(got, strings.TrimPrefix(without, "!")) {
			t.Errorf("%s: want %s\ngot %s", what, want, got)
		}
	}
}

// What was observed of answers is what answers are, and they match the published contract (open has them validated).
func TestObservedAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, entry, schema string
		replace, with       string // in the request
		wants               []string
	}{
		{"renamed", "rule: PayonePayInAnswer.data.redirect_url\nrenamed: data.links.pay", "PayonePayInRequest", "", "", []string{`"links":{"pay":"http://127.0.0.1:8080/pay/payone/`, "!redirect_url"}},
		{"renamed where it stands", "rule: PayonePayInAnswer.data.success\nrenamed: data.ok", "PayonePayInRequest", "", "", []string{`"data":{"ok":true,`}},
		{"an object renamed, with its fields", "rule: PayonePayInAnswer.data\nrenamed: payload", "PayonePayInRequest", "", "", []string{`"payload":{"success":true`, `!"data"`}},
		{"absent", "rule: GigadatPayInAnswer.data.instructions\nabsent: true", "GigadatPayInRequest", "", "", []string{"!instructions"}},
		{"added", "rule: TrustPayInAnswer\nadded: {field: meta.version, example: v2}", "TrustPayInRequest", "", "", []string{`"meta":{"version":"v2"}`}},
		{"added, of a form", "rule: TrustPayInAnswer.data\nadded: {field: expires, form: '{date} {unix} ref={data.merchantReference}', example: 2026-01-01 1 ref=x}", "TrustPayInRequest", "", "", []string{`"expires":"2026-06-01 1780315200 ref=`}},
		{"added, a number", "rule: TrustPayInAnswer.data\nadded: {field: ttl, form: '{digits:3}', example: 300}", "TrustPayInRequest", "", "", []string{`"ttl":`, `!"ttl":"`}},
		{"a number as text", "rule: CleoPayInAnswer.data.amount\nform: text with two decimals", "CleoPayInRequest", "", "", []string{`"amount":"15000.00"`}},
		{"minor units", "rule: PayonePayInAnswer.data.amount\nform: number in minor units", "PayonePayInRequest", "", "", []string{`"amount":10000`}},
		{"two decimals", "rule: PayonePayInAnswer.data.amount\nform: number with two decimals", "PayonePayInRequest", "", "", []string{`"amount":100.00`}},
		{"an id's form", "rule: PayonePayInAnswer.data.transactionId\nform: 'T/{HEX:4}-{value}'", "PayonePayInRequest", "", "", []string{`"transactionId":"T/`}},
		{"another constant", "rule: GigadatPayOutAnswer.message\nconstant: Awaiting approval", "GigadatPayOutEtoRequest", "", "", []string{`"message":"Awaiting approval"`}},
		{"instead of", "rule: PayonePayInAnswer.data.transaction_status\nconstant: PENDING\ninsteadOf: Pending", "PayonePayInRequest", "", "", []string{`"transaction_status":"PENDING"`}},
		{"not instead of", "rule: PayonePayInAnswer.data.success\nconstant: false\ninsteadOf: x", "PayonePayInRequest", "", "", []string{`"success":true`}},
		{"upper case", "rule: PayonePayInAnswer.data.transaction_status\nform: upper case", "PayonePayInRequest", "", "", []string{`"transaction_status":"PENDING"`}},
		{"null when empty", "rule: CleoPayInAnswer.data.merchantReference\nnullWhenEmpty: true", "CleoPayInRequest", `"merchantReference"`, `"x"`, []string{`"merchantReference":null`}},
		{"not empty", "rule: CleoPayInAnswer.data.merchantReference\nnullWhenEmpty: true", "CleoPayInRequest", "", "", []string{`!"merchantReference":null`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := observing(t, test.entry)
			body, _ := h.contract.Example(test.schema)
			answer := h.pay(h.company("observed", nil), strings.Replace(string(body), test.replace, test.with, 1))
			if answer.Code != http.StatusOK {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			expect(t, "the answer", answer.Body.String(), test.wants...)
		})
	}
}

// Status, headers and delay of an answer.
func TestObservedAnswersHeads(t *testing.T) {
	t.Parallel()
	h := observing(t, "rule: PayonePayInAnswer\nstatus: 201", "rule: PayonePayInAnswer\nheaders: {X-Trace: abc, Content-Type: null}", "rule: PayonePayInAnswer\ndelay: {median: 800ms}")
	body, _ := h.contract.Example("PayonePayInRequest")
	answer := h.pay(h.company("heads", nil), string(body))
	if answer.Code != http.StatusCreated || answer.Header().Get("X-Trace") != "abc" || answer.Header().Get("Mozartosim-Virtual-Delay") != "800ms" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
	if values := answer.Header()["Content-Type"]; values != nil {
		t.Errorf("Content-Type is %q", values)
	}
	if _, err := openapi.Parse(h.contract.Bundled()); err != nil || !strings.Contains(string(h.contract.Bundled()), `"201":`) {
		t.Errorf("the published contract has no answer 201: %v", err)
	}
}

// Refusals, by their case or by the rule that was broken, for all or for one provider.
func TestObservedRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, entry, schema, replace, with string
		token                              string
		status                             int
		wants                              []string
	}{
		{"missing field", "rule: Error.message\nerror: {case: MissingField, status: 422, message: '{field} is required', absent: [errors], added: [{field: code, example: E1}]}", "PayonePayInRequest", `"phone"`, `"x"`, "", 422, []string{`"message":"phone is required"`, `"code":"E1"`, "!errors"}},
		{"of another provider", "rule: Error.message\nflow: CLEO\nerror: {case: MissingField, status: 422}", "PayonePayInRequest", `"phone"`, `"x"`, "", 400, []string{`"message":"Missing required field: phone"`}},
		{"of this flow", "rule: Error.message\nflow: PAYONE PAYIN\nerror: {case: MissingField, status: 422}", "PayonePayInRequest", `"phone"`, `"x"`, "", 422, nil},
		{"one field's problem", "rule: PayonePayInRequest.phone\nerror: {problem: '{field} is too short'}", "PayonePayInRequest", `"phone": "`, `"phone": "1", "x": "`, "", 400, []string{`"errors":["phone is too short"]`}},
		{"another field's problem", "rule: PayonePayInRequest.email\nerror: {problem: '{field} is too short'}", "PayonePayInRequest", `"phone": "`, `"phone": "1", "x": "`, "", 400, []string{`"errors":["phone must have at least 6 digits"]`}},
		{"every problem", "rule: Error.errors\nerror: {case: ValidationFailed, problem: '{field}: {problem}', message: Invalid}", "PayonePayInRequest", `"phone": "`, `"phone": "1", "x": "`, "", 400, []string{`"errors":["phone: phone must have at least 6 digits"]`, `"message":"Invalid"`}},
		{"by its rule", "rule: company-token\nerror: {status: 403}", "PayonePayInRequest", "", "", "Bearer x", 403, []string{`"message":"Unauthorized"`}},
		{"by another rule", "rule: user-context\nerror: {status: 403}", "PayonePayInRequest", "", "", "Bearer x", 401, nil},
		{"a code", "rule: TransportError.errorCode\nerror: {case: PspTimeout, code: PROVIDER_TIMEOUT, status: 504}", "TrustPayInRequest", `"merchantReference"`, `"merchantReference": "sim:psp-timeout", "x"`, "", 504, []string{`"errorCode":"PROVIDER_TIMEOUT"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := observing(t, test.entry)
			body, _ := h.contract.Example(test.schema)
			header := h.header(h.company("refused", nil))
			if test.token != "" {
				header.Set("Authorization", test.token)
			}
			if !strings.Contains(string(body), test.replace) {
				t.Fatalf("the example has no %s", test.replace)
			}
			answer := h.call(header, strings.Replace(string(body), test.replace, test.with, 1))
			if answer.Code != test.status {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
			expect(t, "the answer", answer.Body.String(), test.wants...)
		})
	}
}

// Requests are judged by what the target enforces.
func TestObservedRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, entry, schema, replace, with, before, after string }{
		{"a named rule", "rule: GigadatPayInRequest/gigadat-two-decimals\nrequest: {enforced: false}", "GigadatPayInRequest", "100.00", "100", "exactly two decimals", ""},
		{"decimals", "rule: amount-decimals\nrequest: {enforced: false}", "PayonePayInRequest", "100.00", "100.1234", "at most 2 decimals", ""},
		{"currencies", "rule: TrustPayInRequest.currency\nrequest: {enforced: false}", "TrustPayInRequest", `"currency": "`, `"currency": "ZZZ", "x": "`, "ISO 4217", ""},
		{"a form", "rule: PayonePayInRequest.phone\nrequest: {enforced: false}", "PayonePayInRequest", `"phone": "`, `"phone": "1", "x": "`, "at least 6 digits", ""},
		{"not required", "rule: PayonePayInRequest.lastName\nrequest: {required: false}", "PayonePayInRequest", `"lastName"`, `"x"`, "Missing required field: lastName", ""},
		{"a pattern", "rule: PayonePayInRequest.phone\nrequest: {pattern: '^00', must: begin with 00}", "PayonePayInRequest", "", "", "", "phone must begin with 00"},
		{"an enum", "rule: PayonePayInRequest.firstName\nrequest: {enum: [Ann, Ben]}", "PayonePayInRequest", "", "", "", "firstName must be one of: Ann, Ben"},
		{"one more", "rule: PayonePayInRequest\nrequest: {field: zip, required: true}", "PayonePayInRequest", "", "", "", "Missing required field: zip"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for i, want := range []string{test.before, test.after} {
				h := open(t, nil)
				if i > 0 {
					h = observing(t, test.entry)
				}
				example, _ := h.contract.Example(test.schema)
				body := strings.Replace(string(example), test.replace, test.with, 1)
				answer := h.pay(h.company("judged", nil), body)
				if accepted := answer.Code == http.StatusOK; accepted != (want == "") || !strings.Contains(answer.Body.String(), want) {
					t.Errorf("observed %t: %d %s, want %q", i > 0, answer.Code, answer.Body, want)
				}
			}
		})
	}
}

// raws are the raw words of a payment's webhooks, in their order.
func raws(p *payment.Payment) (words []string) {
	for _, n := range p.Notifications {
		words = append(words, n.Raw)
	}
	return words
}

// Notifications: which ones, in which order, when; the fields of their webhooks.
func TestObservedNotifications(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, entry, schema string
		raws                string
		first               time.Duration // when the first webhook arrives
		body                string        // of the first webhook
	}{
		{"swapped", "rule: POST worldpay\nnotifications: {outcome: approve, sequence: [{status: Approved, raw: CAPTURED}, {status: Approved, raw: AUTHORISED, after: 1s}]}", "WorldpayPayInRequest", "CAPTURED AUTHORISED", 2 * time.Second, `"status":"CAPTURED"`},
		{"none", "rule: POST neosurf\nnotifications: {outcome: approve, sequence: []}", "NeosurfPayInRequest", "", 0, ""},
		{"twice", "rule: POST payone\nflow: PAYONE PAYIN\nnotifications: {outcome: approve, sequence: [{status: Approved}, {status: Approved, message: again}]}", "PayonePayInRequest", "success success", 2 * time.Second, `"message":"Transaction approved`},
		{"of the other flow", "rule: POST payone\nflow: PAYONE PAYOUT\nnotifications: {outcome: approve, sequence: []}", "PayonePayInRequest", "success", 2 * time.Second, ""},
		{"no opening one", "rule: POST forumpay\nnotifications: {outcome: opening, sequence: []}", "ForumpayPayInRequest", "zero_confirmed confirmed", 2 * time.Second, ""},
		{"later", "rule: POST payone\ndelay: {median: 40s}", "PayonePayInRequest", "success", 42 * time.Second, ""},
		{"a field renamed", "rule: PayoneWebhook.transaction_id\nrenamed: transactionId", "PayonePayInRequest", "success", 2 * time.Second, `"transactionId":"`},
		{"another raw word", "rule: PayoneWebhook.status\nconstant: completed\ninsteadOf: success", "PayonePayInRequest", "success", 2 * time.Second, `"status":"completed"`},
		{"a number", "rule: PayoneWebhook.amount\nform: number with two decimals", "PayonePayInRequest", "success", 2 * time.Second, `"amount":100.00`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := observing(t, test.entry)
			c := h.company("notified", nil)
			p := h.made(t, c, test.schema)
			h.advance(t, c, scheduler.Advance{By: time.Hour})
			p = h.read(t, c, p.ID)
			if got := strings.Join(raws(p), " "); got != test.raws {
				t.Errorf("notifications %q, want %q", got, test.raws)
			}
			if len(p.Deliveries) == 0 {
				if test.raws != "" {
					t.Error("no webhook")
				}
				return
			}
			if got := p.Deliveries[0].Updated.Sub(start); got != test.first {
				t.Errorf("the first webhook arrived after %s, want %s", got, test.first)
			}
			expect(t, "the webhook", p.Deliveries[0].Body, test.body)
			doc, err := openapi.Decode([]byte(p.Deliveries[0].Body))
			if op, _ := h.contract.Operation(p.PSP, p.Type, ""); err == nil {
				err = h.contract.ValidateAs(op.Webhook, doc)
			}
			if err != nil {
				t.Errorf("the webhook breaks the published contract: %v", err)
			}
		})
	}
}

// Deliveries: headers, the form of Authorization, the retry schedule.
func TestObservedDeliveries(t *testing.T) {
	t.Parallel()
	h := observing(t, "rule: POST payone\nheaders: {Content-Type: text/plain, User-Agent: null}", "rule: webhook-secret\nauthorization: Token {secret}", "rule: webhook-retries\nflow: PAYONE\nretries: [7s]")
	c := h.company("delivered", h.configure("PAYONE", map[string]any{"isWebhookSecured": true, "webhookSecret": "topsecret-1"}))
	h.runtimes.Get(c.ID).Inbox.Set([]simcompany.Reply{{Status: 500, Times: 5}})
	p := h.made(t, c, "PayonePayInRequest")
	h.advance(t, c, scheduler.Advance{By: time.Hour})
	p = h.read(t, c, p.ID)
	if len(p.Deliveries) != 1 || len(p.Deliveries[0].Attempts) != 2 || p.Deliveries[0].State != payment.DeliveryExhausted {
		t.Fatalf("%+v", p.Deliveries)
	}
	headers := p.Deliveries[0].Attempts[0].Headers
	if headers["Content-Type"] != "text/plain" || !strings.HasPrefix(headers["Authorization"], "Token ") || headers["User-Agent"] != "" {
		t.Errorf("headers %v", headers)
	}
	if got := p.Deliveries[0].Updated.Sub(start); got != 9*time.Second {
		t.Errorf("exhausted after %s", got)
	}
}

// A payment says which fields of its answer and its webhooks rest on observations.
func TestPaymentsSayWhatIsObserved(t *testing.T) {
	t.Parallel()
	h := observing(t, "rule: PayonePayInAnswer.data.redirect_url\nrenamed: data.url", "rule: PayoneWebhook.status\nconstant: completed\ninsteadOf: success", "rule: PayoneWebhook.amount\nform: number")
	c := h.company("told", nil)
	p := h.made(t, c, "PayonePayInRequest")
	h.advance(t, c, scheduler.Advance{By: time.Hour})
	p = h.read(t, c, p.ID)
	if !slices.Equal(p.Answer.Observed, []string{"data.url"}) {
		t.Errorf("answer: %v", p.Answer.Observed)
	}
	if got := p.Deliveries[0].Observed; !slices.Equal(got, []string{"status", "amount"}) && !slices.Equal(got, []string{"amount", "status"}) {
		t.Errorf("webhook: %v", got)
	}
}

// A webhook that is sent again with the same body rests on the same observations; one with another body on none.
func TestResentWebhooksSayWhatIsObserved(t *testing.T) {
	t.Parallel()
	d := observing(t, "rule: PayoneWebhook\nadded: {field: meta.version, example: v2}").adminOf(t, "resent", nil)
	id := d.made("PayonePayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	d.call("GET", d.of("/v1/deliveries/"+id+"-1"), "").want(200).is("observed.0", "meta.version")
	d.call("POST", d.of("/v1/deliveries/"+id+"-1/resend"), "").want(201).is("observed.0", "meta.version")
	d.call("POST", d.of("/v1/deliveries/"+id+"-1/resend"), `{"body": "{}"}`).want(201).is("body", "{}", "observed", "")
}

// A webhook that was observed without the field that a scenario spoils is sent as it is: its payment ends as any other.
func TestNothingToSpoil(t *testing.T) {
	t.Parallel()
	for observation, body := range map[string]string{
		"rule: PayoneWebhook.amount\nabsent: true":                   "number-amount",
		"rule: PayoneWebhook.amount\nrenamed: data.amount":           "number-amount",
		"rule: PayoneWebhook.transaction_id\nrenamed: data.identity": "another-payments-id",
	} {
		d := observing(t, observation).adminOf(t, "absent", nil)
		d.call("PUT", d.at("/scenarios/spoiled"), `{"webhooks": {"body": "`+body+`"}}`).want(200)
		id := d.made("PayonePayInRequest")
		d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
		d.call("GET", d.of("/v1/payments/"+id), "").want(200).is("status", "approved", "deliveries.0.state", "delivered")
	}
}

// exampleAnswers are those to the example of every flow.
func exampleAnswers(t *testing.T, h *testSimulator) (all []string) {
	t.Helper()
	for _, op := range h.contract.Operations() {
		body, _ := h.contract.Example(op.Schema)
		answer := h.pay(h.company(op.Schema, nil), string(body))
		all = append(all, fmt.Sprint(op.Schema, " ", answer.Code, " ", answer.Body))
	}
	return all
}

// With observations of every kind the answers are other ones, and still match the contract; without them they are as before.
func TestObservationsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	before := exampleAnswers(t, open(t, nil))
	observed := exampleAnswers(t, open(t, func(c *Config) { c.Observed = []string{everyKind} }))
	after := exampleAnswers(t, open(t, nil))
	if !slices.Equal(before, after) {
		t.Error("answers without observations have changed")
	}
	if slices.Equal(before, observed) {
		t.Error("answers with observations are as without")
	}
	for _, answer := range observed {
		if strings.Contains(answer, " 500 ") {
			t.Error(answer)
		}
	}
}

// Random valid requests of the observed contract are accepted.
func TestRandomRequestsOfTheObservedContract(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *Config) { c.Observed = []string{everyKind} })
	header := h.header(h.company("random", nil))
	for _, op := range h.contract.Operations() {
		generator, err := fixtures.NewGenerator(random.New(42, op.Schema))
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			body, err := generator.Request(op)
			if err != nil {
				t.Fatal(err)
			}
			if answer := h.call(header, string(body)); answer.Code/100 != 2 {
				t.Errorf("%s: %s\ngot %d %s", op.Schema, body, answer.Code, answer.Body)
			}
		}
	}
}

// A configuration file names files of observations beside it; what is wrong with one is said with its line.
func TestObservedOfTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	file := write("mozartosim.yaml", "observed: [seen.yaml]\ncompanies: [{name: shop}]\n")
	const observation = "observations:\n  - rule: PayonePayInAnswer.data.success\n    absent: true\n    seen: [{target: a, date: 2026-11-28, run: r, times: 1}]\n"
	write("seen.yaml", observation)
	h := open(t, func(c *Config) { c.ConfigFile = file })
	if !strings.Contains(string(h.contract.Bundled()), `"basis":"observed"`) {
		t.Error("the contract has no observation")
	}
	for _, test := range []struct{ text, want string }{
		{strings.Replace(observation, "absent: true", "absent: false", 1), "seen.yaml:3:5: observations.0.absent must be one of: true"},
		{strings.NewReplacer("PayonePayInAnswer.data.success", "ForumpayPayInRequest/forumpay-payer-id", "absent: true", "request: {enforced: false}").Replace(observation), "enforced must not be false: it is part of the provider's answer"},
	} {
		write("seen.yaml", test.text)
		config := Default()
		config.PublicAddr, config.AdminAddr, config.ConfigFile = "127.0.0.1:0", "", file
		if s, err := New(config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
			if err == nil {
				_ = s.Close()
			}
		}
	}
}

// fifty is a file with fifty observations, five of them of the answer that is measured.
func fifty(b *testing.B) string {
	b.Helper()
	var text bytes.Buffer
	text.WriteString("observations:\n")
	add := func(entry string) {
		fmt.Fprintf(&text, "  - %s\n    seen: [{target: a, date: 2026-11-28, run: r, times: 1}]\n", entry)
	}
	add("rule: PayonePayInAnswer.data.redirect_url\n    renamed: data.url")
	add("rule: PayonePayInAnswer.data.success\n    absent: true")
	add("rule: PayonePayInAnswer.data.transaction_status\n    constant: PENDING")
	add("rule: PayonePayInAnswer.data.amount\n    form: text with two decimals")
	add("rule: PayonePayInAnswer.data.merchantReference\n    nullWhenEmpty: true")
	for i := range 45 {
		add(fmt.Sprintf("rule: TrustPayInAnswer\n    added: {field: meta.f%d, example: v}", i))
	}
	file := filepath.Join(b.TempDir(), "fifty.yaml")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// BenchmarkObserved is what fifty observations cost a Payone pay-in, five of them being about its answer.
func BenchmarkObserved(b *testing.B) {
	inTurns(b, 101, func(*Config) {}, func(c *Config) { c.Observed = []string{fifty(b)} })
}

// What was observed of an answer's headers holds for one that a scenario breaks, too.
func TestObservedHeadersOfBrokenAnswers(t *testing.T) {
	t.Parallel()
	h := observing(t, "rule: PayonePayInAnswer\nheaders: {X-Trace: abc}")
	server := httptest.NewServer(h.public)
	t.Cleanup(server.Close)
	for _, fault := range []string{"truncated", "slow"} {
		c := h.company(fault, nil)
		must(t, h.runtimes.Get(c.ID).Clock.Set(clock.Real, 0))
		must(t, h.runtimes.Get(c.ID).Scenarios().Put(h.scripted(t, `{"name": "broken", "answer": {"fault": "`+fault+`"`+map[string]string{"slow": `, "rate": 1000000`}[fault]+`}}`)))
		body, _ := h.contract.Example("PayonePayInRequest")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+openapi.CashierPath, bytes.NewReader(body))
		must(t, err)
		r.Header = h.header(c)
		answer, err := http.DefaultTransport.RoundTrip(r)
		must(t, err)
		_ = answer.Body.Close()
		if got := answer.Header.Get("X-Trace"); got != "abc" {
			t.Errorf("%s: X-Trace is %q", fault, got)
		}
	}
}
