package provider

// voucherRefusal is why a voucher is turned down, in the words of the simulator (assumed; the four reasons are documented).
func voucherRefusal(reason string) string {
	switch reason {
	case "INVALID_PIN":
		return "Invalid voucher PIN"
	case "ALREADY_REDEEMED":
		return "Voucher already redeemed"
	case "CURRENCY_MISMATCH":
		return "Voucher currency does not match"
	case "AMOUNT_MISMATCH":
		return "Voucher amount does not match"
	}
	return "Voucher rejected"
}
