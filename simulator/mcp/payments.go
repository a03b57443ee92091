package mcp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/merchant"
)

func (s *server) addPayments() {
	type listIn struct {
		Of
		adminapi.PaymentQuery
	}
	tool(s, "list_payments", "List payments", "Lists payments, the newest first.", reads,
		words{"type": adminapi.PaymentTypes(), "status": adminapi.PaymentStatuses(), "webhooks": adminapi.WebhookStates()},
		func(ctx context.Context, c *adminapi.CompanyClient, in listIn) (any, error) {
			found, err := c.Payments(ctx, in.PaymentQuery)
			return listed(found.Payments, found.Next), err
		})
	type paymentIn struct {
		Of
		Payment string `json:"payment" jsonschema:"the payment's id, the transactionId of its answer"`
	}
	tool(s, "explain_payment", "Explain a payment",
		"Tells what happened to a payment, in order and in words: call, answer, decisions, notifications, each webhook with its attempts; and what can happen next.",
		reads, nil, func(ctx context.Context, c *adminapi.CompanyClient, in paymentIn) (any, error) {
			return explainPayment(ctx, c, in.Payment)
		})
	tool(s, "make_payment", "Make a payment",
		"Calls the Cashier API as the merchant would, with valid tokens: by the contract's smallest example of the flow, with fields changed, or by a body of your own, valid or not. Answers what the merchant gets, the payment, and, when the call was refused, why and what to send instead.",
		adds, words{"type": adminapi.PaymentTypes()}, s.makePayment)
	type decideIn struct {
		paymentIn
		Action string `json:"action" jsonschema:"what the shopper or provider does, such as approve, decline, cancel or expire; explain_payment lists those that are possible now; reject refuses a pay-out that waits for approval, approve approves it"`
		Reason string `json:"reason,omitempty" jsonschema:"why, by the provider's own code"`
	}
	tool(s, "decide", "Decide a payment", "Chooses the outcome of a payment, as the shopper on the hosted page, the provider or an approver would. Its webhooks follow.", adds, nil,
		func(ctx context.Context, c *adminapi.CompanyClient, in decideIn) (any, error) {
			next, err := c.Next(ctx, in.Payment)
			switch {
			case err != nil:
			case next.Approval && in.Action == "approve":
				_, err = c.Approve(ctx, in.Payment)
			case next.Approval && in.Action == "reject":
				_, err = c.Reject(ctx, in.Payment, in.Reason)
			default:
				_, err = c.Decide(ctx, in.Payment, adminapi.DecisionInput{Action: in.Action, Reason: in.Reason})
			}
			if err != nil {
				return nil, err
			}
			return explainPayment(ctx, c, in.Payment)
		})
}

// explained is a payment in words.
type explained struct {
	Payment adminapi.Payment     `json:"payment"`
	Story   []string             `json:"story"`
	Next    adminapi.PaymentNext `json:"next"`
}

func explainPayment(ctx context.Context, c *adminapi.CompanyClient, id string) (out explained, err error) {
	if out.Payment, err = c.Payment(ctx, id); err != nil {
		return out, err
	}
	for _, e := range out.Payment.Events {
		out.Story = append(out.Story, e.At.UTC().Format("2006-01-02T15:04:05.000Z")+" "+e.Description())
	}
	out.Payment.Events = nil // the story has them in words
	out.Next, err = c.Next(ctx, id)
	return out, err
}

// payIn is a call of the Cashier API.
type payIn struct {
	Of
	PSP      string         `json:"psp,omitempty" jsonschema:"the provider, such as PAYONE; needed unless request is given"`
	Type     string         `json:"type,omitempty" jsonschema:"PAYIN unless set"`
	Variant  string         `json:"variant,omitempty" jsonschema:"ETO or ACH, for pay-outs of GIGADAT"`
	Fields   map[string]any `json:"fields,omitempty" jsonschema:"top-level fields of the body to set; null takes one away"`
	Request  map[string]any `json:"request,omitempty" jsonschema:"the whole body, instead of an example"`
	Scenario string         `json:"scenario,omitempty" jsonschema:"the scenario that shapes this payment, by its name: see list_scenarios"`
}

// read reads the input again, with numbers as they are written: two decimals are a rule of the contract.
func (in *payIn) read(text []byte) error { return decode(text, in) }

// made is what came of a call.
type made struct {
	Status  int                      `json:"status"`
	Answer  json.RawMessage          `json:"answer,omitempty"`
	Payment *adminapi.PaymentSummary `json:"payment,omitempty"`
	Page    string                   `json:"page,omitempty"` // where the shopper pays
	Refused *refused                 `json:"refused,omitempty"`
}

func (s *server) makePayment(ctx context.Context, c *adminapi.CompanyClient, in payIn) (any, error) {
	body := in.Request
	if body == nil {
		var err error
		if body, err = s.example(ctx, cmp.Or(in.PSP, "?"), cmp.Or(in.Type, "PAYIN"), in.Variant); err != nil {
			return nil, err
		}
	}
	for name, value := range in.Fields {
		if body[name] = value; value == nil {
			delete(body, name)
		}
	}
	answer, sent, err := s.call(ctx, c, body, in.Scenario)
	if err != nil {
		return nil, err
	}
	if call, ok := sent.Kept(ctx, c); ok && call.Outcome == "refused" {
		why, err := s.explainRefusal(ctx, call)
		if err != nil {
			return nil, err
		}
		answer.Refused = &why
	}
	if sent.Payment == "" {
		return answer, nil
	}
	p, err := c.Payment(ctx, sent.Payment)
	answer.Payment, answer.Page = &p.PaymentSummary, p.Page
	return answer, err
}

// example is the smallest valid body of a flow.
func (s *server) example(ctx context.Context, psp, kind, variant string) (body map[string]any, err error) {
	found, err := s.Admin.Examples(ctx, adminapi.ExampleQuery{PSP: psp, Type: kind, Variant: variant})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("there is no example of %s %s: read_contract lists providers and flows", psp, kind)
	}
	return decoded(found[0].Request)
}

// decoded is a body's fields.
func decoded(text []byte) (body map[string]any, err error) { return body, decode(text, &body) }

// decode keeps numbers as they are written.
func decode(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return dec.Decode(into)
}

// call makes a merchant's call and returns what came, masked.
func (s *server) call(ctx context.Context, c *adminapi.CompanyClient, body map[string]any, scenario string) (out made, sent merchant.Call, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return out, sent, fmt.Errorf("request: %w", err)
	}
	sent, err = merchant.Order{Body: text, Scenario: scenario}.Send(ctx, s.Cashier, c)
	switch answer := sent.Answer; {
	case err != nil:
		return out, sent, err
	case answer.Status == 0:
		return out, sent, fmt.Errorf("the answer is lost, as a scenario or outage may want it; list_payments shows whether there is a payment (%w)", answer.Err)
	case answer.Err != nil && !errors.Is(answer.Err, io.ErrUnexpectedEOF):
		return out, sent, fmt.Errorf("the answer ended early: %w", answer.Err)
	}
	out.Status, out.Answer = sent.Answer.Status, masked(sent.Answer.Body)
	return out, sent, nil
}

// masked is an answer without its secrets, as JSON: a text when it is none.
func masked(text []byte) json.RawMessage {
	shown := []byte(mask.Text(strings.TrimSpace(string(text))))
	if !json.Valid(shown) {
		shown, _ = json.Marshal(string(shown)) // a text can always be written
	}
	return shown
}
