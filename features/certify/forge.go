package certify

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"mozartosim/features/evidence"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/money"
)

func zero() money.Amount { return money.Amount{} }

// approval is a scenario in which the shopper approves after two seconds, the provider tells Approved, and nothing else.
func approval(changes map[string]any) map[string]any {
	scenario := map[string]any{
		"shopper": map[string]any{"action": "approve", "after": "2s"},
		"then":    []any{map[string]any{"status": "Approved"}},
	}
	for name, value := range changes {
		scenario[name] = value
	}
	return scenario
}

// hold starts a payment that is approved and whose webhook is still under way: an hour passes before it arrives. What the
// check sends meanwhile is made of it.
func (t *trial) hold() {
	t.arrange("a payment whose webhook takes an hour", approval(map[string]any{"webhooks": map[string]any{"delay": "1h"}}))
	t.start()
	t.notYet()
	t.step("And", "the shopper pays", func() (string, error) {
		if says, err := t.move(map[string]any{"by": "1m"}); err != nil {
			return says, err
		}
		p, err := t.control.payment(t.ctx, t.payment.ID)
		if err != nil {
			return "", &broken{err}
		}
		if t.payment = p; len(p.Deliveries) == 0 {
			return "", &absent{"the provider sends no webhook of it"}
		}
		return "", nil
	})
}

// arrives lets the webhook of hold arrive.
func (t *trial) arrives() {
	t.step("When", "the payment's own webhook arrives", func() (string, error) { return t.move(map[string]any{"by": "2h"}) })
}

// fields are those of the payment's own webhook.
func (t *trial) fields() (map[string]any, error) {
	if len(t.payment.Deliveries) == 0 {
		return nil, &absent{"there is no webhook to change"}
	}
	dec := json.NewDecoder(strings.NewReader(t.payment.Deliveries[0].Body))
	dec.UseNumber()
	fields := map[string]any{}
	return fields, dec.Decode(&fields)
}

// changed is the payment's own webhook with other values; a nil one takes the field out.
func (t *trial) changed(changes map[string]any) (string, error) {
	fields, err := t.fields()
	if err != nil {
		return "", err
	}
	for name, value := range changes {
		if fields[name] = value; value == nil {
			delete(fields, name)
		}
	}
	text, err := json.Marshal(fields)
	return string(text), err
}

// sends lets the simulator send the payment's webhook once more, with a body of the check's own.
func (t *trial) sends(text string, body func() (string, error)) {
	t.spoils = true
	t.step("When", text, func() (string, error) {
		changed, err := body()
		if err != nil {
			return "", err
		}
		if err := t.control.resend(t.ctx, t.payment.Deliveries[0].ID, &changed); err != nil {
			return "", &broken{err}
		}
		return t.move(map[string]any{"deliveries": 1})
	})
	t.spoils = false
}

// forges posts a webhook to the merchant's handler that no simulator ever sent.
func (t *trial) forges(text string, header http.Header, body func() (string, error)) {
	t.spoils = true
	t.step("When", text, func() (string, error) {
		forged, err := body()
		if err != nil {
			return "", err
		}
		t.gateway.keep(t.gateway.post(t.ctx, header, []byte(forged)))
		return t.told(), nil
	})
	t.spoils = false
}

// right is the payment's own webhook as it is.
func (t *trial) right() (string, error) { return t.changed(nil) }

// floods posts the payment's own webhook many times at the same time.
func (t *trial) floods(n int) {
	t.step("When", fmt.Sprintf("the same webhook arrives %d times at the same time", n), func() (string, error) {
		body, err := t.right()
		if err != nil {
			return "", err
		}
		var together sync.WaitGroup
		begin := make(chan struct{})
		for range n {
			together.Go(func() {
				<-begin
				t.gateway.keep(t.gateway.post(t.ctx, t.config.Merchant.Webhook.right(), []byte(body)))
			})
		}
		close(begin)
		together.Wait()
		return t.told(), nil
	})
}

// returnURL is where the provider sends the shopper: the URL of the request, else below the configured site.
func (t *trial) returnURL(result string) (string, error) {
	var request map[string]any
	if len(t.payment.Request) > 0 {
		if err := json.Unmarshal(t.payment.Request, &request); err != nil {
			return "", &broken{err}
		}
	}
	target, _ := request[map[string]string{"success": "hppSuccessUrl", "failure": "hppFailureUrl"}[result]].(string)
	if target == "" {
		site, _ := request["siteUrl"].(string)
		if site == "" {
			site = t.config.Merchant.Site
		}
		if site == "" {
			return "", &absent{"no return URL is known: set merchant.site"}
		}
		target = strings.TrimRight(site, "/") + "/payment/" + result
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", fmt.Errorf("the return URL: %w", err)
	}
	q := u.Query()
	q.Set("transactionId", t.payment.ID)
	q.Set("status", result)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// exchange writes a call down, secrets masked.
func (t *trial) exchange(label string, c called, err error) {
	e := evidence.Exchange{
		Label: label, Step: max(0, len(t.scenario.Steps)-1), PSP: t.flow.PSP, Type: t.flow.Type, Variant: t.flow.Variant,
		At:      evidence.Span(t.wall().Sub(t.began)),
		Request: evidence.Message{Method: c.method, Path: c.url, Body: maskedBody(c.in)},
		Answer:  evidence.Message{Status: c.status, Body: maskedBody(c.out)},
	}
	if err != nil {
		e.Error = err.Error()
	}
	t.scenario.Exchanges = append(t.scenario.Exchanges, e)
}

// observe writes a call of the admin API down.
func (t *trial) observe(method, path string, in []byte, status int, _ []byte) {
	t.scenario.Exchanges = append(t.scenario.Exchanges, evidence.Exchange{
		Label: "control", Step: max(0, len(t.scenario.Steps)-1), At: evidence.Span(t.wall().Sub(t.began)), Control: true,
		Request: evidence.Message{Method: method, Path: path, Body: maskedBody(string(in))},
		Answer:  evidence.Message{Status: status},
	})
}

// maskedBody hides what is secret in a JSON object; other texts are kept as they are.
func maskedBody(text string) string {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	fields := map[string]any{}
	if err := dec.Decode(&fields); err != nil || dec.More() {
		return text
	}
	return string(mask.Fields([]byte(text), fields))
}

func maskedHeaders(header http.Header) map[string]string {
	all := map[string]string{}
	for name := range header {
		switch value := header.Get(name); name {
		case "Authorization", "Cookie", "X-User-Token":
			all[name] = mask.Secret(value)
		default:
			all[name] = value
		}
	}
	return all
}

// errNoSecret says why a check of secrets can't be made.
var errNoSecret = errors.New("merchant.webhook.secret is not set: whoever knows the webhook's URL can credit orders")
