package browsertest

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
)

// wantReturn waits until the browser is back in the shop, and checks the path and the query; fields that are "" may have any
// value.
func wantReturn(m *merchant, tab *Tab, path string, fields map[string]string) {
	m.t.Helper()
	tab.WaitFor("shop")
	u, err := url.Parse(Evaluate[string](tab, `location.href`))
	if err != nil {
		m.t.Fatal(err)
	}
	if got := u.Scheme + "://" + u.Host; got != m.site.URL || u.Path != path {
		m.t.Errorf("returned to %s, want %s%s", u, m.site.URL, path)
	}
	for name, want := range fields {
		if got := u.Query().Get(name); got != want && want != "" || got == "" {
			m.t.Errorf("%s: %s is %q, want %q", u, name, got, want)
		}
	}
}

// After paying or cancelling the browser returns to the merchant by itself, with the parameters of each provider.
func TestReturns(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			m := newMerchant(t, withSite)
			tab := m.newTab()
			tab.Emulate(phone, Dark)
			own := map[string]any{"hppSuccessUrl": nil, "hppFailureUrl": nil}
			success, failure := "/payment/success", "/payment/failure"
			if h.psp == "TRUST" || h.psp == "EMERCHANTPAY" {
				own = map[string]any{"hppSuccessUrl": m.site.URL + "/own/done?order=7", "hppFailureUrl": m.site.URL + "/own/not?order=7"}
				success, failure = "/own/done", "/own/not"
			}
			o := m.pay(h.fixture, own)
			tab.Open(o.URL)
			tab.Follow("sim-approve")
			if h.psp == "FORUMPAY" { // the page leaves when the chain has confirmed
				m.advanceUntilIdle()
			}
			fields := map[string]string{"transactionId": o.ID, "status": "success"}
			if h.psp == "WORLDPAY_EU" {
				fields = map[string]string{"orderKey": "", "paymentStatus": "AUTHORISED", "paymentAmount": "", "paymentCurrency": ""}
			}
			if own["hppSuccessUrl"] != nil {
				fields["order"] = "7"
			}
			wantReturn(m, tab, success, fields)

			o = m.pay(h.fixture, own)
			tab.Open(o.URL)
			tab.Follow("cancel")
			tab.Follow("return-link") // without waiting for it
			fields = map[string]string{"transactionId": o.ID, "status": "cancelled"}
			if h.psp == "WORLDPAY_EU" {
				fields = map[string]string{"orderKey": "", "orderAmount": "", "status": "cancelled"}
			}
			wantReturn(m, tab, failure, fields)
			if visits := m.site.visits(); len(visits) != 2 {
				t.Errorf("%d visits, want 2: %q", len(visits), visits)
			}
		})
	}
}

// Returning proves nothing: a shopper who returns without deciding leaves the payment as it was, and may come back.
func TestReturnWithoutDeciding(t *testing.T) {
	t.Parallel()
	m := newMerchant(t, withSite)
	tab := m.newTab()
	o := m.pay("payone/payin.full", nil)
	tab.Open(o.URL)
	tab.Follow("sim-return")
	wantReturn(m, tab, "/payment/pending", map[string]string{"transactionId": o.ID, "status": "pending"})
	m.wantDecisions(o)
	tab.Back()
	payAtBank("bank-success")(tab)
	m.wantDecisions(o, "approve")
}

// Without a return URL the page says so and stays.
func TestNowhereToReturn(t *testing.T) {
	t.Parallel()
	m := newMerchant(t, withSite, func(_ *merchant, in *adminapi.CompanyInput) {
		delete(in.PSPs["BRITE"], "siteUrl")
		delete(in.PSPs["TRUST"], "siteSecurityPassword") // without it Trust gets no return URLs (documented)
	})
	tab := m.newTab()
	for fixture, state := range map[string]string{"brite/payin.full": "decided", "trust/payin.full": "used"} {
		o := m.pay(fixture, nil)
		tab.Open(o.URL)
		tab.Follow("sim-approve")
		wantState(tab, state)
		tab.WaitFor("no-return")
		if tab.Visible("return-link") {
			t.Errorf("%s: there is a return link", fixture)
		}
		tab.Open(o.URL + "/return")
		wantState(tab, state)
	}
	if visits := m.site.visits(); len(visits) != 0 {
		t.Errorf("shoppers went to %q", visits)
	}
}

