package drift_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/features/drift"
)

// rename gives a member of an object another name.
func rename(object map[string]any, from, to string) {
	if value, ok := object[from]; ok {
		object[to] = value
		delete(object, from)
	}
}

// only sends the one notice, changed in place.
func only(change func(n *notice)) func(n *notice) []notice {
	return func(n *notice) []notice {
		change(n)
		return []notice{*n}
	}
}

// accepted changes the data of answers that were accepted.
func accepted(change func(a *answer, data map[string]any)) func(a *answer) {
	return func(a *answer) {
		if data := a.data(); a.status == 200 && data != nil {
			change(a, data)
		}
	}
}

// message changes the message of an error.
func message(from, to string) func(a *answer) {
	return func(a *answer) {
		if a.body["message"] == from {
			a.body["message"] = to
		}
	}
}

// deviations are the ways in which the stand-in can differ, each with all that must be reported of it.
func deviations() []deviation {
	return slices.Concat(inAnswers(), inValues(), inErrors(), inNotices(), inTraffic())
}

func inAnswers() []deviation {
	return []deviation{
		{name: "another redirect field", psp: "PAYONE", flow: "PAYIN",
			answer: accepted(func(_ *answer, data map[string]any) { rename(data, "redirect_url", "redirectUrl") }),
			wants:  []want{{drift.Renamed, "PayonePayInAnswer.data.redirect_url", "data.redirect_url"}}},
		{name: "a field renamed", psp: "GIGADAT", flow: "PAYIN",
			answer: accepted(func(_ *answer, data map[string]any) { rename(data, "transaction_status", "transactionStatus") }),
			wants:  []want{{drift.Renamed, "GigadatPayInAnswer.data.transaction_status", "data.transaction_status"}}},
		{name: "a field missing", psp: "BRITE",
			answer: accepted(func(_ *answer, data map[string]any) { delete(data, "sessionId") }),
			wants:  []want{{drift.Missing, "BritePayInAnswer.data.sessionId", "data.sessionId"}}},
		{name: "an extra field", psp: "TRUST",
			answer: accepted(func(_ *answer, data map[string]any) { data["expiresIn"] = json.Number("300") }),
			wants:  []want{{drift.Added, "TrustPayInAnswer.data", "data.expiresIn"}}},
		{name: "an extra object", psp: "TRUST",
			answer: accepted(func(a *answer, _ map[string]any) { a.body["meta"] = map[string]any{"version": "v2", "region": "eu"} }),
			wants:  []want{{drift.Added, "TrustPayInAnswer", "meta"}}},
		{name: "a number as text", psp: "CLEO", flow: "PAYIN",
			answer: accepted(func(_ *answer, data map[string]any) { data["amount"] = fmt.Sprint(data["amount"]) }),
			wants:  []want{{drift.ChangedType, "CleoPayInAnswer.data.amount", "data.amount"}}},
		{name: "null instead of an empty text", psp: "NEOSURF",
			answer: accepted(func(_ *answer, data map[string]any) { data["sessionId"] = nil }),
			wants:  []want{{drift.ChangedType, "NeosurfPayInAnswer.data.sessionId", "data.sessionId"}}},
	}
}

