package drift_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
)

// deviation is one way in which the Sandbox of a test differs from the simulator.
type deviation struct {
	name    string
	psp     string                      // only for this provider; "" = all
	alone   bool                        // of calls that name no provider, too: no other provider's are made
	flow    string                      // PAYIN or PAYOUT; "" = both
	more    string                      // features that show it, beside the provider's; a regular expression
	request func(map[string]any)        // changes a request before it is judged, so that what is refused becomes valid
	refuse  func(map[string]any) string // refuses a request that would be accepted, with this sentence; "" = it does not
	answer  func(*answer)               // changes an answer
	webhook func(*webhook) []webhook    // what is sent instead of a webhook
	unheard int                         // the n-th webhook of a payment does not arrive, and counts as failed
	swap    bool                        // the payment's first two webhooks change places
	later   time.Duration               // its webhooks come later
	wants   []want
	unsaid  bool // no document can say it, or not all of it
}

// want is a finding that a deviation must lead to.
type want struct {
	kind drift.Kind
	rule string
	path string // at the end of Where
}

// answer is an answer that can be changed.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    []byte // instead of body
	delay  time.Duration
}

// webhook is a webhook that can be changed.
type webhook struct {
	header http.Header
	body   map[string]any
	raw    []byte // instead of body
	n      int    // the payment's n-th, from 1
}

// data is the answer's data object.
func (a *answer) data() map[string]any {
	data, _ := a.body["data"].(map[string]any)
	return data
}

func decode(text []byte) map[string]any {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var fields map[string]any
	if dec.Decode(&fields) != nil {
		return nil
	}
	return fields
}

// encoded is a changed body.
func encoded(body map[string]any, raw []byte) []byte {
	if raw == nil {
		raw, _ = json.Marshal(body)
	}
	return raw
}

// changesRequest makes a request valid that a target accepts which does not enforce a rule.
func (d deviation) changesRequest(request []byte) []byte {
	asked := decode(request)
	if d.request == nil || d.psp != asked["pspType"] || d.flow != "" && d.flow != asked["type"] {
		return request
	}
	d.request(asked)
	return encoded(asked, nil)
}

// refused is the answer of a target that enforces a rule more.
func (a *answer) refused(says string) {
	a.status, a.body = 400, map[string]any{"status": "error", "message": says, "isSuccess": false, "errors": []any{}}
	if !strings.HasPrefix(says, "Missing required field") {
		a.body["message"], a.body["errors"] = "Validation failed", []any{says}
	}
}

// changesAnswer changes the answer to a request, if it is one that deviates.
func (d deviation) changesAnswer(request []byte, a *answer) (text []byte, changed bool) {
	asked := decode(request)
	if d.refuse != nil && d.psp == asked["pspType"] && (a.status == 200 || a.body["errorCode"] != nil) { // it comes before what the provider says
		says := d.refuse(asked)
		if says == "" {
			return nil, false
		}
		a.refused(says)
		return encoded(a.body, nil), true
	}
	psp, named := asked["pspType"].(string)
	if d.answer == nil || d.psp != "" && d.psp != psp && (named || !d.alone) || d.flow != "" && d.flow != asked["type"] || a.body == nil {
		return nil, false
	}
	d.answer(a)
	return encoded(a.body, a.raw), true
}

// meant reports whether a webhook is the deviating provider's; webhooks don't name it, but what they have or lack does.
func (d deviation) meant(body map[string]any) bool {
	_, currency := body["currency"]
	_, method := body["method"]
	status, _ := body["status"].(string)
	switch {
	case d.answer != nil || d.request != nil || d.refuse != nil:
		return false
	case d.psp == "PAYONE":
		return !currency && !method
	case d.psp == "NEOSURF":
		return method
	case d.psp == "WORLDPAY_EU":
		return status == "AUTHORISED" || status == "CAPTURED" || status == "ERROR"
	case d.psp == "CLEO":
		return currency
	case d.psp == "GIGADAT":
		return strings.HasPrefix(status, "STATUS_")
	}
	return true
}

