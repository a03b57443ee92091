package control

import (
	"fmt"
	"strings"
	"testing"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// fill puts seven payments into the demo company, and one into another.
func fill(b *bench) {
	b.create(`{"name": "other"}`)
	other, _ := b.config.Companies.Get("other")
	b.pay(other, somePayment("99"), payment.Declined)
	for i := range 7 {
		terms := somePayment(fmt.Sprintf("%02d", i))
		terms.Ordinal = uint64(i + 1)
		if i%2 == 1 {
			terms.PSP, terms.Type, terms.UserID = "CLEO", "PAYOUT", "user-2"
		}
		moves := []payment.Status{payment.Pending}
		if i > 4 {
			moves = append(moves, payment.Approved)
		}
		b.pay(b.demo, terms, moves...)
	}
}

func references(a answered) string {
	var out []string
	for _, p := range a.want(200).list("payments") {
		out = append(out, strings.TrimPrefix(p.Text("merchantReference"), "order-"))
	}
	return strings.Join(out, " ")
}

func TestListPayments(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fill(b)
	for _, test := range []struct{ query, want string }{
		{"", "06 05 04 03 02 01 00"},
		{"?psp=CLEO", "05 03 01"},
		{"?type=PAYIN", "06 04 02 00"},
		{"?status=approved", "06 05"},
		{"?userId=user-2&status=pending", "03 01"},
		{"?merchantReference=order-04", "04"},
		{"?merchantReference=order-99", ""},
		{"?limit=3", "06 05 04"},
	} {
		if got := references(b.call("GET", "/v1/payments"+test.query, "")); got != test.want {
			t.Errorf("/v1/payments%s lists %q, want %q", test.query, got, test.want)
		}
		if got := references(b.call("GET", "/v1/companies/demo/payments"+test.query, "")); got != test.want {
			t.Errorf("/v1/companies/demo/payments%s lists %q, want %q", test.query, got, test.want)
		}
	}
	if got := references(b.call("GET", "/v1/payments?company=other", "")); got != "99" {
		t.Errorf("other has %q", got)
	}
	b.call("GET", "/v1/payments?company=nobody", "").fails(404, "not_found", "there is no company nobody")
	b.call("GET", "/v1/companies/nobody/payments", "").fails(404, "not_found")
	b.call("GET", "/v1/companies/demo/payments?company=other", "").fails(400, "invalid", "company must not be set")
}

func TestPagesOfPayments(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fill(b)
	for _, limit := range []int{1, 2, 3, 7, 8} {
		var pages []string
		for cursor := ""; ; {
			page := b.call("GET", fmt.Sprintf("/v1/payments?type=PAYIN&limit=%d&cursor=%s", limit, cursor), "").want(200)
			pages = append(pages, references(page))
			if cursor = page.doc.Text("next"); cursor == "" {
				break
			}
		}
		if got := strings.Join(pages, " "); got != "06 04 02 00" {
			t.Errorf("in pages of %d: %q", limit, got)
		}
	}
}

func TestReadPayment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fill(b)
	path := "/v1/payments/665f1c2ab7e4d93a5c0f1a06"
	read := b.call("GET", path, "").want(200).is(
		"status", "approved", "transactionStatus", "Approved", "psp", "PAYONE", "amount", "100", "answer.status", "200",
		"answer.body.status", "success", "created", "2026-06-01T12:00:00Z", "updated", "2026-06-01T12:00:02Z", "company", b.demo.ID)
	var kinds []string
	for _, e := range read.list("events") {
		kinds = append(kinds, e.Text("kind"))
	}
	if got := strings.Join(kinds, " "); got != "payment.opened payment.moved payment.moved payment.answered" {
		t.Errorf("events are %s", got)
	}
	b.call("GET", path+"?company="+b.demo.ID, "").want(200)
	b.call("GET", path+"?company=other", "").fails(404, "not_found", "company other has no payment 665f1c2ab7e4d93a5c0f1a06")
	b.call("GET", path+"?company=nobody", "").fails(404, "not_found", "there is no company nobody")
	b.call("GET", "/v1/payments/nothing", "").fails(404, "not_found")
}

// A stream that is no payment, such as one of a company's configuration, is neither listed nor read.
func TestOtherStreams(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fill(b)
	err := b.journal.Append(b.Context(), journal.Append{
		Company: b.demo.ID, Stream: "configuration", Entries: []journal.Entry{{At: noon, Kind: "company.changed", Data: []byte(`{}`)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := references(b.call("GET", "/v1/payments?limit=3", "")); got != "06 05" {
		t.Errorf("listed %q", got)
	}
	b.call("GET", "/v1/payments/configuration", "").fails(404, "not_found")
}