func inValues() []deviation {
	return []deviation{
		{name: "another fixed text", psp: "GIGADAT", flow: "PAYOUT",
			answer: accepted(func(a *answer, _ map[string]any) { a.body["message"] = "Awaiting approval" }),
			wants:  []want{{drift.ChangedText, "GigadatPayOutAnswer.message", "message"}}},
		{name: "another case of a fixed word", psp: "FORUMPAY", flow: "PAYIN",
			answer: accepted(func(_ *answer, data map[string]any) { data["status"] = "Pending" }),
			wants:  []want{{drift.ChangedText, "ForumpayPayInAnswer.data.status", "data.status"}}},
		{name: "another form of ids", psp: "BRITE",
			answer: accepted(func(_ *answer, data map[string]any) {
				data["sessionId"] = strings.ReplaceAll(data["sessionId"].(string), "-", "")
			}),
			wants: []want{{drift.ChangedFormat, "BritePayInAnswer.data.sessionId", "data.sessionId"}}},
		{name: "nested instead of flat", psp: "PAYONE", flow: "PAYOUT",
			answer: accepted(func(_ *answer, data map[string]any) {
				data["order"] = map[string]any{"merchantReference": data["merchantReference"]}
				delete(data, "merchantReference")
			}),
			wants: []want{{drift.Renamed, "PayonePayOutAnswer.data.merchantReference", "data.merchantReference"}}},
		{name: "flat instead of nested", psp: "FLEXEPIN", unsettled: true,
			answer: accepted(func(a *answer, data map[string]any) {
				delete(a.body, "data")
				for name, value := range data {
					if name != "status" { // the envelope has its own
						a.body[name] = value
					}
				}
			}),
			wants: []want{
				{drift.Renamed, "FlexepinPayInAnswer.data", "data"},
				{drift.Missing, "FlexepinPayInAnswer.data.status", "data.status"},
			}},
		{name: "the reference is not echoed", psp: "EMERCHANTPAY", unsettled: true,
			answer: accepted(func(_ *answer, data map[string]any) {
				if data["merchantReference"] != "" {
					data["merchantReference"] = "MZ-REF"
				}
			}),
			wants: []want{{drift.ChangedText, "EmerchantpayPayInAnswer.data.merchantReference", "data.merchantReference"}}},
		{name: "an amount with two decimals", psp: "TRUST",
			answer: accepted(func(_ *answer, data map[string]any) {
				if amount, ok := data["amount"].(json.Number); ok && !strings.Contains(string(amount), ".") {
					data["amount"] = json.Number(string(amount) + ".00")
				}
			}),
			wants: []want{{drift.ChangedFormat, "TrustPayInAnswer.data.amount", "data.amount"}}},
		{name: "a flag of another value", psp: "PAYONE", flow: "PAYIN",
			answer: accepted(func(_ *answer, data map[string]any) { data["success"] = false }),
			wants:  []want{{drift.ChangedText, "PayonePayInAnswer.data.success", "data.success"}}},
	}
}

func inErrors() []deviation {
	return []deviation{
		{name: "another error text", psp: "CLEO", answer: message("Rules action is not matched", "No rule matched"),
			wants: []want{{drift.ChangedText, "Error.message", "message"}}},
		{name: "another HTTP status of an error", psp: "CLEO",
			answer: func(a *answer) {
				if a.body["message"] == "Rules action is not matched" {
					a.status = 422
				}
			},
			wants: []want{{drift.ChangedStatus, "rule-status", "answer"}}},
		{name: "another HTTP status of a failed check", psp: "PAYONE",
			answer: func(a *answer) {
				if a.body["message"] == "Validation failed" {
					a.status = 422
				}
			},
			wants: []want{{drift.ChangedStatus, "POST /v1/api/mozarto/cashier", "answer"}}},
		{name: "another word for a failed check", psp: "CLEO",
			answer: func(a *answer) {
				list, _ := a.body["errors"].([]any)
				for i, item := range list {
					if item == "phone must have at least 6 digits" {
						list[i] = "phone must be longer"
					}
				}
			},
			wants: []want{{drift.ChangedText, "CleoPayInRequest.phone", "errors[0]"}}},
		{name: "another error code", psp: "TRUST",
			answer: func(a *answer) {
				if a.body["errorCode"] == "PSP_TIMEOUT" {
					a.body["errorCode"] = "PROVIDER_TIMEOUT"
				}
			},
			wants: []want{{drift.ChangedText, "TransportError.errorCode", "errorCode"}}},
		{name: "an error without its list", psp: "TRUST",
			answer: func(a *answer) {
				if a.body["message"] == "Unauthorized" {
					delete(a.body, "errors")
				}
			},
			wants: []want{{drift.Missing, "Error.errors", "errors"}}},
	}
}