// apply changes a run to what it would show of a Sandbox that deviates.
func (d deviation) apply(run *evidence.Run) {
	for i := range run.Features[0].Scenarios {
		s := &run.Features[0].Scenarios[i]
		if s.PSP != d.psp {
			continue
		}
		e := &s.Exchanges[0]
		a := &answer{status: e.Answer.Status, header: headerOf(e.Answer.Headers), body: decode([]byte(e.Answer.Body))}
		if text, changed := d.changesAnswer([]byte(e.Request.Body), a); changed {
			e.Answer = evidence.Message{Status: a.status, Headers: flatOf(a.header), Body: string(text)}
			e.Took += evidence.Span(a.delay)
		}
		d.applyToWebhooks(s)
	}
}

func (d deviation) applyToWebhooks(s *evidence.Scenario) {
	var sent []evidence.Webhook
	n := 0
	for _, w := range s.Webhooks {
		h := webhook{header: headerOf(w.Headers), body: decode([]byte(w.Body))}
		if !d.meant(h.body) {
			sent = append(sent, w)
			continue
		}
		n++
		h.n = n
		out := []webhook{h}
		if d.webhook != nil {
			out = d.webhook(&h)
		}
		w.After += evidence.Span(d.later)
		for _, h := range out {
			w.Headers, w.Body = flatOf(h.header), string(encoded(h.body, h.raw))
			sent = append(sent, w)
		}
	}
	if d.swap && len(sent) > 1 {
		sent[0].After = sent[1].After
		sent[0], sent[1] = sent[1], sent[0]
	}
	for i := range sent {
		sent[i].N = i + 1
	}
	s.Webhooks = sent
}

func headerOf(headers map[string]string) http.Header {
	header := http.Header{}
	for name, value := range headers {
		header[name] = []string{value}
	}
	return header
}

func flatOf(header http.Header) map[string]string {
	present := maps.Clone(header)
	maps.DeleteFunc(present, func(_ string, values []string) bool { return len(values) == 0 })
	return flat(present)
}

// rename gives a member of an object another name.
func rename(object map[string]any, from, to string) {
	if value, ok := object[from]; ok {
		object[to] = value
		delete(object, from)
	}
}

// withTwoDecimals writes an amount with two decimals; what has more, or is none, stays.
func withTwoDecimals(amount json.Number) json.Number {
	n, ok := new(big.Rat).SetString(string(amount))
	if !ok || n.Sign() <= 0 || !new(big.Rat).Mul(n, big.NewRat(100, 1)).IsInt() {
		return amount
	}
	return json.Number(n.FloatString(2))
}

