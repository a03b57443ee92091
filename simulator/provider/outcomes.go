package provider

import (
	"cmp"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// Notification is what a provider notifies of.
type Notification struct {
	After             time.Duration // counted from its cause
	Status            payment.Status
	Raw               string
	Message           string
	TransactionStatus string            // of a scenario; "" = that of Status
	Webhook           *scenario.Webhook // of a scenario: how it is sent
}

// Outcome is how an open payment ends.
type Outcome struct {
	Action      scenario.ShopperAction // approve and its variants, decline, cancel, underpay, overpay, challenge-fail, ActionExpire
	Reason      string                 // the provider's own, for decline
	PSP         backoffice.PSP
	TestOutcome scenario.Outcome
}

// ActionExpire is the action of a session that expires.
const ActionExpire scenario.ShopperAction = "expire"

// approvedMessage is the documented one (Payone); for the other providers it is assumed.
const approvedMessage = "Transaction approved and successfully processed"

// Notifications returns what the provider notifies of after an outcome: the plan's scripted notifications, else the
// provider's own sequence, else one notification in its own words.
func (p Provider) Notifications(o Outcome, plan *scenario.Plan) []Notification {
	if plan.HasThen {
		return p.scripted(o, plan)
	}
	if p.Sequence != nil {
		if sequence := p.Sequence(o); sequence != nil {
			return sequence
		}
	}
	return []Notification{p.final(o)}
}

// scripted are a scenario's notifications; the provider's usual words fill in what the scenario leaves out.
func (p Provider) scripted(o Outcome, plan *scenario.Plan) []Notification {
	list := make([]Notification, len(plan.Then))
	for i, n := range plan.Then {
		usual := p.usual(o, n.Status)
		raw := cmp.Or(n.Raw, usual.Raw)
		status := p.statusOf(n.Status, raw)
		list[i] = Notification{
			After: n.After.Fixed, Status: status, Raw: raw, Message: cmp.Or(n.Message, p.messageOf(status), usual.Message),
			TransactionStatus: n.Status, Webhook: n.Webhook,
		}
	}
	if plan.Webhooks.Order == scenario.BeforeAnswer && len(list) > 0 {
		list[0].After = 0
	}
	return list
}

// statusOf finds the simulator's own status for a scripted notification: by the raw word of a later event or of the session's
// end, else by the normalised status. Any other word changes no status.
func (p Provider) statusOf(normalised, raw string) payment.Status {
	if status, isLater := laterWords()[raw]; isLater {
		return status
	}
	switch {
	case normalised == "Declined" && raw == p.Words.Expired && raw != p.Words.Declined:
		return payment.Expired
	case normalised == "Declined" && raw == p.Words.Cancelled && raw != p.Words.Declined:
		return payment.Cancelled
	case normalised == "Approved":
		return payment.Approved
	case normalised == "Declined":
		return payment.Declined
	case normalised == "Pending":
		return payment.Pending
	}
	return ""
}

// laterWords are the raw words of what follows an approval, of all providers.
func laterWords() map[string]payment.Status {
	return map[string]payment.Status{
		"captured": payment.Captured, "CAPTURED": payment.Captured,
		"settled": payment.Settled, "SETTLED": payment.Settled,
		"refunded": payment.Refunded, "REFUNDED": payment.Refunded,
		"charged_back": payment.ChargedBack, "CHARGED_BACK": payment.ChargedBack, "chargebacked": payment.ChargedBack,
		"reversed": payment.Reversed, "CHARGEBACK_REVERSED": payment.Reversed, "chargeback_reversed": payment.Reversed,
	}
}

// messageOf is what is said of a state that is more than approved, declined or pending, "" for those; assumed.
func (p Provider) messageOf(status payment.Status) string {
	switch status {
	case payment.Cancelled:
		if p.CancelStaysOpen { // the merchant or a fraud service has stopped it, not the shopper
			return "Transaction stopped"
		}
		return p.final(Outcome{Action: scenario.ActionCancel}).Message
	case payment.Expired:
		return p.final(Outcome{Action: ActionExpire}).Message
	case payment.Captured:
		return "Transaction captured"
	case payment.Settled:
		return "Transaction settled"
	case payment.Refunded:
		return "Transaction refunded"
	case payment.ChargedBack:
		return "Transaction charged back"
	case payment.Reversed:
		return "Chargeback reversed"
	}
	return ""
}

// usual is the provider's usual notification of a normalised status: that of this very outcome where it leads there.
func (p Provider) usual(o Outcome, status string) Notification {
	if n := p.final(o); n.Status.Normalised() == status {
		return n
	}
	switch status {
	case payment.Approved.Normalised():
		return p.final(Outcome{Action: scenario.ActionApprove})
	case payment.Declined.Normalised():
		return p.final(Outcome{Action: scenario.ActionDecline})
	case payment.Pending.Normalised():
		return Notification{Status: payment.Pending, Raw: p.Words.Pending, Message: "Transaction pending"}
	}
	return Notification{Raw: status} // the scenario's own word; the webhook's status must not be empty
}

// Supports says whether a payment of the provider can end by an action: only crypto can be paid too little or too much, and a
// step-up can only fail with a card.
func (p Provider) Supports(action scenario.ShopperAction) bool {
	switch action {
	case scenario.ActionUnderpay, scenario.ActionOverpay:
		return p.Page == CryptoPage
	case scenario.ActionChallengeFail:
		return p.Page == CardPage || p.Page == StepUpPage
	}
	return true
}

// final is the one notification that ends a payment.
func (p Provider) final(o Outcome) Notification {
	switch o.Action {
	case scenario.ActionDecline, scenario.ActionChallengeFail:
		message := declinedMessage
		if p.DeclinedMessage != nil {
			message = p.DeclinedMessage
		}
		return Notification{Status: payment.Declined, Raw: p.Words.Declined, Message: message(o)}
	case scenario.ActionCancel:
		return Notification{Status: payment.Cancelled, Raw: p.Words.Cancelled, Message: "Transaction cancelled by the user"}
	case ActionExpire:
		return Notification{Status: payment.Expired, Raw: p.Words.Expired, Message: "Transaction expired"}
	}
	return Notification{Status: payment.Approved, Raw: p.Words.Approved, Message: approvedMessage}
}

// declinedMessage says why, by the provider's own code where there is one (assumed).
func declinedMessage(o Outcome) string {
	switch {
	case o.Reason != "":
		return "Transaction declined: " + o.Reason
	case o.Action == scenario.ActionChallengeFail:
		return "Transaction declined: 3-D Secure failed"
	}
	return "Transaction declined"
}

// Payload is a webhook's body: the common fields, as the contract's <Psp>Webhook has them (documented).
func (p Provider) Payload(terms payment.Terms, n adminapi.Notification) Fields {
	fields := append(make(Fields, 0, 9+len(p.WebhookExtra)), Fields{
		{"transaction_id", terms.ID},
		{"psp_transaction_id", terms.PSPTransactionID},
		{"user_id", terms.UserID},
		{"status", n.Raw},
		{"transaction_status", n.TransactionStatus},
		{"message", n.Message},
		{"amount", terms.Amount.Fixed(2)},
	}...)
	if !p.NoWebhookCurrency {
		fields = append(fields, Field{"currency", terms.Currency})
	}
	fields = append(fields, Field{"merchantReference", terms.MerchantReference})
	return append(fields, p.WebhookExtra...)
}

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

// The normalised error codes of failures between Mozarto and a provider (documented).
const (
	InvalidCredentials = "INVALID_PSP_CREDENTIALS" // the provider answered 401, 403 or 404
	Timeout            = "PSP_TIMEOUT"             // it answered 408, or named a timeout
	Unavailable        = "PSP_UNAVAILABLE"         // it answered 5xx
	RateLimited        = "PSP_RATE_LIMITED"        // it answered 429
	Unknown            = "UNKNOWN_PSP_ERROR"       // anything else
)

// TransportError is a failure between Mozarto and the provider, normalised. The payment is failed.
type TransportError struct {
	Code string
	Data any // the provider's raw answer, for business rejections that are UNKNOWN_PSP_ERROR; nil leaves it out
}

func (e *TransportError) Error() string { return "provider: " + e.Code }

// Rejection is a voucher that the provider rejected. The payment is declined.
type Rejection struct {
	Message string
	Data    Fields // the provider's raw answer
}

func (e *Rejection) Error() string { return "provider: voucher rejected: " + e.Message }

// Refuse is the provider's own refusal of a call, for a reason in its own words: a voucher's rejection, or, for providers
// without vouchers, UNKNOWN_PSP_ERROR with the raw answer in data (documented for Brite, assumed for the others, whose raw
// answer is the reason).
func (p Provider) Refuse(reason string) error {
	if p.Voucher {
		return &Rejection{Message: reason, Data: Fields{{"error", reason}, {"errorcode", reason}}}
	}
	if p.RawRefusal != nil {
		return &TransportError{Code: Unknown, Data: p.RawRefusal(reason)}
	}
	return &TransportError{Code: Unknown, Data: reason}
}
