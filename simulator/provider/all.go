package provider

// All returns the ten providers in the contract's order.
func All() []Provider {
	return []Provider{
		forumPay(), gigadat(), worldpay(), trust(), cleo(),
		payone(), neosurf(), flexepin(), brite(), eMerchantPay(),
	}
}
