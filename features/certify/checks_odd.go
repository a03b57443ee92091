package certify

import (
	"fmt"
	"strings"

	"mozartosim/simulator/money"
)

func secretChecks() []check {
	const advice = "Compare the Authorization header with the shared secret, in constant time, before you read the body."
	return []check{
		{
			id: "wrong-secret", capability: secrets, points: 3, run: spoiltSecret("wrong"), advice: advice,
			name: "a webhook with a wrong secret credits nothing",
		},
		{
			id: "missing-secret", capability: secrets, points: 3, run: spoiltSecret("missing"), advice: advice,
			name: "a webhook without a secret credits nothing",
		},
		{
			id: "another-companys-secret", capability: secrets, points: 3, run: spoiltSecret("other-company"), advice: advice,
			name: "a webhook with another company's secret credits nothing",
		},
		{
			id: "unknown-transaction", capability: secrets, points: 3, run: unknownTransaction,
			name:   "a webhook of a transaction that nobody started credits nothing",
			advice: "Credit orders that you started, and no others.",
		},
		{
			id: "another-payment", capability: secrets, points: 3, run: anotherPayment,
			name:   "a webhook with the order's reference and another payment's transaction_id credits nothing",
			advice: "Keep the transactionId of the API's answer with the order and compare it.",
		},
	}
}

func spoiltSecret(how string) func(*trial) {
	return func(t *trial) {
		t.needsSecret()
		t.arrange("a payment whose webhook comes with the secret "+how, approval(map[string]any{"webhooks": map[string]any{"auth": how, "delay": "1m"}}))
		t.start()
		t.notYet()
		t.spoils = true
		t.delivers(1)
		t.spoils = false
		t.nothing()
	}
}

func (t *trial) needsSecret() {
	t.step("Given", "a shared secret", func() (string, error) {
		if t.config.Merchant.Webhook.Secret == "" {
			return "", errNoSecret
		}
		return "", nil
	})
}

func unknownTransaction(t *trial) {
	t.hold()
	t.forges("a webhook comes of a transaction and a reference that nobody knows", t.config.Merchant.Webhook.right(), func() (string, error) {
		return t.changed(map[string]any{
			"transaction_id": t.strange(), "psp_transaction_id": "sim-" + t.strange(), "merchantReference": t.reference + "-unknown",
		})
	})
	t.answered()
	t.nothing()
	t.step("And", "there is no order of that reference, or nothing is credited to it", func() (string, error) {
		real := t.reference
		t.reference += "-unknown"
		defer func() { t.reference = real }()
		seen, err := t.look()
		if err == nil && !t.untouched(seen) {
			return seen.String(), &unexpected{"nothing credited", seen.String()}
		}
		return seen.String(), err
	})
}

// unexpected is something that was seen in place of something else.
type unexpected struct{ expected, seen string }

func (e *unexpected) Error() string { return "expected " + e.expected + ", but seen " + e.seen }

// strange is a transaction id that nobody knows: the payment's own backwards.
func (t *trial) strange() string {
	id := []byte(t.payment.ID)
	for i, j := 0, len(id)-1; i < j; i, j = i+1, j-1 {
		id[i], id[j] = id[j], id[i]
	}
	return string(id)
}

func anotherPayment(t *trial) {
	t.hold()
	t.sends("a webhook comes with another payment's transaction_id", func() (string, error) {
		return t.changed(map[string]any{"transaction_id": t.strange()})
	})
	t.nothing()
	t.arrives()
	t.credited()
}

func oddChecks() []check {
	return []check{
		{
			id: "malformed", capability: robustness, points: 3, run: malformed,
			name:   "a webhook that is cut off in the middle is refused in order, and the whole one credited",
			advice: "Answer what you can't read with a 4xx; it will be tried again.",
		},
		{
			id: "empty", capability: robustness, points: 1, run: emptyBody,
			name:   "an empty webhook is refused in order, and the whole one credited",
			advice: "Answer what you can't read with a 4xx; it will be tried again.",
		},
		{
			id: "wrong-content-type", capability: robustness, points: 1, run: wrongContentType,
			name:   "a webhook with a wrong Content-Type is taken or refused in order, and credited once",
			advice: "Answer a Content-Type that you don't take with a 415, never with a 5xx.",
		},
		{
			id: "unknown-fields", capability: robustness, points: 3, run: unknownFields,
			name:   "fields that nobody knows are ignored",
			advice: "Ignore fields that you don't know: the vendor adds some without notice.",
		},
		{
			id: "missing-fields", capability: robustness, points: 3, run: missingFields,
			name:   "a webhook without transaction_status and amount credits nothing",
			advice: "Check that the fields you decide by are there, and answer 4xx when they are not.",
		},
	}
}

func malformed(t *trial) {
	t.hold()
	t.sends("a webhook is cut off in the middle", func() (string, error) {
		text, err := t.right()
		return text[:len(text)/2], err
	})
	t.answered()
	t.nothing()
	t.arrives()
	t.credited()
}

func emptyBody(t *trial) {
	t.hold()
	t.sends("a webhook is empty", func() (string, error) { return "", nil })
	t.answered()
	t.nothing()
	t.arrives()
	t.credited()
}

func wrongContentType(t *trial) {
	t.hold()
	header := t.config.Merchant.Webhook.right()
	header.Set("Content-Type", "text/plain")
	t.forges("the webhook comes as text/plain", header, t.right)
	taken := len(t.newest) == 1 && t.newest[0].ok()
	t.answered()
	if !taken { // else the right one would be a duplicate, which is another check's matter
		t.arrives()
	}
	t.credited()
}

