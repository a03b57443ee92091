package browsertest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"mozartosim/simulator/requestlog"
)

// refusedCall sends a call that is refused, with tokens or without, and returns its id.
func (m *merchant) refusedCall(withTokens bool, body string) string {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.tokens.URL, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if withTokens {
		r.Header.Set("Authorization", "Bearer "+m.tokens.Company)
		r.Header.Set("X-User-Token", "Bearer "+m.tokens.User)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r)
	if err != nil {
		m.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	id := answer.Header.Get(requestlog.Header)
	if answer.StatusCode < http.StatusBadRequest || id == "" {
		m.t.Fatalf("the call %q is answered %d", id, answer.StatusCode)
	}
	return id
}

// A refused call appears by itself; its page says why, what would be right, and leads to the rule. An accepted one leads to its
// payment, which leads back.
func TestCallsInConsole(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/calls")
	tab.WaitFor("empty")
	waitUntilLive(tab)
	refused := m.refusedCall(true, `{"pspType":"PAYONE","type":"PAYIN","card":{"pan":"4539578763621486"},"note":"it's"}`)
	row := func(id string) string {
		return fmt.Sprintf(`document.querySelector('[data-testid="call-row"][data-key=%s]')`, quote(id))
	}
	tab.WaitUntil("the refused call is listed", row(refused))
	paid := m.pay("payone/payin.full", nil)
	tab.WaitUntil("the accepted call is listed", `document.querySelector('[data-testid="call-row"][data-outcome="accepted"]')`)
	wantSameDocument(tab)

	tab.Follow("payment-link")
	tab.Open(tab.Attribute("page-link", "href"))
	m.console(tab, "/calls?kind=page")
	tab.WaitUntil("only the view of the hosted page is listed", `[...document.querySelectorAll('[data-testid="call-link"]')].map(a => a.textContent).join().startsWith("GET /pay/payone/")`)
	tab.Follow("chip-calls")
	tab.WaitUntil("no view of a page is listed", row(refused)+` && !document.body.textContent.includes("GET /pay/")`)
	tab.Follow("chip-refused")
	waitUntilLive(tab)
	tab.Choose("filter-stage", "validate")
	tab.Enter("filter-status", "400")
	tab.Enter("filter-q", "MISSING")
	tab.WaitUntil("only the refused call is listed, and the address says why", row(refused)+` && document.querySelectorAll('[data-testid="call-row"]').length === 1 &&
		["q=MISSING", "stage=validate", "status=400", "outcome=refused"].every(p => location.search.includes(p))`)
	wantSameDocument(tab)
	tab.Follow("call-link")
	tab.Accessible("a refused call")
	shown := Evaluate[string](tab, `document.body.innerHTML`)
	for _, want := range []string{"Refused by validate", "What would be right", "453957******1486", "$COMPANY_TOKEN"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, secret := range []string{"4539578763621486", m.tokens.Company, m.tokens.User} {
		if strings.Contains(shown, secret) {
			t.Errorf("the page shows %s", secret)
		}
	}
	tab.Follow("call-rule")
	tab.WaitFor("ledger-row")

	m.console(tab, "/payments/"+paid.ID)
	tab.Click("more-actions")
	tab.Follow("calls-link")
	tab.Follow("call-link")
	tab.Accessible("an accepted call")
	tab.WaitUntil("the body of the payment is there", `document.querySelector('[data-testid="call-body"]').textContent.includes("PAYONE")`)
	tab.Follow("payment-link")
	tab.WaitForText("payment-id", paid.ID)

	unknown := m.refusedCall(false, `{}`)
	m.console(tab, "/calls?q="+unknown)
	tab.WaitFor("empty")
	m.console(tab, "/calls?unknown=true&q="+unknown)
	tab.WaitUntil("it stands under unknown company", row(unknown))
	tab.Follow("call-link")
	tab.WaitForText("call-reason", "Refused by identify")
}
