package certify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/money"
	"mozartosim/simulator/webhook"
)

// webhookBody makes a body out of that of the payment's own webhook.
type webhookBody func(*checkRun) (string, error)

// changed is the payment's own webhook with other values; nil removes a field.
func changed(changes fields) webhookBody {
	return changedBy(func(*checkRun) (fields, error) { return changes, nil })
}

// changedBy is changed for values that depend on the payment.
func changedBy(changes func(*checkRun) (fields, error)) webhookBody {
	return func(r *checkRun) (string, error) {
		if len(r.payment.Deliveries) == 0 {
			return "", notApplicable("there is no webhook to change")
		}
		body := object(r.payment.Deliveries[0].Body)
		if body == nil {
			return "", errors.New("the payment's own webhook is not a JSON object")
		}
		changed, err := changes(r)
		if err != nil {
			return "", err
		}
		for name, value := range changed {
			if body[name] = value; value == nil {
				delete(body, name)
			}
		}
		text, err := json.Marshal(body)
		return string(text), err
	}
}

// unchanged is the payment's own webhook.
func unchanged(r *checkRun) (string, error) { return changed(nil)(r) }

// changedWebhooks are the webhooks that the simulator sends in place of the payment's own, by the steps that say so.
func changedWebhooks() map[string]webhookBody {
	return map[string]webhookBody{
		"a webhook has transaction_status Declined, and the provider's word for success": changed(fields{"transaction_status": "Declined"}),
		"a webhook has transaction_status Approved, and an unknown word of the provider": changed(fields{"status": "sim_new_word"}),
		"a webhook has transaction_status OnHold":                                        changed(fields{"transaction_status": "OnHold", "status": "on_hold"}),
		"a webhook arrives without transaction_status and amount":                        changed(fields{"transaction_status": nil, "amount": nil}),
		"the webhook has unknown fields": changed(fields{
			"sim_extra_text": "x", "sim_extra_number": 1.5, "sim_extra_object": fields{"deep": []any{1, nil, true}},
		}),
		"a webhook arrives with another payment's transaction_id": changedBy(func(r *checkRun) (fields, error) {
			return fields{"transaction_id": unknownID(r.payment.ID)}, nil
		}),
		"a webhook has Approved with a hundredth of the amount": changedBy(func(r *checkRun) (fields, error) {
			less, err := r.flow.Amount.Mul(money.MustParse("0.01"), 2)
			return fields{"amount": less.Fixed(2)}, err
		}),
		"a webhook has Approved in <otherCurrency>": changedBy(func(r *checkRun) (fields, error) {
			return fields{"currency": r.flow.otherCurrency()}, nil
		}),
		"a webhook is truncated": func(r *checkRun) (string, error) {
			text, err := unchanged(r)
			return text[:len(text)/2], err
		},
		"a webhook is empty": func(*checkRun) (string, error) { return "", nil },
	}
}

// unknownSuffix makes a reference one of no order.
const unknownSuffix = "-unknown"

// ofUnknownTransaction is the payment's own webhook about a transaction and an order that don't exist.
func ofUnknownTransaction(r *checkRun) (string, error) {
	id := unknownID(r.payment.ID)
	return changed(fields{"transaction_id": id, "psp_transaction_id": "sim-" + id, "merchantReference": r.reference + unknownSuffix})(r)
}

// unknownID is a transaction id that does not exist: a payment's own backwards.
func unknownID(own string) string {
	id := []byte(own)
	slices.Reverse(id)
	return string(id)
}

// shopperPays lets the shopper of a payment approve, whose webhook takes longer. What the check sends until then is made of it.
func shopperPays(ctx context.Context, r *checkRun) (string, error) {
	if err := r.advance(ctx, adminapi.AdvanceInput{By: "1m"}); err != nil {
		return "", err
	}
	err := r.readPayment(ctx)
	if err == nil && len(r.payment.Deliveries) == 0 {
		err = notApplicable("the provider sends no webhook of it")
	}
	return "", err
}

// deliver advances the simulator's clock until a webhook has been sent.
func deliver(ctx context.Context, r *checkRun) (string, error) {
	r.invalid = r.check.refusable
	return r.advanced(ctx, adminapi.AdvanceInput{Deliveries: 1})
}

// arrive lets the payment's own webhook arrive, which takes an hour.
func arrive(ctx context.Context, r *checkRun) (string, error) {
	return r.advanced(ctx, adminapi.AdvanceInput{By: "2h"})
}

// arriveUnlessAccepted: a webhook after one that was accepted would be a duplicate, which another check is for.
func arriveUnlessAccepted(ctx context.Context, r *checkRun) (string, error) {
	if len(r.latest) == 1 && r.latest[0].accepted() {
		return "it was accepted", nil
	}
	return arrive(ctx, r)
}

// send lets the simulator send the payment's webhook again, with another body.
func send(body webhookBody) step {
	return func(ctx context.Context, r *checkRun) (string, error) {
		r.invalid = true
		text, err := body(r)
		if err != nil {
			return "", err
		}
		return r.resend(ctx, &text)
	}
}

// resend lets the simulator send the payment's webhook again.
func resend(ctx context.Context, r *checkRun) (string, error) {
	if err := r.readPayment(ctx); err != nil {
		return "", err
	}
	return r.resend(ctx, nil)
}

func (r *checkRun) resend(ctx context.Context, body *string) (string, error) {
	r.latest = nil
	if len(r.payment.Deliveries) > 0 {
		if _, err := r.company.Resend(ctx, r.payment.Deliveries[0].ID, body); err != nil {
			return "", r.broken(err)
		}
	}
	return r.advanced(ctx, adminapi.AdvanceInput{Deliveries: 1})
}

// forge posts a webhook to the merchant's handler that the simulator did not send.
func forge(contentType string, body webhookBody) step {
	return func(ctx context.Context, r *checkRun) (string, error) {
		header := r.config.Merchant.webhookHeader(r.config.Merchant.Webhook.Secret)
		header.Set("Content-Type", contentType)
		return r.forge(ctx, 1, header, body)
	}
}

// forgeWrongSecret posts the payment's webhook with a wrong secret, which must be refused.
func forgeWrongSecret(ctx context.Context, r *checkRun) (string, error) {
	secret := r.config.Merchant.Webhook.Secret
	if secret == "" {
		return "none is sent: merchant.webhook.secret is not set", nil
	}
	return r.forge(ctx, 1, r.config.Merchant.webhookHeader(secret+"-wrong"), unchanged)
}

// forge posts so many copies at the same time.
func (r *checkRun) forge(ctx context.Context, copies int, header http.Header, body webhookBody) (string, error) {
	forged, err := body(r)
	if err != nil {
		return "", err
	}
	var posts sync.WaitGroup
	begin := make(chan struct{})
	for range copies {
		posts.Go(func() {
			<-begin
			r.gateway.keep(r.gateway.post(ctx, header, []byte(forged)))
		})
	}
	close(begin)
	posts.Wait()
	return r.gateway.summary(), nil
}

// webhookHeader is the header of a webhook as the simulator sends it, with a secret or "" for none.
func (m *Merchant) webhookHeader(secret string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Mozarto-Webhook/1.0 (mozartosim)"}}
	if auth := webhook.Authorization(m.Webhook.Authorization, secret); auth != "" {
		header.Set("Authorization", auth)
	}
	return header
}

// setGateway tells the gateway what to do with the next webhook.
func setGateway(mode gatewayMode) step {
	return func(_ context.Context, r *checkRun) (string, error) {
		r.gateway.set(mode)
		return "", nil
	}
}
