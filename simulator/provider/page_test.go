package provider_test

import (
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
)

// The call's own URL goes before the configured site; what a provider adds stands after the query that is there.
func TestReturnURL(t *testing.T) {
	t.Parallel()
	const site = `{"siteUrl":"https://shop.test/a/?b=c#d","merchantCode":"M&C","siteSecurityPassword":"s"}`
	for _, c := range []struct {
		name, psp, configuration, request string
		result                            provider.Result
		decimals                          int
		want                              string
	}{
		{"site", "PAYONE", site, `{}`, provider.Succeeded, 2, "https://shop.test/a/payment/success?b=c&transactionId=t-1&status=success#d"},
		{"Neosurf's own", "NEOSURF", site, `{"siteUrl":"https://own.test"}`, provider.Rejected, 2, "https://own.test/payment/failure?transactionId=t-1&status=failure"},
		{"Neosurf without", "NEOSURF", site, `{}`, provider.Undecided, 2, "https://shop.test/a/payment/pending?b=c&transactionId=t-1&status=pending#d"},
		{"Trust's own", "TRUST", site, `{"hppSuccessUrl":"http://own.test/ok?x=1&"}`, provider.Succeeded, 2, "http://own.test/ok?x=1&&transactionId=t-1&status=success"},
		{"Trust's own, cancelled", "TRUST", site, `{"hppFailureUrl":"http://own.test/no"}`, provider.Cancelled, 2, "http://own.test/no?transactionId=t-1&status=cancelled"},
		{"Trust without a password", "TRUST", `{"siteUrl":"https://shop.test"}`, `{"hppSuccessUrl":"http://own.test/ok"}`, provider.Succeeded, 2, ""},
		{"only the other one", "EMERCHANTPAY", `{}`, `{"hppSuccessUrl":"http://own.test/ok"}`, provider.Rejected, 2, ""},
		{"another provider has none", "PAYONE", `{}`, `{"hppSuccessUrl":"http://own.test/ok"}`, provider.Succeeded, 2, ""},
		{"Worldpay", "WORLDPAY_EU", site, `{}`, provider.Undecided, 2, "https://shop.test/a/payment/pending?b=c&orderKey=M%26C%5Et-1&paymentStatus=SENT_FOR_AUTHORISATION&paymentAmount=1250&paymentCurrency=EUR#d"},
		{"Worldpay, no decimals", "WORLDPAY_EU", site, `{}`, provider.Succeeded, 0, "https://shop.test/a/payment/success?b=c&orderKey=M%26C%5Et-1&paymentStatus=AUTHORISED&paymentAmount=12&paymentCurrency=EUR#d"},
		{"Worldpay, three decimals", "WORLDPAY_EU", site, `{}`, provider.Rejected, 3, "https://shop.test/a/payment/failure?b=c&orderKey=M%26C%5Et-1&paymentStatus=REFUSED&paymentAmount=12500&paymentCurrency=EUR#d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target, ok := byCode(t, c.psp).ReturnURL(provider.Returning{
				Terms: payment.Terms{ID: "t-1", Amount: money.MustParse("12.5"), Currency: "EUR"}, Result: c.result, Decimals: c.decimals,
				PSP: configuration(t, c.configuration), Request: decode(t, c.request),
			})
			got := ""
			if ok {
				got = target.String()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Only what a browser may be sent to is ever a return URL, whoever says it.
func FuzzReturnURL(f *testing.F) {
	for _, seed := range []string{"https://shop.test", "javascript:alert(1)", "//evil.test", "http://a\r\nb", "https://user@shop.test", "HTTP://SHOP.TEST/%2e%2e/", "\x00", "http:/\\evil.test"} {
		f.Add(seed)
	}
	trust, signed := byCode(f, "TRUST"), configuration(f, `{"siteSecurityPassword":"s"}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range []provider.Returning{
			{Request: openapi.Document{Fields: map[string]any{"hppSuccessUrl": text}}, PSP: signed, Result: provider.Succeeded},
			{Request: openapi.Document{Fields: map[string]any{"hppFailureUrl": text}}, PSP: signed, Result: provider.Undecided},
		} {
			target, ok := trust.ReturnURL(r)
			if !ok {
				continue
			}
			if target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || target.User != nil {
				t.Errorf("%q leads to %s", text, target)
			}
			for _, c := range []byte(target.String()) {
				if c < 0x20 || c == 0x7f {
					t.Errorf("%q leads to a control character", text)
				}
			}
		}
	})
}

// Every bank page has a test bank that pays and one for each reason; every reason has words.
func TestBanks(t *testing.T) {
	t.Parallel()
	for _, p := range provider.All() {
		banks := p.Banks("CL")
		if (p.Page == provider.BankPage) != (len(banks) > 1) {
			t.Errorf("%s has %d banks", p.Code, len(banks))
		}
		seen := map[string]bool{}
		for _, b := range banks {
			if seen[b.ID] || b.Name == "" || (b.Action == "approve") != (b.Reason == "") {
				t.Errorf("%s: %+v", p.Code, b)
			}
			seen[b.ID] = true
		}
		for _, reason := range p.PageReasons() {
			if p.ReasonText(reason) == reason {
				t.Errorf("%s: %s has no words", p.Code, reason)
			}
			if len(banks) > 0 && !seen[reason] {
				t.Errorf("%s has no bank for %s", p.Code, reason)
			}
		}
	}
}

// Every coin has an invoice, and the same payment always the same one.
func TestInvoices(t *testing.T) {
	t.Parallel()
	p := byCode(t, "FORUMPAY")
	op, _ := contract(t).Operation("FORUMPAY", "PAYIN", "")
	for _, coin := range provider.Coins() {
		for _, amount := range []string{"0.01", "100", "999999999999.99"} {
			first, err := provider.NewInvoice(money.MustParse(amount), coin, call(t, p, op).Random)
			if err != nil {
				t.Fatal(err)
			}
			second, _ := provider.NewInvoice(money.MustParse(amount), coin, call(t, p, op).Random)
			if first.URI != second.URI || first.Address == "" || !first.Rate.Positive() {
				t.Errorf("%+v, %+v", first, second)
			}
		}
	}
}
