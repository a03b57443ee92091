package simulator

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/fixtures"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scheduler"
)

// shopper is a browser on a payment's hosted page.
type shopper struct {
	*testSimulator
	t       *testing.T
	company *backoffice.Company
	id      string
	path    string
}

// seen is what a browser got.
type seen struct {
	status             int
	body, state, to    string
	turn, result, back string
	header             http.Header
}

var (
	stateOf  = regexp.MustCompile(`data-testid="page" data-state="([^"]*)"`)
	turnOf   = regexp.MustCompile(`data-turn="(\d+)"`)
	resultOf = regexp.MustCompile(`data-result="([^"]*)"`)
	targetOf = regexp.MustCompile(`data-testid="return-target">([^<]*)<`)
)

func (s seen) has(testid string) bool { return strings.Contains(s.body, `data-testid="`+testid+`"`) }

// goes makes a payment of a fixture's request for a company of its own and goes to its page.
func (h *testSimulator) goes(t *testing.T, fixture string, change func(*backoffice.Company), header http.Header) *shopper {
	t.Helper()
	c := h.company(t.Name()+" "+fixture, change)
	body := h.fixture(t, fixture)
	all := h.header(c)
	for name, values := range header {
		all[name] = values
	}
	if answer := h.call(all, body); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	p := h.read(t, c, h.streams(t, c.ID)[0])
	path := "/pay/" + h.providers[p.PSP].Slug + "/" + p.Session
	if p.Type == "PAYOUT" {
		path += "/deposit"
	}
	return &shopper{h, t, c, p.ID, path}
}

func (h *testSimulator) fixture(t *testing.T, name string) string {
	t.Helper()
	requests, err := fixtures.Requests()
	must(t, err)
	i := slices.IndexFunc(requests, func(r fixtures.Request) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("there is no request %s", name)
	}
	return string(requests[i].Body)
}

func (b *shopper) do(r *http.Request) seen {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.public.ServeHTTP(w, r)
	s := seen{status: w.Code, body: w.Body.String(), to: w.Header().Get("Location"), header: w.Header()}
	for to, from := range map[*string]*regexp.Regexp{&s.state: stateOf, &s.turn: turnOf, &s.result: resultOf, &s.back: targetOf} {
		if m := from.FindStringSubmatch(s.body); m != nil {
			*to = html.UnescapeString(m[1])
		}
	}
	return s
}

func (b *shopper) get(query string) seen {
	b.t.Helper()
	return b.do(httptest.NewRequest(http.MethodGet, b.path+query, nil))
}

// send posts a form as it is.
func (b *shopper) send(fields string) seen {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, b.path, strings.NewReader(fields))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// presses a button of the page as it is now, and follows where that leads.
func (b *shopper) presses(fields string) seen {
	b.t.Helper()
	answer := b.send("turn=" + b.get("").turn + "&" + fields)
	if answer.status != http.StatusSeeOther || !strings.HasPrefix(answer.to, b.path) {
		b.t.Fatalf("%s: %d to %q: %s", fields, answer.status, answer.to, answer.body)
	}
	return b.get(strings.TrimPrefix(answer.to, b.path))
}

func (b *shopper) payment() *payment.Payment { return b.read(b.t, b.company, b.id) }

func (b *shopper) want(s seen, state, result string) {
	b.t.Helper()
	if s.status != http.StatusOK || s.state != state || s.result != result {
		b.t.Errorf("got %d, the state %s with the result %q; want %s, %q", s.status, s.state, s.result, state, result)
	}
}

// decided holds the payment's decisions against what they should be, in words.
func (b *shopper) decided(want ...string) {
	b.t.Helper()
	var got []string
	for _, d := range b.payment().Decisions {
		got = append(got, strings.TrimSpace(d.By+" "+d.Action+" "+d.Reason))
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("decided: %q, want %q", got, want)
	}
}

// pagedRequests has a request for each provider with a page.
func pagedRequests() []string {
	return []string{
		"forumpay/payin.full", "gigadat/payin.full", "worldpay/payin.full", "trust/payin.full", "cleo/payin.full",
		"payone/payin.full", "brite/payin.full", "emerchantpay/payin.challenge",
	}
}