// changedTo sends the one webhook, changed.
func changedTo(change func(n *webhook)) func(n *webhook) []webhook {
	return func(n *webhook) []webhook {
		change(n)
		return []webhook{*n}
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

// deviations are the ways in which the Sandbox of the tests can differ, each with all that must be reported about it.
func deviations() []deviation {
	return slices.Concat(inAnswers(), inValues(), inErrors(), inWebhooks(), inTraffic())
}

// standins are the deviations that a stand-in for the Sandbox can have: those above but for what takes time, and those that need to
// see the request, or features of their own.
func standins() []deviation {
	of := slices.DeleteFunc(deviations(), func(d deviation) bool { return d.later > 0 || d.name == "a slower answer" })
	return slices.Concat(of, inRequests(), inHandlers())
}

func inRequests() []deviation {
	set := func(field string, valid func(any) bool, value any) func(map[string]any) {
		return func(request map[string]any) {
			if !valid(request[field]) {
				request[field] = value
			}
		}
	}
	text := func(pattern string) func(any) bool {
		match := regexp.MustCompile(pattern)
		return func(v any) bool {
			s, ok := v.(string)
			return !ok || match.MatchString(s)
		}
	}
	present := func(v any) bool { return v != nil }
	return []deviation{
		{name: "two decimals are not asked for", psp: "GIGADAT",
			request: func(request map[string]any) {
				if n, ok := request["baseamount"].(json.Number); ok {
					request["baseamount"] = withTwoDecimals(n)
				}
			},
			wants: []want{{drift.ChangedStatus, "GigadatPayInRequest/gigadat-two-decimals", "answer"}}},
		{name: "a field is not required", psp: "PAYONE", flow: "PAYIN", request: set("phone", present, "5145550142"),
			wants: []want{{drift.ChangedStatus, "PayonePayInRequest.phone", "answer"}}},
		{name: "a form is not asked for", psp: "CLEO", flow: "PAYIN", request: set("phone", text(`.{6}`), "56912345678"),
			wants: []want{{drift.ChangedStatus, "CleoPayInRequest.phone", "answer"}}},
		{name: "any currency is accepted", psp: "GIGADAT", flow: "PAYIN", request: set("currency", text(`^CAD$`), "CAD"),
			wants: []want{{drift.ChangedStatus, "GigadatPayInRequest.currency", "answer"}}},
		{name: "another field is required", psp: "BRITE",
			refuse: func(request map[string]any) string {
				if request["firstName"] != nil {
					return ""
				}
				return "Missing required field: firstName"
			},
			wants: []want{{drift.ChangedStatus, "BritePayInRequest.firstName", "answer"}}},
		{name: "fewer countries are accepted", psp: "CLEO", flow: "PAYIN",
			refuse: func(request map[string]any) string {
				if request["countryCode"] != "PE" {
					return ""
				}
				return "countryCode must be one of: CL, MX"
			},
			answer: func(a *answer) {
				list, _ := a.body["errors"].([]any)
				for i, item := range list {
					if item == "countryCode must be one of: CL, PE, MX" {
						list[i] = "countryCode must be one of: CL, MX"
					}
				}
			},
			wants: []want{
				{drift.ChangedStatus, "CleoPayInRequest.countryCode", "answer"}, {drift.ChangedText, "CleoPayInRequest.countryCode", "errors[]"},
			}},
		{name: "another status without a token", more: "authentication/company_token",
			answer: func(a *answer) {
				if a.status == 401 {
					a.status = 403
				}
			},
			wants: []want{{drift.ChangedStatus, "company-token", "answer"}}},
		{name: "another text for missing fields", psp: "PAYONE",
			answer: func(a *answer) {
				message, _ := a.body["message"].(string)
				if name, ok := strings.CutPrefix(message, "Missing required field: "); ok {
					a.body["message"] = name + " is required"
				}
			},
			wants: []want{{drift.ChangedText, "Error.message", "message"}}},
		{name: "errors have a code", psp: "TRUST",
			answer: func(a *answer) {
				if a.body["errors"] != nil && a.body["errorCode"] == nil {
					a.body["code"] = json.Number("17")
				}
			},
			wants: []want{{drift.Added, "Error", "code"}}},
		{name: "created instead of OK", psp: "FLEXEPIN",
			answer: func(a *answer) {
				if a.status == 200 {
					a.status = 201
				}
			},
			wants: []want{{drift.ChangedStatus, "FlexepinPayInAnswer.status", "answer"}}},
	}
}

func inHandlers() []deviation {
	return []deviation{
		{name: "another authorization of webhooks", psp: "TRUST", more: `assumptions/\d+-trust-configuration-is-webhook-secured`,
			webhook: changedTo(func(n *webhook) {
				if n.header.Get("Authorization") != "" {
					n.header.Set("Authorization", "Basic YTpi")
				}
			}),
			wants: []want{{drift.ChangedFormat, "webhook-secret", "header Authorization"}}},
		{name: "another retry schedule", psp: "CLEO", more: `assumptions/\d+-webhook-retries`, unheard: 2,
			wants: []want{{drift.ChangedRetries, "webhook-retries", "webhook"}}},
		{name: "a form with all fields", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) {
				form := url.Values{}
				for name, value := range n.body {
					form.Set(name, fmt.Sprint(value))
				}
				n.raw = []byte(form.Encode())
				n.header.Set("Content-Type", "application/json")
			}),
			wants: []want{{drift.ChangedType, "PayoneWebhook", "webhook"}}},
		{name: "wrapped in an event", psp: "CLEO",
			webhook: changedTo(func(n *webhook) { n.body = map[string]any{"event": "payment", "data": n.body} }),
			wants:   []want{{drift.Renamed, "CleoWebhook", "webhook"}, {drift.Added, "CleoWebhook", "event"}}},
		{name: "a webhook of another status more", psp: "NEOSURF",
			webhook: func(n *webhook) []webhook {
				more := *n
				more.body = maps.Clone(n.body)
				more.body["status"], more.body["message"] = "processing", "In progress"
				return []webhook{more, *n}
			},
			wants: []want{{drift.ExtraWebhook, "POST neosurf", "webhooks"}}},
		{name: "a webhook more of a session that expires", psp: "CLEO",
			webhook: func(n *webhook) []webhook {
				if n.body["status"] != "expired" {
					return []webhook{*n}
				}
				more := *n
				more.body = maps.Clone(n.body)
				more.body["status"], more.body["message"] = "closing", "The session is over"
				return []webhook{more, *n}
			},
			wants: []want{{drift.ExtraWebhook, "POST cleo", "webhooks"}}},
	}
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
		{name: "another type of a field with an anchor", psp: "FORUMPAY", flow: "PAYIN",
			answer: accepted(func(_ *answer, data map[string]any) { data["status"] = json.Number("1") }),
			wants:  []want{{drift.ChangedType, "ForumpayPayInAnswer.data.status", "data.status"}}},
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
		{name: "flat instead of nested", psp: "FLEXEPIN", unsaid: true,
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
		{name: "the reference is not echoed", psp: "EMERCHANTPAY", unsaid: true,
			answer: accepted(func(_ *answer, data map[string]any) {
				if data["merchantReference"] != "" {
					data["merchantReference"] = "MZ-REF"
				}
			}),
			wants: []want{{drift.ChangedText, "EmerchantpayPayInAnswer.data.merchantReference", "data.merchantReference"}}},
		{name: "an amount with two decimals", psp: "TRUST",
			answer: accepted(func(_ *answer, data map[string]any) {
				if amount, ok := data["amount"].(json.Number); ok {
					data["amount"] = withTwoDecimals(amount)
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
		{name: "another error text", psp: "CLEO", more: "orchestration/rules", answer: message("Rules action is not matched", "No rule matched"),
			wants: []want{{drift.ChangedText, "Error.message", "message"}}},
		{name: "another HTTP status of an error", psp: "CLEO", more: "orchestration/rules",
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
		{name: "another word for a failed check", psp: "CLEO", unsaid: true,
			answer: func(a *answer) {
				list, _ := a.body["errors"].([]any)
				for i, item := range list {
					if item == "phone must have at least 6 digits" {
						list[i] = "phone must be longer"
					}
				}
			},
			wants: []want{{drift.ChangedText, "CleoPayInRequest.phone", "errors[]"}}},
		{name: "another error code", psp: "TRUST", more: `assumptions/\d+-transport-errors-http`,
			answer: func(a *answer) {
				if a.body["errorCode"] == "PSP_TIMEOUT" {
					a.body["errorCode"] = "PROVIDER_TIMEOUT"
				}
			},
			wants: []want{{drift.ChangedText, "TransportError.errorCode", "errorCode"}}},
		{name: "an error without its list", psp: "PAYONE", more: "authentication/",
			answer: func(a *answer) {
				if a.body["message"] == "Unauthorized" {
					delete(a.body, "errors")
				}
			},
			wants: []want{{drift.Missing, "Error.errors", "errors"}}},
	}
}

func inWebhooks() []deviation {
	return []deviation{
		{name: "another raw word", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) {
				if n.body["status"] == "success" {
					n.body["status"] = "completed"
				}
			}),
			wants: []want{{drift.ChangedText, "PayoneWebhook.status", "status"}}},
		{name: "another message", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) { n.body["message"] = "Payment complete" }),
			wants:   []want{{drift.ChangedText, "PayoneWebhook.message", "message"}}},
		{name: "another case of the status", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) {
				n.body["transaction_status"] = strings.ToUpper(n.body["transaction_status"].(string))
			}),
			wants: []want{{drift.ChangedText, "PayoneWebhook.transaction_status", "transaction_status"}}},
		{name: "an amount without decimals", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) { n.body["amount"] = strings.TrimSuffix(n.body["amount"].(string), ".00") }),
			wants:   []want{{drift.ChangedFormat, "PayoneWebhook.amount", "amount"}}},
		{name: "an amount as number", psp: "NEOSURF",
			webhook: changedTo(func(n *webhook) { n.body["amount"] = json.Number(n.body["amount"].(string)) }),
			wants:   []want{{drift.ChangedType, "NeosurfWebhook.amount", "amount"}}},
		{name: "an amount in minor units", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) { n.body["amount"] = strings.ReplaceAll(n.body["amount"].(string), ".", "") + ".00" }),
			wants:   []want{{drift.ChangedText, "PayoneWebhook.amount", "amount"}}, unsaid: true},
		{name: "a webhook's field renamed", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) { rename(n.body, "transaction_id", "transactionId") }),
			wants:   []want{{drift.Renamed, "PayoneWebhook.transaction_id", "transaction_id"}}},
		{name: "another form of the provider's id", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) { n.body["psp_transaction_id"] = "PAY/" + n.body["psp_transaction_id"].(string)[3:] }),
			wants:   []want{{drift.ChangedFormat, "PayoneWebhook.psp_transaction_id", "psp_transaction_id"}}},
		{name: "a webhook's extra field", psp: "GIGADAT",
			webhook: changedTo(func(n *webhook) { n.body["sentAt"] = "2026-11-23T15:00:00Z" }),
			wants:   []want{{drift.Added, "GigadatWebhook", "sentAt"}}},
		{name: "the id of another payment", psp: "PAYONE", unsaid: true,
			webhook: changedTo(func(n *webhook) { n.body["transaction_id"] = "665f1c2ab7e4d93a5c0f1a2b" }),
			wants:   []want{{drift.ChangedText, "PayoneWebhook.transaction_id", "transaction_id"}}},
		{name: "another content type of webhooks", psp: "PAYONE",
			webhook: changedTo(func(n *webhook) { n.header.Set("Content-Type", "text/plain") }),
			wants: []want{
				{drift.ChangedFormat, "POST payone", "header Content-Type"},
			}},
		{name: "a form instead of JSON", psp: "NEOSURF", unsaid: true,
			webhook: changedTo(func(n *webhook) { n.raw = []byte("status=ok&amount=100.00") }),
			wants:   []want{{drift.ChangedType, "NeosurfWebhook", "webhook"}}},
	}
}

