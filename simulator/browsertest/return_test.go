package browsertest

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/simtest"
)

// returned waits until the browser is back in the shop, and holds the address against the path and the query that it must
// have; fields that are "" need only be there.
func returned(s *shop, at *Tab, path string, fields map[string]string) {
	s.t.Helper()
	at.See("shop")
	u, err := url.Parse(at.Location())
	if err != nil {
		s.t.Fatal(err)
	}
	if got := u.Scheme + "://" + u.Host; got != s.site.URL || u.Path != path {
		s.t.Errorf("returned to %s instead of %s%s", u, s.site.URL, path)
	}
	for name, want := range fields {
		if got := u.Query().Get(name); got != want && want != "" || got == "" {
			s.t.Errorf("%s: %s is %q instead of %q", u, name, got, want)
		}
	}
}

// After paying or cancelling the browser goes back to the merchant's by itself, with what each provider adds.
func TestReturns(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			s := newOpenShop(t)
			at := s.tab()
			at.Look(Phone(), Dark)
			own := map[string]any{"hppSuccessUrl": nil, "hppFailureUrl": nil}
			success, failure := "/payment/success", "/payment/failure"
			if h.psp == "TRUST" || h.psp == "EMERCHANTPAY" {
				own = map[string]any{"hppSuccessUrl": s.site.URL + "/own/done?order=7", "hppFailureUrl": s.site.URL + "/own/not?order=7"}
				success, failure = "/own/done", "/own/not"
			}
			o := s.pay(h.fixture, own)
			at.Open(o.URL)
			bar(at, "sim-approve")
			if h.psp == "FORUMPAY" { // the page goes on when the chain has confirmed
				s.sim.AdvanceUntilIdle(t)
			}
			fields := map[string]string{"transactionId": o.ID, "status": "success"}
			if h.psp == "WORLDPAY_EU" {
				fields = map[string]string{"orderKey": "", "paymentStatus": "AUTHORISED", "paymentAmount": "", "paymentCurrency": ""}
			}
			if own["hppSuccessUrl"] != nil {
				fields["order"] = "7"
			}
			returned(s, at, success, fields)

			o = s.pay(h.fixture, own)
			at.Open(o.URL)
			at.Leave("cancel")
			at.Leave("return-link") // without waiting for it
			fields = map[string]string{"transactionId": o.ID, "status": "cancelled"}
			if h.psp == "WORLDPAY_EU" {
				fields = map[string]string{"orderKey": "", "orderAmount": ""}
			}
			returned(s, at, failure, fields)
			if visits := s.site.visits(); len(visits) != 2 {
				t.Errorf("the shop was visited %d times instead of 2: %q", len(visits), visits)
			}
		})
	}
}

// Returning proves nothing: whoever goes back without deciding leaves the payment as it was, and may come again.
func TestReturnWithoutDeciding(t *testing.T) {
	t.Parallel()
	s := newOpenShop(t)
	at := s.tab()
	o := s.pay("payone/payin.full", nil)
	at.Open(o.URL)
	bar(at, "sim-return")
	returned(s, at, "/payment/pending", map[string]string{"transactionId": o.ID, "status": "pending"})
	s.decided(o)
	at.Back()
	payAtBank("bank-success")(at)
	s.decided(o, "approve")
}

// Without a return URL the page says so and stays.
func TestNowhereToReturn(t *testing.T) {
	t.Parallel()
	s := newShop(t, simtest.Config(func(c *simulator.Config) { c.ConfigFile = "testdata/nowhere.yaml" }))
	at := s.tab()
	o := s.pay("brite/payin.full", nil)
	at.Open(o.URL)
	bar(at, "sim-approve")
	stands(at, "decided")
	at.See("no-return")
	if at.Has("return-link") {
		t.Error("there is a link to nowhere")
	}
	at.Open(o.URL + "/return")
	stands(at, "decided")
}

// scripted starts a shop whose shopper is the scenario's, and opens a Payone payment's page under it.
func scripted(t *testing.T, scenario string) (*shop, *Tab, order) {
	t.Helper()
	s := newOpenShop(t)
	at := s.tab()
	o := s.payUnder(scenario, "payone/payin.full", nil)
	at.Open(o.URL)
	return s, at, o
}

// shopper-returns-first: the browser is back in the shop before the merchant has been told anything.
func TestReturnFirst(t *testing.T) {
	t.Parallel()
	s, at, o := scripted(t, "shopper-returns-first")
	returned(s, at, "/payment/success", map[string]string{"transactionId": o.ID})
	if sent := s.payment(o).Deliveries; len(sent) != 0 {
		t.Fatalf("webhooks before the return: %+v", sent)
	}
	s.ends(o, "Approved")
	if len(s.payment(o).Deliveries) != 1 {
		t.Errorf("%d webhooks instead of one", len(s.payment(o).Deliveries))
	}
	if visits := s.site.visits(); len(visits) != 1 {
		t.Errorf("visits: %q", visits)
	}
}

// shopper-returns-twice: the return URL is opened two times, and one decision is made.
func TestReturnTwice(t *testing.T) {
	t.Parallel()
	s, at, o := scripted(t, "shopper-returns-twice")
	stands(at, "simulated")
	s.sim.Advance(t, time.Minute)
	at.See("shop") // the page follows, and leaves by itself
	at.Open(o.URL)
	at.Says("visits", "2")
	at.Open(o.URL)
	stands(at, "decided") // and not a third time
	at.settle()
	if at.Has("returning") {
		t.Error("the page leaves a third time")
	}
	if visits := s.site.visits(); len(visits) != 2 || visits[0] != visits[1] || !strings.HasPrefix(visits[0], "/payment/success?") {
		t.Errorf("visits: %q", visits)
	}
	s.decided(o, "return-twice")
	s.ends(o, "Approved")
}

// shopper-closes-the-tab: nobody returns, and only the webhook tells.
func TestCloseTab(t *testing.T) {
	t.Parallel()
	s, at, o := scripted(t, "shopper-closes-the-tab")
	stands(at, "simulated")
	s.sim.Advance(t, time.Minute)
	becomes(at, "decided")
	at.See("no-return")
	if at.Has("returning") {
		t.Error("the page leaves although the shopper has closed it")
	}
	s.ends(o, "Approved")
	if visits := s.site.visits(); len(visits) != 0 {
		t.Errorf("visits: %q", visits)
	}
}

// A person who closes the tab in the middle of a payment leaves it undecided until its time is over.
func TestTabClosedByHand(t *testing.T) {
	t.Parallel()
	s := newOpenShop(t)
	at := s.tab()
	o := s.pay("gigadat/payin.full", nil)
	twin := at.Twin()
	twin.Open(o.URL)
	twin.Leave("bank-success")
	twin.Close()
	s.decided(o)
	s.ends(o, "Declined")
	if visits := s.site.visits(); len(visits) != 0 {
		t.Errorf("visits: %q", visits)
	}
}

// The simulated shopper is about to decide; whoever wants to pay himself takes over.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	s := newShop(t, simtest.Config(func(c *simulator.Config) { c.Shopper = simulator.AutoShopper }))
	at := s.tab()
	o := s.pay("payone/payin.full", nil)
	at.Open(o.URL)
	stands(at, "simulated")
	at.See("shopper-note")
	at.Leave("take-over")
	payAtBank("bank-limit_exceeded")(at)
	turnsOut(at, "failure")
	s.ends(o, "Declined")

	o = s.pay("payone/payin.full", nil)
	at.Open(o.URL)
	s.sim.Advance(t, 2*time.Second)
	becomes(at, "decided")
	at.See("by-hand")
	s.decided(o, "approve")
}
