package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/scheduler"
)

// scripted reads a scenario from JSON.
func (h *testSimulator) scripted(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	sc, err := h.scenarios.Reader().Document(doc)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// changed is an example request with fields set; dotted names reach into objects.
func (h *testSimulator) changed(t *testing.T, schema string, fields map[string]string) string {
	t.Helper()
	text, _ := h.contract.Example(schema)
	doc, err := openapi.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	for path, value := range fields {
		holder, name := doc.Fields, path
		if parent, last, nested := cutLast(path); nested {
			holder, name = doc.Object(parent), last
		}
		holder[name] = value
	}
	body, err := json.Marshal(doc.Fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// ask makes a call with a scenario in its header, "" = none.
func (h *testSimulator) ask(c *backoffice.Company, name, body string) *httptest.ResponseRecorder {
	header := h.header(c)
	if name != "" {
		header.Set(api.ScenarioHeader, name)
	}
	return h.call(header, body)
}

// The card numbers of the tests: one that eMerchantPay declines, and one of another provider, which decides nothing there.
const (
	declinedCard = "4111111111111111"
	plainCard    = "4444333322221111"
)

// rungs are all that can speak for a call, the first one first, and how one knows that it did.
var rungs = []struct{ name, speaks string }{
	{"override", "211"}, {"header", "212"}, {"reference", "213"}, {"magic card", "Declined"}, {"put", "214"},
	{"loaded first", "215"}, {"loaded second", "216"}, {"default", "Approved"},
}

func answers(name, match, status string) string {
	return `{"name": "` + name + `", "match": {"psp": "EMERCHANTPAY"` + match + `}, "answer": {"http": {"status": ` + status + `}}}`
}

// Every rung wins over all below it, and says nothing when it isn't there (DESIGN 2.10).
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for from, want := range rungs {
		t.Run(want.name, func(t *testing.T) {
			t.Parallel()
			h := open(t, nil)
			company := h.company("precedence", nil)
			there := map[string]bool{}
			for _, r := range rungs[from:] {
				there[r.name] = true
			}
			h.load(t, company, there)
			fields, header := map[string]string{"card.pan": plainCard}, ""
			if there["magic card"] {
				fields["card.pan"] = declinedCard
			}
			if there["reference"] {
				fields["merchantReference"] = "sim:by-reference"
			}
			if there["header"] {
				header = "by-header"
			}
			if got := spoke(t, h.ask(company, header, h.changed(t, "EmerchantpayPayInRequest", fields))); got != want.speaks {
				t.Errorf("got %s, want %s", got, want.speaks)
			}
		})
	}
}

// load gives a company the scenarios of the rungs that are there.
func (h *testSimulator) load(t *testing.T, c *backoffice.Company, there map[string]bool) {
	t.Helper()
	own := []*scenario.Scenario{
		h.scripted(t, answers("by-header", `, "named": true`, "212")), h.scripted(t, answers("by-reference", `, "named": true`, "213")),
	}
	if there["loaded first"] {
		own = append(own, h.scripted(t, answers("first", "", "215")))
	}
	if there["loaded second"] {
		own = append(own, h.scripted(t, answers("second", "", "216")))
	}
	h.runtimes.ReplaceScenarios(own)
	set := h.runtimes.Get(c.ID).Scenarios()
	if there["put"] {
		must(t, set.Put(h.scripted(t, answers("put", "", "214"))))
	}
	if there["override"] {
		must(t, set.Override(h.scripted(t, answers("once", "", "211"))))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// spoke is the status of an answer, or, when that is the usual one, the transaction_status in it.
func spoke(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	if answer.Code != http.StatusOK {
		return strconv.Itoa(answer.Code)
	}
	doc, err := openapi.Decode(answer.Body.Bytes())
	must(t, err)
	return doc.Text("data.transaction_status")
}

// An override speaks once, for the next payment that it is for, and waits until then.
func TestOverrideOnce(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	company := h.company("override", nil)
	must(t, h.runtimes.Get(company.ID).Scenarios().Override(h.scripted(t, answers("once", "", "211"))))
	payone := h.changed(t, "PayonePayInRequest", nil)
	card := h.changed(t, "EmerchantpayPayInRequest", map[string]string{"card.pan": plainCard})
	for i, c := range []struct{ body, want string }{{payone, "Pending"}, {card, "211"}, {card, "Approved"}} {
		if got := spoke(t, h.ask(company, "", c.body)); got != c.want {
			t.Errorf("call %d got %s, want %s", i+1, got, c.want)
		}
	}
}

// A scenario that was named decides what it speaks of; a magic card or voucher decides the rest.
func TestTestDataUnderScenarios(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	card := h.changed(t, "EmerchantpayPayInRequest", map[string]string{"card.pan": declinedCard})
	redeemed := h.changed(t, "FlexepinPayInRequest", map[string]string{"voucherPin": "9900000000000004"})
	neosurf := h.changed(t, "NeosurfPayInRequest", map[string]string{"voucherPin": "SIMNEO0004"})
	for _, c := range []struct {
		name, body, scenario string
		status               int
		says                 string
		ends                 payment.Status
	}{
		{"card, silent scenario", card, `"webhooks": {"copies": 2}`, 200, `"transaction_status":"Declined"`, payment.Declined},
		{"card, shopper approves", card, `"shopper": {"action": "approve"}`, 200, `"transaction_status":"Pending"`, payment.Approved},
		{"card, outcome scripted", card, `"then": [{"status": "Approved"}]`, 200, `"transaction_status":"Declined"`, payment.Approved},
		{"voucher, silent scenario", redeemed, `"answer": {"delay": "1s"}`, 400, "Voucher already redeemed", payment.Declined},
		{"voucher, other reason", redeemed, `"answer": {"voucher": "INVALID_PIN"}`, 400, "Invalid voucher PIN", payment.Declined},
		{"voucher, error", redeemed, `"answer": {"error": "PSP_TIMEOUT"}`, 500, "PSP_TIMEOUT", payment.Failed},
		{"voucher, shopper approves", neosurf, `"shopper": {"action": "approve"}`, 200, `"status":"PENDING"`, payment.Approved},
		{"final voucher, declined", h.changed(t, "FlexepinPayInRequest", nil), `"shopper": {"action": "decline", "reason": "AMOUNT_MISMATCH"}`, 400, "Voucher amount does not match", payment.Declined},
	} {
		t.Run(c.name, func(t *testing.T) {
			company := h.company("magic "+c.name, nil)
			must(t, h.runtimes.Get(company.ID).Scenarios().Put(h.scripted(t, `{"name": "named", "match": {"named": true}, `+c.scenario+`}`)))
			answer := h.ask(company, "named", c.body)
			if answer.Code != c.status || !strings.Contains(answer.Body.String(), c.says) {
				t.Errorf("got %d %s, want %d with %s", answer.Code, answer.Body, c.status, c.says)
			}
			h.advance(t, company, scheduler.Advance{UntilIdle: true})
			if p := h.read(t, company, h.streams(t, company.ID)[0]); p.Status != c.ends {
				t.Errorf("the payment is %s, want %s", p.Status, c.ends)
			}
		})
	}
}

// A name that there isn't, and one for other payments, is told in the vendor's shape, with the names that may have been
// meant; no payment is made.
func TestScenarioThatCantBe(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, c := range []struct{ name, header, reference, want string }{
		{"unknown in the header", "payone-aproved", "",
			`Mozartosim-Scenario must name a scenario: there is no scenario \"payone-aproved\", close matches are payone-approved`},
		{"unknown in the reference", "", "sim:webhook-twise",
			`merchantReference must name a scenario: there is no scenario \"webhook-twise\", close matches are webhook-twice`},
		{"like no other", "", "sim:???", `merchantReference must name a scenario: there is no scenario \"???\"`},
		{"nothing after sim:", "", "sim:", `merchantReference must name a scenario: there is no scenario \"\"`},
		{"for another provider", "trust-expired", "", `Mozartosim-Scenario must fit the payment: scenario trust-expired is for TRUST`},
		{"for another flow", "", "sim:payone-payout-approved",
			`merchantReference must fit the payment: scenario payone-payout-approved is for PAYONE PAYOUT`},
	} {
		t.Run(c.name, func(t *testing.T) {
			company := h.company(c.name, nil)
			body := h.changed(t, "PayonePayInRequest", map[string]string{"merchantReference": c.reference})
			answer := h.ask(company, c.header, body)
			want := vendorError("Validation failed", c.want)
			if answer.Code != http.StatusBadRequest || !strings.HasPrefix(answer.Body.String(), strings.TrimSuffix(want, `"]}`)) {
				t.Errorf("got  %d %s\nwant 400 %s", answer.Code, answer.Body, want)
			}
			if n := len(h.streams(t, company.ID)); n != 0 {
				t.Errorf("it left %d payments", n)
			}
		})
	}
}