func inTraffic() []deviation {
	return []deviation{
		{name: "webhooks swapped", psp: "WORLDPAY_EU", swap: true,
			wants: []want{{drift.DifferentOrder, "POST worldpay", "webhooks"}}},
		{name: "no webhook", psp: "NEOSURF", webhook: func(*webhook) []webhook { return nil },
			wants: []want{{drift.MissingWebhook, "POST neosurf", "webhooks"}}},
		{name: "the second webhook missing", psp: "WORLDPAY_EU",
			webhook: func(n *webhook) []webhook {
				if n.n == 2 {
					return nil
				}
				return []webhook{*n}
			},
			wants: []want{{drift.MissingWebhook, "POST worldpay", "webhooks"}}},
		{name: "an extra webhook", psp: "NEOSURF",
			webhook: func(n *webhook) []webhook { return []webhook{*n, *n} },
			wants:   []want{{drift.ExtraWebhook, "POST neosurf", "webhooks"}}},
		{name: "webhooks later", psp: "NEOSURF", later: 40 * time.Second,
			wants: []want{{drift.Slower, "POST neosurf", "webhook"}}},
		{name: "a slower answer", psp: "BRITE", answer: func(a *answer) { a.delay = 8 * time.Second },
			wants: []want{{drift.Slower, "POST /v1/api/mozarto/cashier", "answer"}}},
		{name: "another content type", psp: "BRITE", answer: func(a *answer) { a.header.Set("Content-Type", "text/html; charset=utf-8") },
			wants: []want{{drift.ChangedFormat, "POST /v1/api/mozarto/cashier", "header Content-Type"}}},
		{name: "no content type", psp: "BRITE", answer: func(a *answer) { a.header["Content-Type"] = nil },
			wants: []want{{drift.Missing, "POST /v1/api/mozarto/cashier", "header Content-Type"}}},
		{name: "a page instead of JSON", psp: "BRITE", unsaid: true,
			answer: accepted(func(a *answer, _ map[string]any) { a.raw = []byte("<html><body>moved</body></html>") }),
			wants:  []want{{drift.ChangedType, "BritePayInAnswer", "answer"}}},
		{name: "refused what was accepted", psp: "BRITE", unsaid: true,
			answer: func(a *answer) {
				if a.status != 200 {
					return
				}
				a.status = 400
				a.body = map[string]any{"status": "error", "message": "Country not supported", "isSuccess": false, "errors": []any{}}
			},
			wants: []want{{drift.ChangedStatus, "BritePayInRequest.country", "answer"}}},
	}
}