// Every provider's page comes to everything that its simulator's bar offers, and tells it in the provider's own words.
func TestBarOfEveryPage(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	for _, request := range pagedRequests() {
		prov := h.byRequest(request)
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			tells := func(does, reason string, status payment.Status, raw, result string) {
				t.Run(does+" "+reason, func(t *testing.T) {
					b := h.goes(t, request, nil, nil)
					b.presses(url.Values{"do": {does}, "reason": {reason}}.Encode())
					b.decided(strings.TrimSpace("page " + does + " " + reason))
					wait := 5 * time.Second
					if status == payment.Captured {
						wait = 15 * time.Minute
					}
					h.advance(t, b.company, scheduler.Advance{By: wait})
					p, page := b.payment(), b.get("")
					if p.Status != status || p.Raw != raw {
						t.Errorf("the payment is %s (%s), want %s (%s)", p.Status, p.Raw, status, raw)
					}
					if prov.Retries && status == payment.Declined {
						b.want(page, "card", "")
						return
					}
					if page.result != result || page.back == "" || strings.Contains(page.body, `data-testid="returning"`) {
						t.Errorf("%s %s %q leads to %q", does, page.state, page.result, page.back)
					}
				})
			}
			approved, raw := payment.Approved, prov.Words.Approved
			if prov.Code == "WORLDPAY_EU" {
				approved, raw = payment.Captured, "CAPTURED"
			}
			tells("approve", "", approved, raw, "success")
			tells("decline", "", payment.Declined, prov.Words.Declined, "failure")
			for _, reason := range prov.PageReasons() {
				word := prov.Words.Declined
				switch {
				case strings.HasPrefix(reason, "STATUS_"):
					word = reason
				case prov.Code == "BRITE": // a reason that it knows
					word = "aborted"
				}
				tells("decline", reason, payment.Declined, word, "failure")
			}
			if prov.CancelStaysOpen {
				tells("cancel", "", payment.Pending, "SENT_FOR_AUTHORISATION", "cancelled")
			} else {
				tells("cancel", "", payment.Cancelled, prov.Words.Cancelled, "cancelled")
			}
			tells("expire", "", payment.Expired, prov.Words.Expired, "failure")
			if prov.Page == provider.CryptoPage {
				tells("overpay", "", payment.Approved, "confirmed", "success")
			}
		})
	}
}

func (h *testSimulator) byRequest(request string) *provider.Provider {
	slug, _, _ := strings.Cut(request, "/")
	for _, p := range h.providers {
		if p.Slug == slug {
			return p
		}
	}
	return nil
}

// A bank page is walked through: choose, log in, confirm; each test bank ends as it is called.
func TestBankPages(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	for _, request := range []string{"gigadat/payin.full", "payone/payin.full", "cleo/payin.full", "brite/payin.full"} {
		for _, bank := range h.byRequest(request).Banks("") {
			t.Run(request+" "+bank.ID, func(t *testing.T) {
				t.Parallel()
				b := h.goes(t, request, nil, nil)
				if page := b.get(""); page.state != "choose" || !page.has("bank-"+bank.ID) || !page.has("country") {
					t.Fatalf("the page is %s: %s", page.state, page.body)
				}
				b.want(b.presses("do=bank&bank="+bank.ID), "login", "")
				wrong := b.presses("do=login&user=demo&password=else&bank=" + bank.ID)
				if b.want(wrong, "login", ""); !wrong.has("error-login") || strings.Contains(wrong.body, "else") {
					t.Errorf("a wrong password: %s", wrong.body)
				}
				b.want(b.presses("do=login&user=demo&password=demo&bank="+bank.ID), "confirm", "")
				b.presses("do=confirm&bank=" + bank.ID)
				b.decided(strings.TrimSpace("page " + string(bank.Action) + " " + bank.Reason))
			})
		}
	}
}

// Gigadat's pay-outs wait for an admin; then their deposit page takes the money in, before the provider does by itself.
func TestDepositPage(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	b := h.goes(t, "gigadat/payout-eto.full", nil, nil)
	if page := b.get(""); page.state != "awaiting" || !page.has("sim-approve-payout") || page.has("sim-approve") {
		t.Fatal(page.body)
	}
	b.want(b.presses("do=approve-payout"), "simulated", "")
	b.want(b.presses("do=take-over"), "choose", "")
	b.presses("do=bank&bank=success")
	b.presses("do=login&user=demo&password=demo&bank=success")
	b.want(b.presses("do=confirm&bank=success"), "decided", "success")
	b.decided("admin approve-payout", "page approve")
	other := h.goes(t, "gigadat/payout-ach.full", nil, nil)
	other.want(other.presses("do=reject-payout"), "decided", "failure")
	payin := h.goes(t, "gigadat/payin.full", nil, nil)
	if page := payin.get("/deposit"); page.status != http.StatusNotFound || page.state != "unknown" {
		t.Errorf("a pay-in has a deposit page: %d %s", page.status, page.state)
	}
}

// A crypto invoice shows an address, a QR code and amounts that stay the same; it is paid exactly, short, or over.
func TestInvoice(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "forumpay/payin.full", nil, nil)
	page := b.get("")
	for _, id := range []string{"qr", "crypto-address", "crypto-amount", "amount", "rate", "pay-exact", "pay-under", "pay-over", "cancel", "countdown", "clock-note", "coin-ETH"} {
		if !page.has(id) {
			t.Errorf("the invoice has no %s", id)
		}
	}
	if again := b.get(""); again.body != page.body {
		t.Error("the same invoice is drawn anew")
	}
	if other := b.get("?coin=ETH"); !strings.Contains(other.body, "eth-") || strings.Contains(other.body, "btc-") {
		t.Error("the invoice in ETH is none")
	}
	under := b.presses("do=underpay")
	if b.want(under, "invoice", ""); !under.has("alert") || !strings.Contains(under.body, "underpayment") {
		t.Errorf("underpaid: %s", under.body)
	}
	b.want(b.presses("do=approve"), "processing", "")
	h.advance(t, b.company, scheduler.Advance{By: 3 * time.Second})
	b.want(b.get("?done=1"), "decided", "success")
	b.decided("page underpay", "page approve")

	short := h.goes(t, "forumpay/payin.minimal", nil, nil)
	short.presses("do=underpay")
	h.advance(t, short.company, scheduler.Advance{By: time.Hour})
	short.want(short.get(""), "expired", "failure")
}

