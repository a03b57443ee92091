package provider

// Reason is a provider's own code for declining, and what it means.
type Reason struct{ Code, Text string }

// bankReasons are common reasons of a bank, for providers whose own are not public (assumed).
func bankReasons() []Reason {
	return []Reason{
		{"insufficient_funds", "not enough money"}, {"limit_exceeded", "limit exceeded"}, {"bank_unavailable", "bank unavailable"},
	}
}

// voucherReasons are why a voucher is rejected (documented), in the simulator's words (assumed).
func voucherReasons() []Reason {
	return []Reason{
		{"INVALID_PIN", "Invalid voucher PIN"},
		{"ALREADY_REDEEMED", "Voucher already redeemed"},
		{"CURRENCY_MISMATCH", "Voucher currency does not match"},
		{"AMOUNT_MISMATCH", "Voucher amount does not match"},
	}
}

func codes(reasons []Reason) []string {
	all := make([]string, len(reasons))
	for i, r := range reasons {
		all[i] = r.Code
	}
	return all
}

// textOf returns what a code means, otherwise when it is none of the reasons.
func textOf(code, otherwise string, reasons []Reason) string {
	for _, r := range reasons {
		if r.Code == code {
			return r.Text
		}
	}
	return otherwise
}

// ReasonCodes returns the provider's own reasons for declining, for people to choose from.
func (p Provider) ReasonCodes() []string { return codes(p.Reasons) }

// PageReasons returns the reasons for declining that a hosted page offers: the provider's own, or those of any bank.
func (p Provider) PageReasons() []string {
	if p.Reasons == nil && p.Page == BankPage {
		return codes(bankReasons())
	}
	return codes(p.Reasons)
}

// ReasonText says what a reason means; one without words is its own text.
func (p Provider) ReasonText(code string) string {
	return textOf(code, code, append(p.Reasons[:len(p.Reasons):len(p.Reasons)], bankReasons()...))
}

// RetriesAfter says whether a page shows its form again after a decline.
func (p Provider) RetriesAfter(reason string) bool {
	return p.Retries || p.RetryReason != "" && reason == p.RetryReason
}

// voucherRejected says why a voucher is rejected.
func voucherRejected(code string) string { return textOf(code, "Voucher rejected", voucherReasons()) }
