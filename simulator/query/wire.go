package query

import (
	"encoding/json"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
)

// summaryOf is a payment as a list shows it.
func summaryOf(p *payment.Payment) adminapi.PaymentSummary {
	return adminapi.PaymentSummary{
		ID: p.ID, Company: p.Company, Ordinal: p.Ordinal, PSP: p.PSP, Type: p.Type, Variant: p.Variant,
		Status: string(p.Status), TransactionStatus: p.Status.Normalised(), UserID: p.UserID, BrandID: p.BrandID,
		Amount: json.Number(p.Amount.String()), Currency: p.Currency, MerchantReference: p.MerchantReference,
		Webhooks: p.DeliverySummary(), Created: p.Created, Updated: p.Updated,
	}
}

// paymentOf is a payment as it is answered, without its events and the URL of its page.
func paymentOf(p *payment.Payment) adminapi.Payment {
	out := adminapi.Payment{
		PaymentSummary: summaryOf(p), Session: p.Session, PSPTransactionID: p.PSPTransactionID, Email: p.Email,
		Request: p.Request, LeftOut: p.LeftOut, Raw: p.Raw, Message: p.Message, Answer: p.Answer, Plan: p.Plan, PageExpires: p.PageExpires,
		Visit: p.Visit, Decisions: p.Decisions, Notifications: p.Notifications, Deliveries: p.Deliveries,
	}
	var plan struct{ Scenario, By string }
	if len(p.Plan) > 0 && json.Unmarshal(p.Plan, &plan) == nil && plan.Scenario != "" { // test data alone has no scenario
		out.Scenario = &adminapi.ChosenScenario{Name: plan.Scenario, By: plan.By}
	}
	return out
}
