package provider

import (
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// Told is one notice that a provider sends when nothing else was scripted.
type Told struct {
	After   time.Duration // behind what caused it
	Status  payment.Status
	Raw     string
	Message string
	As      string // the transaction_status where a scenario has a word of its own; "" = the status's own
}

// Outcome is how a payment's open part ends.
type Outcome struct {
	Does   scenario.Deed // approve and its variants, decline, cancel, underpay, challenge-fail; Expires
	Reason string        // the provider's own, for decline
	PSP    backoffice.PSP
	Fate   scenario.Fate
}

// Expires is the outcome of a session that nobody decided in time.
const Expires scenario.Deed = "expire"

// approvedMessage is the documented one (Payone); for the other providers it is assumed.
const approvedMessage = "Transaction approved and successfully processed"

// Ending returns what the provider tells after an outcome: its own sequence, or one notice in its own words.
func (p Provider) Ending(o Outcome) []Told {
	if p.Tells != nil {
		if told := p.Tells(o); told != nil {
			return told
		}
	}
	return []Told{p.final(o)}
}

// Usual is the provider's usual notice of a normalised status: of this very outcome where that leads to it.
func (p Provider) Usual(o Outcome, status string) Told {
	if t := p.final(o); t.Status.Normalised() == status {
		return t
	}
	switch status {
	case payment.Approved.Normalised():
		return p.final(Outcome{Does: scenario.Approves})
	case payment.Declined.Normalised():
		return p.final(Outcome{Does: scenario.Declines})
	case payment.Pending.Normalised():
		return Told{Status: payment.Pending, Raw: p.Words.Pending, Message: "Transaction pending"}
	}
	return Told{Raw: status} // a word of the script's own; the webhook's status must not be empty
}

// Ends says whether a payment of the provider can end this way: too little or too much can arrive of a coin only, and a step-up can fail
// with a card only.
func (p Provider) Ends(deed scenario.Deed) bool {
	switch deed {
	case scenario.Underpays, scenario.Overpays:
		return p.Page == CryptoPage
	case scenario.ChallengeFail:
		return p.Page == CardPage || p.Page == StepUpPage
	}
	return true
}

// final is the one notice that ends a payment.
func (p Provider) final(o Outcome) Told {
	switch o.Does {
	case scenario.Declines, scenario.ChallengeFail:
		return Told{Status: payment.Declined, Raw: p.Words.Declined, Message: declinedMessage(o)}
	case scenario.Cancels:
		return Told{Status: payment.Cancelled, Raw: p.Words.Cancelled, Message: "Transaction cancelled by the user"}
	case Expires:
		return Told{Status: payment.Expired, Raw: p.Words.Expired, Message: "Transaction expired"}
	}
	return Told{Status: payment.Approved, Raw: p.Words.Approved, Message: approvedMessage}
}

// declinedMessage says why, in the provider's own code where there is one (assumed).
func declinedMessage(o Outcome) string {
	switch {
	case o.Reason != "":
		return "Transaction declined: " + o.Reason
	case o.Does == scenario.ChallengeFail:
		return "Transaction declined: 3-D Secure failed"
	}
	return "Transaction declined"
}

// Payload is a webhook's body for a notice: the common form, as the contract's <Psp>Webhook has it (documented).
func (p Provider) Payload(terms payment.Terms, n payment.Notice) Fields {
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
