package simulator

import (
	"regexp"
	"testing"
)

// What is rare among many is found page by page, and no page takes long: one reads 500 payments.
func TestRareDeliveries(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "rare", nil)
	first := d.made("PayonePayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"by": "2s"}`).want(200) // decided
	for range 510 {
		d.made("PayonePayInRequest")
	}
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	d.call("POST", d.of("/v1/deliveries/"+first+"-1/resend"), "").want(201)
	d.call("POST", d.of("/v1/deliveries/"+first+"-2/cancel"), "").want(200)
	cursor, pages, found := "", 0, 0
	for {
		page := d.call("GET", d.of("/v1/deliveries?state=dropped&cursor="+cursor), "").want(200)
		list, _ := page.doc.Fields["deliveries"].([]any)
		found += len(list)
		pages++
		if cursor = page.doc.Text("next"); cursor == "" {
			break
		}
	}
	if pages != 2 || found != 1 {
		t.Errorf("%d found on %d pages, want one on the second", found, pages)
	}
	if got := d.call("GET", d.of("/v1/deliveries?state=exhausted"), "").want(200).doc.Text("next"); got != "" {
		t.Errorf("nothing is exhausted, and there is a next page %s", got)
	}
}

// An order number is found, whatever the id of another payment ends with.
func TestSearchFindsOrderNumbers(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "search", nil)
	numbered := func(reference string) string {
		body, _ := d.contract.Example("PayonePayInRequest")
		d.pay(d.company, regexp.MustCompile(`"merchantReference":\s*"[^"]*"`).ReplaceAllString(string(body), `"merchantReference": "`+reference+`"`))
		found := d.call("GET", d.of("/v1/payments?merchantReference="+reference), "").want(200).is("payments", "1")
		return found.at("payments.0.id")
	}
	second, first := numbered("000002"), numbered("000001")
	for text, id := range map[string]string{"000002": second, "000001": first, second: second, first[len(first)-8:]: first} {
		d.call("GET", d.of("/v1/payments?q="+text), "").want(200).is("payments", "1", "payments.0.id", id)
	}
}

// The work of one payment is told apart from that of others.
func TestWorkOfOnePayment(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "due", nil)
	one, other := d.made("PayonePayInRequest"), d.made("PayonePayInRequest")
	for _, id := range []string{one, other} {
		due, _ := d.call("GET", d.at("/jobs?payment="+id), "").want(200).doc.Fields["jobs"].([]any)
		if len(due) != 2 { // the shopper's decision, and the end of the session
			t.Errorf("%d things are due for %s: %v", len(due), id, due)
		}
		for _, work := range due {
			if got := work.(map[string]any)["payment"]; got != id {
				t.Errorf("work of %v is told of %s", got, id)
			}
		}
	}
}
