package adminapi

// PaymentStatuses lists the statuses of a payment.
func PaymentStatuses() []string {
	return []string{
		"created", "awaiting_approval", "pending", "approved", "declined", "cancelled", "expired", "captured", "settled",
		"refunded", "charged_back", "reversed", "failed",
	}
}

// PaymentTypes lists the types of a payment.
func PaymentTypes() []string { return []string{"PAYIN", "PAYOUT"} }

// DeliveryStates lists the states of a delivery.
func DeliveryStates() []string {
	return []string{"pending", "retrying", "delivered", "exhausted", "dropped"}
}

// WebhookStates lists the states of all deliveries of a payment together.
func WebhookStates() []string { return []string{"open", "exhausted", "done"} }

// Stages lists what can refuse a call.
func Stages() []string {
	return []string{"read", "identify", "validate", "route", "judge", "plan", "answer", "page", "replay"}
}

// Outcomes lists what can come of a call.
func Outcomes() []string { return []string{"accepted", "refused"} }

// OutageKinds lists the ways in which a provider can be unavailable.
func OutageKinds() []string {
	return []string{"down", "slow", "rate-limited", "bad-credentials", "flapping"}
}

// Bases lists the ways in which a rule can be known.
func Bases() []string { return []string{"documented", "provider", "assumed", "own", "observed"} }
