package browsertest

import (
	"strings"
	"testing"

	"mozartosim/simulator/adminapi"
)

// press clicks what a CSS selector finds once it is there: Swagger UI's elements have no test ids.
func (tab *Tab) press(selector string) {
	tab.t.Helper()
	tab.WaitUntil(selector, `document.querySelector(`+quote(selector)+`)`)
	Evaluate[bool](tab, `(document.querySelector(`+quote(selector)+`).click(), true)`)
}

// The Cashier API's reference makes a payment, with the first company's tokens filled in, and loads nothing from elsewhere.
func TestReferenceMakesAPayment(t *testing.T) {
	t.Parallel()
	m := newDemo(t)
	tab := m.newTab()
	m.console(tab, "/docs/cashier")
	tab.press(".opblock-summary-control")
	tab.WaitUntil("the tokens are filled in", `document.querySelector(".btn.authorize.locked")`)
	tab.press(".try-out__btn")
	tab.press(".execute")
	tab.WaitUntil("the answer is shown", `document.querySelector(".live-responses-table .response-col_status")`)
	shown := Evaluate[string](tab, `document.querySelector(".responses-inner").innerText`)
	if !strings.Contains(shown, "200") || !strings.Contains(shown, `"isSuccess": true`) {
		t.Errorf("the answer reads %s", shown)
	}
	if !strings.Contains(shown, m.sim.URL+"/v1/api/mozarto/cashier") || strings.Contains(shown, "/docs/try/") {
		t.Errorf("the call is shown as %s", shown)
	}
	made, err := m.sim.Demo.Payments(t.Context(), adminapi.PaymentQuery{})
	if err != nil || len(made.Payments) != 1 {
		t.Errorf("payments: %v %v", made.Payments, err)
	}
}

// The admin API's reference calls it, with the login's own rights.
func TestReferenceOfTheAdminAPI(t *testing.T) {
	t.Parallel()
	m := newDemo(t)
	tab := m.newTab()
	m.console(tab, "/docs/admin")
	tab.press(`#operations-process-version .opblock-summary-control`)
	tab.press(".try-out__btn")
	tab.press(".execute")
	tab.WaitUntil("the answer is shown", `document.querySelector(".live-responses-table .response-col_status")`)
	if shown := Evaluate[string](tab, `document.querySelector(".live-responses-table").innerText`); !strings.Contains(shown, `"contracts"`) {
		t.Errorf("the answer reads %s", shown)
	}
}