// scripted opens the page of a Payone payment under a scenario.
func scripted(t *testing.T, scenario string) (*merchant, *Tab, order) {
	t.Helper()
	m := newMerchant(t, withSite)
	tab := m.newTab()
	o := m.payUnder(scenario, "payone/payin.full", nil)
	tab.Open(o.URL)
	return m, tab, o
}

// shopper-returns-first: the browser returns before the merchant is notified.
func TestReturnFirst(t *testing.T) {
	t.Parallel()
	m, tab, o := scripted(t, "shopper-returns-first")
	wantReturn(m, tab, "/payment/success", map[string]string{"transactionId": o.ID})
	if sent := m.payment(o).Deliveries; len(sent) != 0 {
		t.Fatalf("webhooks before the return: %+v", sent)
	}
	m.wantFinal(o, "Approved")
	if len(m.payment(o).Deliveries) != 1 {
		t.Errorf("%d webhooks, want one", len(m.payment(o).Deliveries))
	}
	if visits := m.site.visits(); len(visits) != 1 {
		t.Errorf("visits: %q", visits)
	}
}

// shopper-returns-twice: the return URL is opened two times, and one decision is made.
func TestReturnTwice(t *testing.T) {
	t.Parallel()
	m, tab, o := scripted(t, "shopper-returns-twice")
	wantState(tab, "simulated")
	m.advance(time.Minute)
	tab.WaitFor("shop") // the page follows, and leaves by itself
	tab.Open(o.URL)
	tab.WaitForText("visits", "2")
	tab.Open(o.URL)
	wantState(tab, "decided") // and not a third time
	tab.waitForAnimations()
	if tab.Visible("returning") {
		t.Error("the page leaves a third time")
	}
	if visits := m.site.visits(); len(visits) != 2 || visits[0] != visits[1] || !strings.HasPrefix(visits[0], "/payment/success?") {
		t.Errorf("visits: %q", visits)
	}
	m.wantDecisions(o, "return-twice")
	m.wantFinal(o, "Approved")
}

// shopper-closes-the-tab: the shopper does not return, and only the webhook arrives.
func TestCloseTab(t *testing.T) {
	t.Parallel()
	m, tab, o := scripted(t, "shopper-closes-the-tab")
	wantState(tab, "simulated")
	m.advance(time.Minute)
	waitForState(tab, "decided")
	tab.WaitFor("no-return")
	if tab.Visible("returning") {
		t.Error("the page leaves although the shopper has closed it")
	}
	m.wantFinal(o, "Approved")
	tab.WaitForText("webhook", "delivered, answered 200") // the page that stays follows it
	if visits := m.site.visits(); len(visits) != 0 {
		t.Errorf("visits: %q", visits)
	}
}

// A person who closes the tab in the middle of a payment leaves it undecided until its session expires.
func TestTabClosedByHand(t *testing.T) {
	t.Parallel()
	m := newMerchant(t, withSite)
	tab := m.newTab()
	o := m.pay("gigadat/payin.full", nil)
	second := tab.SecondTab()
	second.Open(o.URL)
	second.Follow("bank-success")
	second.Close()
	m.wantDecisions(o)
	m.wantFinal(o, "Declined")
	if visits := m.site.visits(); len(visits) != 0 {
		t.Errorf("visits: %q", visits)
	}
}

// A person takes over from the simulated shopper who is about to decide.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	m := newDemo(t, autoShopper)
	tab := m.newTab()
	o := m.pay("payone/payin.full", nil)
	tab.Open(o.URL)
	wantState(tab, "simulated")
	tab.WaitFor("shopper-note")
	tab.Follow("take-over")
	payAtBank("bank-limit_exceeded")(tab)
	wantOutcome(tab, "failure")
	m.wantFinal(o, "Declined")

	o = m.pay("payone/payin.full", nil)
	tab.Open(o.URL)
	m.advance(2 * time.Second)
	waitForState(tab, "decided")
	tab.WaitFor("by-hand")
	m.wantDecisions(o, "approve")
}