func unknownFields(t *trial) {
	t.hold()
	t.sends("the webhook comes with fields that nobody knows", func() (string, error) {
		return t.changed(map[string]any{
			"sim_extra_text": "x", "sim_extra_number": 1.5, "sim_extra_null": nil, "sim_extra_object": map[string]any{"deep": []any{1, nil, true}},
		})
	})
	t.credited()
}

func missingFields(t *trial) {
	t.hold()
	t.sends("a webhook comes without transaction_status and amount", func() (string, error) {
		return t.changed(map[string]any{"transaction_status": nil, "amount": nil})
	})
	t.answered()
	t.nothing()
	t.arrives()
	t.credited()
}

func amountChecks() []check {
	const advice = "Compare amount and currency with the order's, as decimals; credit nothing when they differ, and tell a person."
	return []check{
		{
			id: "amount-mismatch", capability: amounts, points: 3, run: amountMismatch, advice: advice,
			name: "a webhook with another amount than the order's credits nothing",
		},
		{
			id: "currency-mismatch", capability: amounts, points: 3, fits: func(f *flow) bool { return f.webhooks() && f.hasCurrency }, run: currencyMismatch, advice: advice,
			name: "a webhook with another currency than the order's credits nothing",
		},
		{
			id: "underpaid", capability: amounts, points: 3, fits: pays("FORUMPAY"), run: underpaid,
			name:   "an underpayment is not final and credits nothing",
			advice: "underpayment comes with transaction_status Pending: leave the order pending.",
		},
		{
			id: "topped-up", capability: amounts, points: 3, fits: pays("FORUMPAY"), run: toppedUp,
			name:   "an underpayment that is topped up is credited once, when it is confirmed",
			advice: "Several Pending webhooks before the one Approved are usual; credit on Approved alone.",
		},
	}
}

func amountMismatch(t *trial) {
	t.hold()
	t.sends("a webhook says Approved with a hundredth of the amount", func() (string, error) {
		less, err := t.flow.Amount.Mul(money.MustParse("0.01"), 2)
		if err != nil {
			return "", err
		}
		return t.changed(map[string]any{"amount": less.Fixed(2)})
	})
	t.nothing()
}

func currencyMismatch(t *trial) {
	t.hold()
	other := "JPY"
	if t.flow.Currency == other {
		other = "EUR"
	}
	t.sends("a webhook says Approved in "+other, func() (string, error) { return t.changed(map[string]any{"currency": other}) })
	t.nothing()
}

func underpaid(t *trial) {
	t.arrange("a shopper who sends too little", map[string]any{"shopper": map[string]any{"action": "underpay", "after": "3m"}})
	t.start()
	t.notYet()
	t.passes("10m")
	t.nothing()
	t.pending()
	t.passes("1h")
	t.nothing()
}

func toppedUp(t *trial) {
	t.arrange("a shopper who sends too little, and the rest five minutes later", approval(map[string]any{"then": []any{
		map[string]any{"status": "Pending", "raw": "underpayment"},
		map[string]any{"status": "Pending", "raw": "zero_confirmed", "after": "5m"},
		map[string]any{"status": "Approved", "raw": "confirmed", "after": "15m"},
	}}))
	t.start()
	t.notYet()
	t.passes("10m")
	t.nothing()
	t.passes("10m")
	t.credited()
}

func acknowledgingChecks() []check {
	return []check{
		{
			id: "refusals", capability: acknowledging, points: 1, run: refusals,
			name:   "a webhook that is not accepted is not acknowledged",
			advice: "Answer 2xx only to what you have accepted: one that is cut off or bears a wrong secret is tried again then, else it is lost for good.",
		},
		{
			id: "acknowledged", capability: acknowledging, points: 3, run: acknowledged,
			name:   "every webhook that is as it should be is acknowledged with a 2xx",
			advice: "Anything but a 2xx is a failed delivery; it is tried again, and given up after the last try.",
		},
		{
			id: "in-time", capability: acknowledging, points: 1, run: inTime,
			name:   "every webhook is acknowledged in time",
			advice: "Store the webhook, answer, and do mails, receipts and other calls behind the answer.",
		},
	}
}

func refusals(t *trial) {
	t.hold()
	t.sends("a webhook is cut off in the middle", func() (string, error) {
		text, err := t.right()
		return text[:len(text)/2], err
	})
	t.refused()
	if secret := t.config.Merchant.Webhook.Secret; secret != "" {
		header := t.config.Merchant.Webhook.secured(secret + "-wrong")
		t.forges("a webhook comes with a wrong secret", header, t.right)
		t.refused()
	}
}

func acknowledged(t *trial) {
	t.judgeAcks("every webhook of this flow was acknowledged with a 2xx", func(a ack) bool { return a.ok() })
}

func inTime(t *trial) {
	text := "every webhook of this flow was answered within " + t.config.Limits.Acknowledge.String()
	t.judgeAcks(text, func(a ack) bool { return a.took <= t.config.Limits.Acknowledge })
}

// judgeAcks looks at the webhooks of all checks of the flow.
func (t *trial) judgeAcks(text string, holds func(ack) bool) {
	t.step("Then", text, func() (string, error) {
		slowest := ack{}
		for _, a := range t.flow.acks {
			if !holds(a) {
				t.scenario.Webhooks = append(t.scenario.Webhooks, webhookOf(t.flow, a))
				id, _, _ := strings.Cut(a.check, ":")
				return a.says(), fmt.Errorf("that of %s in %s was %s", a.reference, id, a.says())
			}
			if a.took >= slowest.took {
				slowest = a
			}
		}
		if len(t.flow.acks) == 0 {
			return "", &blocked{"no webhook reached the merchant"}
		}
		return "the slowest one was " + slowest.says(), nil
	})
}
