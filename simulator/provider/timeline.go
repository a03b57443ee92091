package provider

import (
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// Notification is one notice that a provider sends when nothing else was scripted.
type Notification struct {
	After             time.Duration // behind what caused it
	Status            payment.Status
	Raw               string
	Message           string
	TransactionStatus string // the transaction_status where a scenario has a word of its own; "" = the status's own
}

// Ending is how a payment's open part ends.
type Ending struct {
	Action      scenario.ShopperAction // approve and its variants, decline, cancel, underpay, challenge-fail; Expires
	Reason      string                 // the provider's own, for decline
	PSP         backoffice.PSP
	TestOutcome scenario.Outcome
}

// ActionExpire is the outcome of a session that nobody decided in time.
const ActionExpire scenario.ShopperAction = "expire"

// approvedMessage is the documented one (Payone); for the other providers it is assumed.
const approvedMessage = "Transaction approved and successfully processed"

// Notifications returns what the provider tells after an outcome: its own sequence, or one notice in its own words.
func (p Provider) Notifications(o Ending) []Notification {
	if p.Sequence != nil {
		if told := p.Sequence(o); told != nil {
			return told
		}
	}
	return []Notification{p.final(o)}
}

// UsualNotification is the provider's usual notice of a normalised status: of this very outcome where that leads to it.
func (p Provider) UsualNotification(o Ending, status string) Notification {
	if t := p.final(o); t.Status.Normalised() == status {
		return t
	}
	switch status {
	case payment.Approved.Normalised():
		return p.final(Ending{Action: scenario.ActionApprove})
	case payment.Declined.Normalised():
		return p.final(Ending{Action: scenario.ActionDecline})
	case payment.Pending.Normalised():
		return Notification{Status: payment.Pending, Raw: p.Words.Pending, Message: "Transaction pending"}
	}
	return Notification{Raw: status} // a word of the script's own; the webhook's status must not be empty
}

// CanEndBy says whether a payment of the provider can end this way: too little or too much can arrive of a coin only, and a step-up can fail
// with a card only.
func (p Provider) CanEndBy(deed scenario.ShopperAction) bool {
	switch deed {
	case scenario.ActionUnderpay, scenario.ActionOverpay:
		return p.Page == CryptoPage
	case scenario.ActionChallengeFail:
		return p.Page == CardPage || p.Page == StepUpPage
	}
	return true
}

// final is the one notice that ends a payment.
func (p Provider) final(o Ending) Notification {
	switch o.Action {
	case scenario.ActionDecline, scenario.ActionChallengeFail:
		return Notification{Status: payment.Declined, Raw: p.Words.Declined, Message: declinedMessage(o)}
	case scenario.ActionCancel:
		return Notification{Status: payment.Cancelled, Raw: p.Words.Cancelled, Message: "Transaction cancelled by the user"}
	case ActionExpire:
		return Notification{Status: payment.Expired, Raw: p.Words.Expired, Message: "Transaction expired"}
	}
	return Notification{Status: payment.Approved, Raw: p.Words.Approved, Message: approvedMessage}
}

// declinedMessage says why, in the provider's own code where there is one (assumed).
func declinedMessage(o Ending) string {
	switch {
	case o.Reason != "":
		return "Transaction declined: " + o.Reason
	case o.Action == scenario.ActionChallengeFail:
		return "Transaction declined: 3-D Secure failed"
	}
	return "Transaction declined"
}

// Payload is a webhook's body for a notice: the common form, as the contract's <Psp>Webhook has it (documented).
func (p Provider) Payload(terms payment.Terms, n payment.Notification) Fields {
	fields := Fields{
		{"transaction_id", terms.ID},
		{"psp_transaction_id", terms.PSPTransactionID},
		{"user_id", terms.UserID},
		{"status", n.Raw},
		{"transaction_status", n.TransactionStatus},
		{"message", n.Message},
		{"amount", terms.Amount.Fixed(2)},
	}
	if !p.NoWebhookCurrency {
		fields = append(fields, Field{"currency", terms.Currency})
	}
	fields = append(fields, Field{"merchantReference", terms.MerchantReference})
	return append(fields, p.WebhookExtra...)
}
