package console_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/requestlog"
)

// call sends a call with a body to the Cashier API, without tokens, and returns its id.
func (b *browser) call(body string) string {
	b.Helper()
	answer, err := b.client.Post(b.sim.URL+"/v1/api/mozarto/cashier", "application/json", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.Header.Get(requestlog.Header)
}

// Without scripts: calls are listed, filtered, paged, shown, and downloaded as an HTTP archive with the filters of the page.
func TestCalls(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/calls").has("empty", "No calls yet").click("empty-next").want(200)
	first := b.pay("PAYONE-PAYIN")
	b.get("/calls").has("call-row", "Payone pay-in").hasNo("next-page").click("payment-link").want(200).has("payment-id", first)
	b.click("calls-link").want(200).click("call-link").want(200).has("call-body", "pspType").has("call-answer", "transactionId").
		has("curl", "$COMPANY_TOKEN")
	for range 50 {
		b.pay("PAYONE-PAYIN")
	}
	b.get("/calls?outcome=accepted").click("next-page").want(200).has("call-row", first[len(first)-8:]).has("first-page", "First page")
	b.get("/calls?outcome=refused").has("empty", "No call matches").click("empty-next").want(200)
	b.get("/calls?status=abc").want(http.StatusBadRequest).has("error", "status must be")
	b.get("/calls?stage=nothing").want(http.StatusBadRequest).has("error", "stage")
	b.get("/calls/none-1").want(http.StatusNotFound)

	unknown := b.call(`{"pspType":"it's"}`)
	b.get("/calls?unknown=true&q="+unknown).has("call-row", "identify").click("call-link").want(200).
		has("call-reason", "company token").has("call-rule", "company-token").has("call-advice", "tokens").has("curl", `it'\''s`)
	b.get("/calls/"+unknown).want(200).has("call-reason", "company token")
	b.get("/calls?outcome=refused").has("empty", "No call matches").has("more-unknown", "more reached no company").click("more-unknown").want(200).has("call-row", "identify")
	b.get("/calls?outcome=accepted").hasNo("more-unknown")
	example := b.get("/cashier").one("cashier-body").text()
	b.click("cashier-submit", "body", strings.Replace(example, `"baseamount": `, `"baseamount": "25", "was": `, 1)).want(200)
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	fields := contract.FieldsOf("PayonePayInRequest")
	amount := fields[slices.IndexFunc(fields, func(f openapi.Field) bool { return f.Path == "baseamount" })]
	b.get("/calls?outcome=refused").click("call-link").want(200).has("call-advice", "The field is required. "+strings.ReplaceAll(amount.Description, "`", "")).
		click("call-example").want(200).has("cashier-body", "baseamount")
	b.get("/calls?unknown=true&q=" + unknown)
	archive := b.one("archive")
	b.do("GET", archive.attr["href"], "").want(200)
	var har struct {
		Log struct{ Entries []struct{ Comment string } }
	}
	if err := json.Unmarshal([]byte(b.body), &har); err != nil || len(har.Log.Entries) != 1 || !strings.Contains(har.Log.Entries[0].Comment, "identify") {
		t.Errorf("archive: %v %s", err, b.body)
	}
}
