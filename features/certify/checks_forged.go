package certify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mozartosim/simulator/money"
)

func authenticityChecks() []Check {
	var all []Check
	for _, c := range []struct{ id, webhook, auth string }{
		{"wrong-secret", "webhook with a wrong secret", "wrong"},
		{"missing-secret", "webhook without a secret", "missing"},
		{"another-companys-secret", "webhook with another company's secret", "other-company"},
	} {
		all = append(all, Check{
			ID: c.id, Points: 3, Name: "a " + c.webhook + " credits nothing",
			Advice: "Compare the Authorization header with the shared secret, in constant time, before you read the body.",
			steps: []step{
				needsSecret,
				given("a payment that has a "+c.webhook, approval(fields{"webhooks": fields{"auth": c.auth, "delay": "1m"}})),
				start, notYetCredited, invalid(deliver), nothingCredited,
			},
		})
	}
	return append(all, Check{
		ID: "unknown-transaction", Points: 3,
		Name:   "a webhook of an unknown transaction credits nothing",
		Advice: "Credit orders that you started, and no others.",
		steps: []step{
			holdWebhook,
			forge("a webhook arrives with an unknown transaction and an unknown reference", "application/json", changedBy(func(r *checkRun) (fields, error) {
				id := r.unknownID()
				return fields{"transaction_id": id, "psp_transaction_id": "sim-" + id, "merchantReference": r.reference + "-unknown"}, nil
			})),
			answered, nothingCredited, unknownOrderUntouched,
		},
	}, Check{
		ID: "another-payment", Points: 3,
		Name:   "a webhook with the order's reference and another payment's transaction_id credits nothing",
		Advice: "Store the transactionId of the API's answer with the order and compare it.",
		steps: []step{
			holdWebhook,
			send("a webhook arrives with another payment's transaction_id", changedBy(func(r *checkRun) (fields, error) {
				return fields{"transaction_id": r.unknownID()}, nil
			})),
			nothingCredited, arrive, credited,
		},
	})
}

func needsSecret(_ context.Context, r *checkRun) {
	r.step("Given", "a shared secret", func() (string, error) {
		if r.config.Merchant.Webhook.Secret == "" {
			return "", errors.New("merchant.webhook.secret is not set: anybody who knows the webhook's URL can credit orders")
		}
		return "", nil
	})
}

func unknownOrderUntouched(ctx context.Context, r *checkRun) {
	r.step("And", "there is no order of that reference, or nothing is credited to it", func() (string, error) {
		known := r.reference
		r.reference += "-unknown"
		defer func() { r.reference = known }()
		o, err := r.readOrder(ctx)
		if err == nil && !r.isUntouched(o) {
			err = fmt.Errorf("expected nothing credited, but got %s", o)
		}
		return o.String(), err
	})
}

// unknownID is a transaction id that does not exist: the payment's own backwards.
func (r *checkRun) unknownID() string {
	id := []byte(r.payment.ID)
	slices.Reverse(id)
	return string(id)
}

func robustnessChecks() []Check {
	const refuse = "Answer what you can't read with a 4xx; it will be sent again."
	return []Check{
		{
			ID: "malformed", Points: 3, Advice: refuse,
			Name:  "a truncated webhook is refused, and the whole one credited",
			steps: []step{holdWebhook, sendTruncated, answered, nothingCredited, arrive, credited},
		},
		{
			ID: "empty", Points: 1, Advice: refuse,
			Name: "an empty webhook is refused, and the whole one credited",
			steps: []step{
				holdWebhook, send("a webhook is empty", func(*checkRun) (string, error) { return "", nil }), answered, nothingCredited, arrive, credited,
			},
		},
		{
			ID: "wrong-content-type", Points: 1,
			Name:   "a webhook with a wrong Content-Type is accepted or refused, and credited once",
			Advice: "Answer a Content-Type that you don't accept with a 415, never with a 5xx.",
			steps:  []step{holdWebhook, forge("the webhook arrives as text/plain", "text/plain", unchanged), answered, arriveUnlessAccepted, credited},
		},
		{
			ID: "unknown-fields", Points: 3,
			Name:   "unknown fields are ignored",
			Advice: "Ignore fields that you don't know: the vendor adds some without notice.",
			steps: []step{
				holdWebhook,
				send("the webhook has unknown fields", changed(fields{
					"sim_extra_text": "x", "sim_extra_number": 1.5, "sim_extra_object": fields{"deep": []any{1, nil, true}},
				})),
				credited,
			},
		},
		{
			ID: "missing-fields", Points: 3,
			Name:   "a webhook without transaction_status and amount credits nothing",
			Advice: "Check that the fields that you decide by are there, and answer 4xx if they are not.",
			steps: []step{
				holdWebhook, send("a webhook arrives without transaction_status and amount", changed(fields{"transaction_status": nil, "amount": nil})),
				answered, nothingCredited, arrive, credited,
			},
		},
	}
}

// arriveUnlessAccepted: a webhook after one that was accepted would be a duplicate, which another check is for.
func arriveUnlessAccepted(ctx context.Context, r *checkRun) {
	if len(r.latest) != 1 || !r.latest[0].accepted() {
		arrive(ctx, r)
	}
}

func amountChecks() []Check {
	const advice = "Compare amount and currency with the order's, as decimals; credit nothing if they differ, and alert a person."
	return []Check{
		{
			ID: "amount-mismatch", Points: 3, Advice: advice,
			Name: "a webhook with another amount than the order's credits nothing",
			steps: []step{holdWebhook, send("a webhook has Approved with a hundredth of the amount", changedBy(func(r *checkRun) (fields, error) {
				less, err := r.flow.Amount.Mul(money.MustParse("0.01"), 2)
				return fields{"amount": less.Fixed(2)}, err
			})), nothingCredited},
		},
		{
			ID: "currency-mismatch", Points: 3, Advice: advice, appliesTo: func(f *flow) bool { return f.webhooks() && f.hasCurrency },
			Name:  "a webhook with another currency than the order's credits nothing",
			steps: []step{holdWebhook, sendOtherCurrency, nothingCredited},
		},
		{
			ID: "underpaid", Points: 3, appliesTo: payInsOf("FORUMPAY"),
			Name:   "an underpayment is not final and credits nothing",
			Advice: "underpayment has transaction_status Pending: leave the order pending.",
			steps: []step{
				given("a shopper who pays too little", fields{"shopper": shopper("underpay", "3m")}),
				start, notYetCredited, elapse("10m"), nothingCredited, pending, elapse("1h"), nothingCredited,
			},
		},
		{
			ID: "topped-up", Points: 3, appliesTo: payInsOf("FORUMPAY"),
			Name:   "an underpayment that is topped up is credited once, when it is confirmed",
			Advice: "Several Pending webhooks before Approved are usual; credit on Approved only.",
			steps: []step{
				given("a shopper who pays too little, and the rest five minutes later", approval(fields{"then": []any{
					fields{"status": "Pending", "raw": "underpayment"},
					fields{"status": "Pending", "raw": "zero_confirmed", "after": "5m"},
					fields{"status": "Approved", "raw": "confirmed", "after": "15m"},
				}})),
				start, notYetCredited, elapse("10m"), nothingCredited, elapse("10m"), credited,
			},
		},
	}
}

func sendOtherCurrency(ctx context.Context, r *checkRun) {
	other := "JPY"
	if r.flow.Currency == other {
		other = "EUR"
	}
	send("a webhook has Approved in "+other, changed(fields{"currency": other}))(ctx, r)
}
