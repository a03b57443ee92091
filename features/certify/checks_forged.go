package certify

import (
	"errors"
	"fmt"
	"slices"

	"mozartosim/simulator/money"
)

func authenticityChecks() []check {
	var all []check
	for _, c := range []struct{ id, name, auth string }{
		{"wrong-secret", "a webhook with a wrong secret credits nothing", "wrong"},
		{"missing-secret", "a webhook without a secret credits nothing", "missing"},
		{"another-companys-secret", "a webhook with another company's secret credits nothing", "other-company"},
	} {
		all = append(all, check{
			id: c.id, points: 3, name: c.name,
			advice: "Compare the Authorization header with the shared secret, in constant time, before you read the body.",
			steps: []step{
				needsSecret,
				given("a payment whose webhook has the secret "+c.auth, approval(scenario{"webhooks": fields{"auth": c.auth, "delay": "1m"}})),
				start, notYetCredited, invalid(deliver), nothingCredited,
			},
		})
	}
	return append(all, check{
		id: "unknown-transaction", points: 3,
		name:   "a webhook of an unknown transaction credits nothing",
		advice: "Credit orders that you started, and no others.",
		steps: []step{
			holdWebhook,
			forge("a webhook arrives with an unknown transaction and an unknown reference", "application/json", changedBy(func(r *checkRun) (fields, error) {
				id := r.unknownID()
				return fields{"transaction_id": id, "psp_transaction_id": "sim-" + id, "merchantReference": r.reference + "-unknown"}, nil
			})),
			answered, nothingCredited, unknownOrderUntouched,
		},
	}, check{
		id: "another-payment", points: 3,
		name:   "a webhook with the order's reference and another payment's transaction_id credits nothing",
		advice: "Store the transactionId of the API's answer with the order and compare it.",
		steps: []step{
			holdWebhook,
			send("a webhook arrives with another payment's transaction_id", changedBy(func(r *checkRun) (fields, error) {
				return fields{"transaction_id": r.unknownID()}, nil
			})),
			nothingCredited, arrive, credited,
		},
	})
}

func needsSecret(r *checkRun) {
	r.step("Given", "a shared secret", func() (string, error) {
		if r.config.Merchant.Webhook.Secret == "" {
			return "", errors.New("merchant.webhook.secret is not set: anybody who knows the webhook's URL can credit orders")
		}
		return "", nil
	})
}

func unknownOrderUntouched(r *checkRun) {
	r.step("And", "there is no order of that reference, or nothing is credited to it", func() (string, error) {
		known := r.reference
		r.reference += "-unknown"
		defer func() { r.reference = known }()
		o, err := r.readOrder()
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

func robustnessChecks() []check {
	const refuse = "Answer what you can't read with a 4xx; it will be sent again."
	return []check{
		{
			id: "malformed", points: 3, advice: refuse,
			name:  "a truncated webhook is refused, and the whole one credited",
			steps: []step{holdWebhook, sendTruncated, answered, nothingCredited, arrive, credited},
		},
		{
			id: "empty", points: 1, advice: refuse,
			name: "an empty webhook is refused, and the whole one credited",
			steps: []step{
				holdWebhook, send("a webhook is empty", func(*checkRun) (string, error) { return "", nil }), answered, nothingCredited, arrive, credited,
			},
		},
		{
			id: "wrong-content-type", points: 1,
			name:   "a webhook with a wrong Content-Type is accepted or refused, and credited once",
			advice: "Answer a Content-Type that you don't accept with a 415, never with a 5xx.",
			steps:  []step{holdWebhook, forge("the webhook arrives as text/plain", "text/plain", unchanged), answered, arriveUnlessAccepted, credited},
		},
		{
			id: "unknown-fields", points: 3,
			name:   "unknown fields are ignored",
			advice: "Ignore fields that you don't know: the vendor adds some without notice.",
			steps: []step{
				holdWebhook,
				send("the webhook has unknown fields", changed(fields{
					"sim_extra_text": "x", "sim_extra_number": 1.5, "sim_extra_object": fields{"deep": []any{1, nil, true}},
				})),
				credited,
			},
		},
		{
			id: "missing-fields", points: 3,
			name:   "a webhook without transaction_status and amount credits nothing",
			advice: "Check that the fields that you decide by are there, and answer 4xx if they are not.",
			steps: []step{
				holdWebhook, send("a webhook arrives without transaction_status and amount", changed(fields{"transaction_status": nil, "amount": nil})),
				answered, nothingCredited, arrive, credited,
			},
		},
	}
}

// arriveUnlessAccepted: a webhook after one that was accepted would be a duplicate, which another check is for.
func arriveUnlessAccepted(r *checkRun) {
	if len(r.latest) != 1 || !r.latest[0].accepted() {
		arrive(r)
	}
}

func amountChecks() []check {
	const advice = "Compare amount and currency with the order's, as decimals; credit nothing if they differ, and alert a person."
	return []check{
		{
			id: "amount-mismatch", points: 3, advice: advice,
			name: "a webhook with another amount than the order's credits nothing",
			steps: []step{holdWebhook, send("a webhook has Approved with a hundredth of the amount", changedBy(func(r *checkRun) (fields, error) {
				less, err := r.flow.Amount.Mul(money.MustParse("0.01"), 2)
				return fields{"amount": less.Fixed(2)}, err
			})), nothingCredited},
		},
		{
			id: "currency-mismatch", points: 3, advice: advice, appliesTo: func(f *flow) bool { return f.webhooks() && f.hasCurrency },
			name:  "a webhook with another currency than the order's credits nothing",
			steps: []step{holdWebhook, sendOtherCurrency, nothingCredited},
		},
		{
			id: "underpaid", points: 3, appliesTo: payInsOf("FORUMPAY"),
			name:   "an underpayment is not final and credits nothing",
			advice: "underpayment has transaction_status Pending: leave the order pending.",
			steps: []step{
				given("a shopper who pays too little", scenario{"shopper": shopper("underpay", "3m")}),
				start, notYetCredited, elapse("10m"), nothingCredited, pending, elapse("1h"), nothingCredited,
			},
		},
		{
			id: "topped-up", points: 3, appliesTo: payInsOf("FORUMPAY"),
			name:   "an underpayment that is topped up is credited once, when it is confirmed",
			advice: "Several Pending webhooks before Approved are usual; credit on Approved only.",
			steps: []step{
				given("a shopper who pays too little, and the rest five minutes later", approval(scenario{"then": []any{
					fields{"status": "Pending", "raw": "underpayment"},
					fields{"status": "Pending", "raw": "zero_confirmed", "after": "5m"},
					fields{"status": "Approved", "raw": "confirmed", "after": "15m"},
				}})),
				start, notYetCredited, elapse("10m"), nothingCredited, elapse("10m"), credited,
			},
		},
	}
}

func sendOtherCurrency(r *checkRun) {
	other := "JPY"
	if r.flow.Currency == other {
		other = "EUR"
	}
	send("a webhook has Approved in "+other, changed(fields{"currency": other}))(r)
}
