package certify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"mozartosim/simulator/adminapi"
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

func givenSlowWebhook(ctx context.Context, r *checkRun) {
	given("a payment whose webhook takes an hour", approval(fields{"webhooks": fields{"delay": "1h"}}))(ctx, r)
}

// holdWebhook starts a payment that is approved and whose webhook takes an hour. What the check sends until then is made of it.
func holdWebhook(ctx context.Context, r *checkRun) {
	givenSlowWebhook(ctx, r)
	start(ctx, r)
	notYetCredited(ctx, r)
	r.step("And", "the shopper pays", func() (string, error) {
		if err := r.advance(ctx, adminapi.AdvanceInput{By: "1m"}); err != nil {
			return "", err
		}
		err := r.readPayment(ctx)
		if err == nil && len(r.payment.Deliveries) == 0 {
			err = notApplicable("the provider sends no webhook of it")
		}
		return "", err
	})
}

// arrive lets the webhook of holdWebhook arrive.
func arrive(ctx context.Context, r *checkRun) {
	advance("When", "the payment's own webhook arrives", adminapi.AdvanceInput{By: "2h"})(ctx, r)
}

// invalid is a step whose webhooks are invalid on purpose, so that they need not be acknowledged.
func invalid(s step) step {
	return func(ctx context.Context, r *checkRun) {
		r.invalid = true
		s(ctx, r)
		r.invalid = false
	}
}

// ifWebhooks is a step for flows that have webhooks.
func ifWebhooks(s step) step {
	return func(ctx context.Context, r *checkRun) {
		if r.flow.webhooks() {
			s(ctx, r)
		}
	}
}

// send lets the simulator send the payment's webhook again, with another body.
func send(text string, body webhookBody) step {
	return invalid(func(ctx context.Context, r *checkRun) {
		r.step("When", text, func() (string, error) {
			text, err := body(r)
			if err != nil {
				return "", err
			}
			return r.resend(ctx, &text)
		})
	})
}

// sendTruncated sends the first half of the payment's webhook.
func sendTruncated(ctx context.Context, r *checkRun) {
	send("a webhook is truncated", func(r *checkRun) (string, error) {
		text, err := unchanged(r)
		return text[:len(text)/2], err
	})(ctx, r)
}

// resend lets the simulator send the payment's webhook again.
func resend(ctx context.Context, r *checkRun) {
	r.step("When", "the webhook is sent again", func() (string, error) {
		if err := r.readPayment(ctx); err != nil {
			return "", err
		}
		return r.resend(ctx, nil)
	})
}

func (r *checkRun) resend(ctx context.Context, body *string) (string, error) {
	r.latest = nil
	if len(r.payment.Deliveries) > 0 {
		if _, err := r.company.Resend(ctx, r.payment.Deliveries[0].ID, body); err != nil {
			return "", fatal(err)
		}
	}
	err := r.advance(ctx, adminapi.AdvanceInput{Deliveries: 1})
	return r.gateway.summary(), err
}

// forge posts a webhook to the merchant's handler that the simulator did not send.
func forge(text, contentType string, body webhookBody) step {
	return func(ctx context.Context, r *checkRun) {
		header := r.webhookHeader(r.config.Merchant.Webhook.Secret)
		header.Set("Content-Type", contentType)
		r.forge(ctx, text, 1, header, body)
	}
}

// forgeWrongSecret posts the payment's webhook with a wrong secret, which must be refused.
func forgeWrongSecret(ctx context.Context, r *checkRun) {
	if secret := r.config.Merchant.Webhook.Secret; secret != "" {
		r.forge(ctx, "a webhook arrives with a wrong secret", 1, r.webhookHeader(secret+"-wrong"), unchanged)
		refused(ctx, r)
	}
}

// forgeAtOnce posts the payment's webhook many times at the same time.
func forgeAtOnce(n int) step {
	return func(ctx context.Context, r *checkRun) {
		r.forge(ctx, fmt.Sprintf("the same webhook arrives %d times at the same time", n), n, r.webhookHeader(r.config.Merchant.Webhook.Secret), unchanged)
	}
}

func (r *checkRun) forge(ctx context.Context, text string, copies int, header http.Header, body webhookBody) {
	r.step("When", text, func() (string, error) {
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
	})
}

// webhookHeader is the header of a webhook as the simulator sends it, with a secret or "" for none.
func (r *checkRun) webhookHeader(secret string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Mozarto-Webhook/1.0 (mozartosim)"}}
	if auth := webhook.Authorization(r.config.Merchant.Webhook.Authorization, secret); auth != "" {
		header.Set("Authorization", auth)
	}
	return header
}

// setGateway tells the gateway what to do with the next webhook.
func setGateway(text string, mode gatewayMode) step {
	return func(_ context.Context, r *checkRun) {
		r.step("And", text, func() (string, error) {
			r.gateway.set(mode)
			return "", nil
		})
	}
}
