package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mozartosim/fixtures"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scheduler"
)

// Voucher PINs, users' ids and order numbers are accepted and answered as they are, whatever they look like: only what stands in a
// card's field is refused for looking like a live card.
func TestNumbersThatLookLikeCards(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *Config) { c.MaxPayments = 20_000 })
	c := h.company("numbers", nil)
	header := h.header(c)
	draw, cards := random.New(1, "numbers"), 0
	for i := range 10_000 {
		reference, pin := draw.Digits(12+i%8), draw.Digits(16)
		if mask.Cards(reference) != reference || mask.Cards(pin) != pin {
			cards++
		}
		body := fmt.Sprintf(`{"pspType":"PAYONE","type":"PAYIN","baseamount":35,"currency":"CAD","currencyCode":"CAD","userId":%q,`+
			`"email":"a@example.com","firstName":"A","lastName":"B","phone":"4165550123","merchantReference":%q}`, pin, reference)
		if i%2 == 0 {
			body = fmt.Sprintf(`{"pspType":"FLEXEPIN","type":"PAYIN","baseamount":20,"currency":"AUD","currencyCode":"AUD","voucherPin":%q,"merchantReference":%q,`+
				`"userId":"u-1","email":"a@example.com"}`, pin, reference)
		}
		answer := h.call(header, body)
		var fields struct {
			Data struct{ MerchantReference string }
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &fields); err != nil || answer.Code != http.StatusOK || fields.Data.MerchantReference != reference {
			t.Fatalf("%s\nis answered with %d %s", body, answer.Code, answer.Body)
		}
	}
	if cards < 100 {
		t.Errorf("only %d of 10,000 look like a card: the test shows nothing", cards)
	}
	requests, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if r.Name != "emerchantpay/payin.full" {
			continue
		}
		live := h.call(header, strings.Replace(string(r.Body), "4200000000000000", "4000000000000002", 1))
		if live.Code != http.StatusBadRequest || !strings.Contains(live.Body.String(), "card.pan must be a published test card number") {
			t.Errorf("a live card is answered with %d %s", live.Code, live.Body)
		}
	}
}

// A card number that a merchant puts where none belongs is kept nowhere in clear, and what it stands in is still found by it.
func TestCardsOutsideOfTheirFieldAreKeptMasked(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	received := make(chan string, 1)
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		received <- string(text)
	}))
	t.Cleanup(shop.Close)
	c := h.company("misplaced", h.configure("PAYONE", map[string]any{"webhookUrl": shop.URL}))
	const number, spaced = "4000000000000002", "4000 0000 0000 0002"
	body := fmt.Sprintf(`{"pspType":"PAYONE","type":"PAYIN","baseamount":35,"currency":"CAD","currencyCode":"CAD","userId":"u %s","email":"a@example.com",`+
		`"firstName":"card %s","lastName":"<b>%s</b>","phone":"4165550123","merchantReference":"paid by %s today","note":["x%s",{"y":"-%s-"}]}`,
		number, spaced, number, spaced, number, number)
	answer := h.pay(c, body)
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "paid by "+spaced+" today") {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	page, err := h.queries.Payments(t.Context(), c.ID, adminapi.PaymentQuery{Page: adminapi.Page{Limit: 2}, MerchantReference: "paid by " + spaced + " today"})
	if err != nil || len(page.Payments) != 1 {
		t.Fatalf("found %v, %v", page, err)
	}
	h.advance(t, c, scheduler.Advance{UntilIdle: true})
	if webhook := <-received; !strings.Contains(webhook, "paid by "+spaced+" today") || !strings.Contains(webhook, "u "+number) {
		t.Errorf("the merchant's own words are not in its webhook: %s", webhook)
	}
	entries, err := h.journal.Entries(t.Context(), c.ID, page.Payments[0].ID)
	if err != nil || len(entries) < 2 || entries[0].Kind != string(payment.KindOpened) {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		kept := bytes.ReplaceAll(e.Data, []byte("x"+number), nil) // no word of its own
		if bytes.Contains(kept, []byte(number)) || bytes.Contains(kept, []byte(spaced)) {
			t.Errorf("%s keeps %s", e.Kind, e.Data)
		}
	}
}

// A shopper returns to the merchant's own URL, whatever the order's number in it looks like.
func TestReturnURLsThatLookLikeCards(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	const own = "https://shop.test/orders/4000000000000002?x=4000+0000+0000+0002"
	var fields map[string]any
	if err := json.Unmarshal([]byte(h.fixture(t, "trust/payin.full")), &fields); err != nil {
		t.Fatal(err)
	}
	fields["hppSuccessUrl"] = own
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	c := h.company("returns", nil)
	if answer := h.pay(c, string(body)); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	p := h.read(t, c, h.streams(t, c.ID)[0])
	b := &shopper{h, t, c, p.ID, "/pay/trust/" + p.Session}
	if kept := string(b.payment().Request); strings.Contains(kept, "4000000000000002") {
		t.Errorf("kept: %s", kept)
	}
	b.presses("do=approve")
	if left := b.get("/return"); !strings.HasPrefix(left.to, own+"&") {
		t.Errorf("it returns to %q", left.to)
	}
}