func inNotices() []deviation {
	return []deviation{
		{name: "another raw word", psp: "PAYONE", unsettled: false,
			notice: only(func(n *notice) {
				if n.body["status"] == "success" {
					n.body["status"] = "completed"
				}
			}),
			wants: []want{{drift.ChangedText, "PayoneWebhook.status", "status"}}},
		{name: "another message", psp: "PAYONE",
			notice: only(func(n *notice) { n.body["message"] = "Payment complete" }),
			wants:  []want{{drift.ChangedText, "PayoneWebhook.message", "message"}}},
		{name: "another case of the status", psp: "PAYONE",
			notice: only(func(n *notice) { n.body["transaction_status"] = strings.ToUpper(n.body["transaction_status"].(string)) }),
			wants:  []want{{drift.ChangedText, "PayoneWebhook.transaction_status", "transaction_status"}}},
		{name: "an amount without decimals", psp: "PAYONE",
			notice: only(func(n *notice) { n.body["amount"] = strings.TrimSuffix(n.body["amount"].(string), ".00") }),
			wants:  []want{{drift.ChangedFormat, "PayoneWebhook.amount", "amount"}}},
		{name: "an amount as number", psp: "NEOSURF",
			notice: only(func(n *notice) { n.body["amount"] = json.Number(n.body["amount"].(string)) }),
			wants:  []want{{drift.ChangedType, "NeosurfWebhook.amount", "amount"}}},
		{name: "an amount in minor units", psp: "PAYONE",
			notice: only(func(n *notice) { n.body["amount"] = strings.ReplaceAll(n.body["amount"].(string), ".", "") + ".00" }),
			wants:  []want{{drift.ChangedText, "PayoneWebhook.amount", "amount"}}, unsettled: true},
		{name: "a webhook's field renamed", psp: "PAYONE",
			notice: only(func(n *notice) { rename(n.body, "transaction_id", "transactionId") }),
			wants:  []want{{drift.Renamed, "PayoneWebhook.transaction_id", "transaction_id"}}},
		{name: "another form of the provider's id", psp: "PAYONE",
			notice: only(func(n *notice) { n.body["psp_transaction_id"] = "PAY/" + n.body["psp_transaction_id"].(string)[3:] }),
			wants:  []want{{drift.ChangedFormat, "PayoneWebhook.psp_transaction_id", "psp_transaction_id"}}},
		{name: "a webhook's extra field", psp: "GIGADAT",
			notice: only(func(n *notice) { n.body["sentAt"] = "2026-11-23T15:00:00Z" }),
			wants:  []want{{drift.Added, "GigadatWebhook", "sentAt"}}},
		{name: "the id of another payment", psp: "PAYONE", unsettled: true,
			notice: only(func(n *notice) { n.body["transaction_id"] = "665f1c2ab7e4d93a5c0f1a2b" }),
			wants:  []want{{drift.ChangedText, "PayoneWebhook.transaction_id", "transaction_id"}}},
		{name: "another content type of webhooks", psp: "PAYONE",
			notice: only(func(n *notice) { n.header.Set("Content-Type", "text/plain") }),
			wants: []want{
				{drift.ChangedFormat, "POST payone", "header Content-Type"},
			}},
		{name: "a form instead of JSON", psp: "NEOSURF", unsettled: true,
			notice: only(func(n *notice) { n.raw = []byte("status=ok&amount=100.00") }),
			wants:  []want{{drift.ChangedType, "NeosurfWebhook", "webhook"}}},
	}
}

func inTraffic() []deviation {
	return []deviation{
		{name: "webhooks swapped", psp: "WORLDPAY_EU", swap: true,
			wants: []want{{drift.DifferentOrder, "POST worldpay", "webhooks"}}},
		{name: "no webhook", psp: "NEOSURF", notice: func(*notice) []notice { return nil },
			wants: []want{{drift.MissingWebhook, "POST neosurf", "webhooks"}}},
		{name: "the second webhook missing", psp: "WORLDPAY_EU",
			notice: func(n *notice) []notice {
				if n.n == 2 {
					return nil
				}
				return []notice{*n}
			},
			wants: []want{{drift.MissingWebhook, "POST worldpay", "webhooks"}}},
		{name: "an extra webhook", psp: "NEOSURF",
			notice: func(n *notice) []notice { return []notice{*n, *n} },
			wants:  []want{{drift.ExtraWebhook, "POST neosurf", "webhooks"}}},
		{name: "webhooks later", psp: "NEOSURF", refuse: 2,
			wants: []want{{drift.Slower, "POST neosurf", "webhook"}}},
		{name: "a slower answer", psp: "BRITE", answer: func(a *answer) { a.delay = 8 * time.Second },
			wants: []want{{drift.Slower, "POST /v1/api/mozarto/cashier", "answer"}}},
		{name: "another content type", psp: "BRITE", answer: func(a *answer) { a.header.Set("Content-Type", "text/html; charset=utf-8") },
			wants: []want{{drift.ChangedFormat, "POST /v1/api/mozarto/cashier", "header Content-Type"}}},
		{name: "no content type", psp: "BRITE", answer: func(a *answer) { a.header["Content-Type"] = nil },
			wants: []want{{drift.Missing, "POST /v1/api/mozarto/cashier", "header Content-Type"}}},
		{name: "a page instead of JSON", psp: "BRITE", unsettled: true,
			answer: accepted(func(a *answer, _ map[string]any) { a.raw = []byte("<html><body>moved</body></html>") }),
			wants:  []want{{drift.ChangedType, "BritePayInAnswer", "answer"}}},
		{name: "refused what was accepted", psp: "BRITE", unsettled: true,
			answer: func(a *answer) {
				if a.status != 200 {
					return
				}
				a.status = 400
				a.body = map[string]any{"status": "error", "message": "Country not supported", "isSuccess": false, "errors": []any{}}
			},
			wants: []want{{drift.ChangedStatus, "POST /v1/api/mozarto/cashier", "answer"}}},
	}
}
