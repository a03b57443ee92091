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
		Request: p.Request, Raw: p.Raw, Message: p.Message, Plan: p.Plan, PageExpires: p.PageExpires,
		Decisions:     each(p.Decisions, func(d payment.Decision) adminapi.Decision { return adminapi.Decision(d) }),
		Notifications: each(p.Notifications, notificationOf),
		Deliveries: each(p.Deliveries, func(d payment.Delivery) adminapi.Delivery {
			return deliveryOf(&d, p.ID, p.PSP)
		}),
	}
	var plan struct{ Scenario, By string }
	if len(p.Plan) > 0 && json.Unmarshal(p.Plan, &plan) == nil && plan.Scenario != "" { // test data alone has no scenario
		out.Scenario = &adminapi.ChosenScenario{Name: plan.Scenario, By: plan.By}
	}
	if l := p.LeftOut; l != nil {
		out.LeftOut = &adminapi.LeftOut{Fields: l.Fields, Bytes: l.Bytes}
	}
	if a := p.Answer; a != nil {
		out.Answer = &adminapi.Answer{Status: a.Status, Body: a.Body, Fault: a.Fault, DelayMS: a.Delay, Observed: a.Observed}
	}
	if v := p.Visit; v != nil {
		out.Visit = &adminapi.PageVisit{
			Opened: v.Opened, TakenOver: v.TakenOver,
			Returns: each(v.Returns, func(r payment.Return) adminapi.PageReturn { return adminapi.PageReturn(r) }),
		}
	}
	return out
}

func notificationOf(n payment.Notification) adminapi.Notification {
	return adminapi.Notification{
		N: n.N, Status: string(n.Status), TransactionStatus: n.TransactionStatus, Raw: n.Raw, Message: n.Message, Dropped: n.Dropped,
	}
}

// deliveryOf is a delivery as it is answered.
func deliveryOf(d *payment.Delivery, paymentID, psp string) adminapi.Delivery {
	return adminapi.Delivery{
		ID: d.ID, Payment: paymentID, PSP: psp, Notification: d.Notification, Copy: d.Copy, URL: d.URL, Body: d.Body, Auth: d.Auth,
		Padded: d.Padded, Resend: d.Resend, Observed: d.Observed, Due: d.Due, State: string(d.State), Created: d.Created, Updated: d.Updated,
		Next: d.Next, Attempts: each(d.Attempts, attemptOf),
	}
}

func attemptOf(a payment.Attempt) adminapi.Attempt {
	return adminapi.Attempt{
		Delivery: a.Delivery, N: a.N, Headers: a.Headers, Status: a.Status, Answer: a.Answer, Body: a.Body,
		Truncated: a.Truncated, TookMS: a.TookMS, Error: a.Error, Stage: a.Stage, State: string(a.State), Next: a.Next, Verdict: a.Verdict,
	}
}

// each converts the entries of a list; the result is never nil.
func each[A, B any](list []A, convert func(A) B) []B {
	out := make([]B, len(list))
	for i, entry := range list {
		out[i] = convert(entry)
	}
	return out
}
