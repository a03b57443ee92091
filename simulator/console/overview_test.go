package console_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The overview counts what happened by provider, and shows what is due and what was refused.
func TestOverview(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/").want(200).has("title", "Overview").has("empty", "Nothing has happened yet").has("cashier-url", b.sim.URL+"/v1/api/mozarto/cashier")
	b.click("empty-tokens").want(200).has("company-jwt", "eyJ")
	b.get("/inbox").click("replies-submit", "replies", "500").want(200)
	b.pay("PAYONE-PAYIN", "payer", "scenario", "scenario", "payone-declined")
	b.pay("PAYONE-PAYIN", "payer", "simulated")
	b.advance(6 * time.Second)
	b.pay("TRUST-PAYIN", "payer", "me")
	b.get("/cashier").click("cashier-submit", "body", `{"pspType": "PAYONE", "type": "PAYIN"}`).want(200)
	b.get("/overview").want(200).has("refused-row", "400 Payone Missing required field").has("due-row", "webhook 1 is attempted").has("due-row", "Payone 35.00 CAD")
	b.pay("GIGADAT-PAYOUT-ETO", "payer", "simulated")
	b.get("/scenarios/payone-declined").click("override-submit").want(200)
	b.get("/overview")
	for i, want := range []string{"1 webhook is being retried", "1 pay-out awaits approval", "1 call was refused lately", "1 override waits for a payment"} {
		if notes := b.page.all("note"); i >= len(notes) || notes[i].text() != want {
			t.Fatalf("note %d of %d is not %q", i, len(notes), want)
		}
	}
	b.click("note").want(200).has("delivery-row", "retrying")
	b.get("/overview")
	if got := []string{b.page.all("chart-text")[0].text(), b.page.all("chart-text")[1].text()}; got[0] != "1 succeeded, 1 failed, 2 open" || got[1] != "1 delivered, 1 failed" {
		t.Errorf("the charts count %q", got)
	}
	rows := map[string]string{}
	for _, row := range b.page.all("provider-row") {
		rows[row.attr["data-key"]] = strings.Join(strings.Fields(row.text()), " ")
	}
	if !strings.HasPrefix(rows["PAYONE"], "Payone21150 %1") || !strings.HasPrefix(rows["TRUST"], "Trust Payments100open0") {
		t.Errorf("the providers are %q", rows)
	}
	b.get(b.home()).click("reset", "confirm", "yes").want(200)
	b.get("/overview").want(200).has("empty", "Nothing has happened yet")
}

// The request can be typed into a form: texts stay texts, other values are JSON, empty fields are left out.
func TestCashierAsForm(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/cashier?mode=form&example=full").want(200).hasNo("cashier-body").has("snippet", "curl -sS")
	b.click("cashier-submit", "field:baseamount", "12.50", "field:merchantReference", "").want(200).has("cashier-status", "200").
		click("cashier-payment").want(200).has("payment-amount", "12.50 CAD")
	if request := b.one("call-request").text(); !strings.Contains(request, `"baseamount": 12.50`) || strings.Contains(request, "merchantReference") {
		t.Errorf("the request is %s", request)
	}
	b.get("/cashier?mode=form").click("cashier-submit", "field:baseamount", "much").want(200).has("cashier-status", "400").has("cashier-answer", "baseamount").
		has("cashier-reason", "baseamount").has("cashier-advice", "a JSON number above zero")
	if got := b.page.all("cashier-field")[0].attr; got["name"] != "field:pspType" || !strings.Contains(b.body, "readonly") {
		t.Errorf("the provider's field is %v", got)
	}
	b.get("/cashier?mode=form").click("cashier-submit", "field:currency", "").want(200).has("cashier-status", "400").has("cashier-reason", "currency")
	for _, field := range b.page.all("cashier-field") {
		if is := field.attr["name"] == "field:currency"; is != (field.attr["aria-invalid"] == "true") {
			t.Errorf("the field %v is marked wrongly", field.attr)
		}
	}
	if b.click("cashier-json").want(200); strings.Contains(b.one("cashier-body").text(), `"currency"`) {
		t.Error("the emptied field is in the JSON")
	}
	b.get("/cashier?mode=form").click("cashier-submit", "base", `{"a": 1`, "field:a", "2").want(200) // a base that was cut is no reason to fail
}

// A refused request says why where it is edited: what is wrong, in which line, by which rule; what was typed and chosen stays.
func TestCashierRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/cashier?example=full").want(200)
	body := strings.Replace(b.one("cashier-body").text(), `"currency"`, `"currencyx"`, 1)
	before, _, _ := strings.Cut(body, "currencyx")
	line := 1 + strings.Count(before, "\n")
	b.click("cashier-submit", "body", body).want(200).has("cashier-reason", fmt.Sprintf("Missing required field: currency, in line %d", line)).
		has("cashier-meant", "currencyx: did you mean currency?").has("cashier-rule", "PayonePayInRequest.currency")
	if got := b.one("cashier-body").parent.attr["data-wrong"]; got != strconv.Itoa(line) {
		t.Errorf("line %s is marked, want %d", got, line)
	}
	if b.one("example-full").attr["aria-current"] == "" {
		t.Error("the chosen example is not marked any more")
	}
	b.click("cashier-form").want(200).hasNo("cashier-body", "cashier-status").click("cashier-json").want(200)
	if got := b.one("cashier-body").text(); got != body {
		t.Errorf("what was typed became\n%s", got)
	}
	b.click("cashier-submit", "body", "{\n  \"pspType\": \"PAYONE\",\n  oops\n}").want(200).has("cashier-reason", "in line 3")
	b.get("/cashier").click("cashier-submit", "body", strings.Replace(b.get("/cashier").one("cashier-body").text(), "35", `"x"`, 1)).want(200).has("cashier-reason", "in line 4").hasNo("cashier-meant")
}

// The ledger's counts lead to what they count, and with the simulator's own settings they are all rules.
func TestLedgerCounts(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/ledger").want(200)
	total := 0
	for _, basis := range []string{"documented", "provider", "assumed", "own"} {
		n, err := strconv.Atoi(b.get("/ledger").one("ledger-count-" + basis).text())
		if err != nil {
			t.Fatal(err)
		}
		total += n
		b.press(b.one("ledger-count-" + basis).ancestor("a")).want(200)
		if !strings.Contains(b.body, fmt.Sprintf("of %d rules", n)) {
			t.Errorf("the link of %d %s leads to another list", n, basis)
		}
	}
	if b.get("/ledger"); !strings.Contains(b.body, fmt.Sprintf("of %d rules", total)) {
		t.Errorf("the list has not the %d rules that are counted", total)
	}
}

// Long lists have pages and groups.
func TestScenarioGroups(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/scenarios").want(200)
	if got := len(b.page.all("scenario-row")); got != 50 {
		t.Errorf("the first page has %d scenarios", got)
	}
	first := b.one("scenario-row").attr["data-key"]
	if b.click("next-page").want(200).one("scenario-row").attr["data-key"] == first {
		t.Error("the second page is the first one")
	}
	b.press(b.page.all("chip")[len(b.page.all("chip"))-1]).want(200)
	if got := len(b.page.all("scenario-row")); got == 0 || got > 50 {
		t.Errorf("a group has %d scenarios", got)
	}
}