// Of clicks at the same moment, on whatever button, one decides; the others find the outcome, never an error.
func TestManyClicks(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	for _, request := range pagedRequests() {
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			b := h.goes(t, request, nil, nil)
			turn := b.get("").turn
			var group sync.WaitGroup
			for i := range 24 {
				group.Go(func() {
					does := []string{"approve", "decline", "cancel"}[i%3]
					if answer := b.send("turn=" + turn + "&do=" + does); answer.status != http.StatusSeeOther {
						t.Errorf("%s: %d %s", does, answer.status, answer.body)
					}
				})
			}
			group.Wait()
			if n := len(b.payment().Decisions); n != 1 {
				t.Errorf("%d decisions were made", n)
			}
		})
	}
}

// A form of yesterday's page, from another tab or by going back, changes nothing any more.
func TestStaleForm(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "trust/payin.full", nil, nil)
	old := b.get("").turn
	b.presses("do=decline&reason=70000")
	if answer := b.send("turn=" + old + "&do=approve"); answer.status != http.StatusSeeOther {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	b.decided("page decline 70000")
	b.presses("do=cancel")
	for _, does := range []string{"cancel", "approve", "decline"} {
		b.send("turn=2&do=" + does)
	}
	b.decided("page decline 70000", "page cancel")
	b.want(b.get(""), "used", "cancelled")
}

// When the time is over nothing can be decided, even where the end itself has not been told yet.
func TestExpiredPage(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "trust/payin.full", nil, nil)
	b.want(b.get(""), "card", "")
	must(t, h.runtimes.Get(b.company.ID).Clock.MoveTo(start.Add(5*time.Minute)))
	b.want(b.get(""), "expired", "failure")
	b.send("turn=0&do=approve")
	b.decided()
	h.advance(t, b.company, scheduler.Advance{UntilIdle: true})
	page := b.get("")
	if b.want(page, "expired", "failure"); page.has("sim-approve") || !page.has("return-link") {
		t.Error(page.body)
	}
	if card, box, _ := strings.Cut(page.body, "<aside"); !strings.Contains(card, "The time for this payment is over.") || strings.Contains(card, "decided-by") || !strings.Contains(box, "decided-by") {
		t.Errorf("what the shopper reads, and who decided: %s", page.body)
	}
	b.decided("clock expire")
}

// What has no page says so, and what is unknown is a 404.
func TestNoPage(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	for _, request := range []string{"payone/payout.full", "forumpay/payout.full", "neosurf/payin.full", "flexepin/payin.full"} {
		b := h.goes(t, request, nil, nil)
		b.path = strings.TrimSuffix(b.path, "/deposit")
		b.want(b.get(""), "no-page", "")
		if left := b.get("/return"); left.to != b.path+"?stay=1" {
			t.Errorf("%s returns to %s", request, left.to)
		}
		if b.payment().Visit != nil {
			t.Errorf("%s: a page that does not exist was opened", request)
		}
	}
	b := h.goes(t, "payone/payin.full", nil, nil)
	for _, path := range []string{"/pay/trust/" + b.payment().Session, "/pay/payone/none", "/pay/payone/%3Cscript%3E", "/pay/payone/none/return", "/pay/payone/none/state"} {
		b.path = path
		if page := b.get(""); page.status != http.StatusNotFound || page.state != "unknown" || strings.Contains(page.body, "<script>") {
			t.Errorf("%s: %d %s", path, page.status, page.state)
		}
	}
	b.path = "/pay/payone/none"
	if answer := b.send("turn=0&do=approve"); answer.status != http.StatusNotFound {
		t.Errorf("a form for nothing: %d", answer.status)
	}
}

// The state endpoint's mark is the page's own until something changes.
func TestPageState(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "payone/payin.full", nil, nil)
	mark := func() string {
		_, rest, _ := strings.Cut(b.get("/state").body, `"mark":"`)
		mark, _, _ := strings.Cut(rest, `"`)
		return mark
	}
	before := mark()
	if page := b.get(""); before == "" || !strings.Contains(page.body, fmt.Sprintf("data-mark=%q", before)) || mark() != before {
		t.Errorf("the mark is %q, the page %s", before, page.body)
	}
	b.presses("do=cancel")
	if mark() == before {
		t.Error("a cancelled payment has the mark of an open one")
	}
}
