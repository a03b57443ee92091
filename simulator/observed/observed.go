package observed

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"mozartosim/openapi"
	seen "mozartosim/openapi/observed"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/webhook"
)

// Observations are what was seen, compiled. The zero value has none.
type Observations struct {
	Contract   *openapi.Contract  // with the observations in it
	Unenforced map[string]bool    // named rules that are not enforced, by their ids in the ledger
	Answers    map[string]*Answer // by the name of their schema

	base     *openapi.Contract // without the observations
	refusals []refusal
	webhooks map[string]*Webhook // by provider code; that of every provider under ""
}

// Answer is what is different about an answer to a call that was accepted.
type Answer struct {
	Body
	Headers http.Header       // those that are different; without values = left out
	Status  int               // 0 = as usual
	Delay   scenario.Duration // before it
}

// Webhook is what is different about a provider's notifications, and their webhooks and deliveries.
type Webhook struct {
	Body
	Headers       http.Header           // those that are different; without values = left out
	Delay         scenario.Duration     // of a webhook, counted from its notification
	Retries       webhook.RetrySchedule // nil = as usual, empty = none
	Authorization string                // the template of secured webhooks; "" = as usual

	sequences map[[2]string][]scenario.Notification // by flow, as observations have it after the provider, and outcome
}

// Webhook returns what is different about a provider's webhooks; nil for nothing.
func (c *Observations) Webhook(psp string) *Webhook { return cmp.Or(c.webhooks[psp], c.webhooks[""]) }

// Sequence returns the notifications that follow an outcome of a payment of a type (PAYIN, PAYOUT) and a variant, as the nearest
// observation says; ok is false when they are as usual. w may be nil.
func (w *Webhook) Sequence(kind, variant, outcome string) (plan *scenario.Plan, ok bool) {
	if w == nil {
		return nil, false
	}
	for _, flow := range []string{strings.TrimSpace(kind + " " + variant), kind, ""} {
		if then, ok := w.sequences[[2]string{flow, outcome}]; ok {
			return &scenario.Plan{Then: then, HasThen: true}, true
		}
	}
	return nil, false
}

// addHeaders adds what is different about headers to others; one without values is left out.
func addHeaders(to *http.Header, headers map[string]*string) {
	for name, value := range headers {
		if *to == nil {
			*to = http.Header{}
		}
		if (*to)[http.CanonicalHeaderKey(name)] = nil; value != nil {
			to.Set(name, *value)
		}
	}
}

// Compile applies files, which are read in their order, to a contract and to providers. Errors name the file and the line, or the
// rule, that is wrong.
func Compile(base *openapi.Contract, providers map[string]*provider.Provider, names []string) (*Observations, error) {
	o := &Observations{Contract: base, base: base}
	if len(names) == 0 {
		return o, nil
	}
	file, with, err := seen.Open(base, names)
	if err != nil {
		return nil, err
	}
	o.Contract = with
	o.Unenforced, o.Answers, o.webhooks = map[string]bool{}, map[string]*Answer{}, map[string]*Webhook{}
	for _, one := range file.InOrder() {
		if err := o.add(one); err != nil {
			return nil, fmt.Errorf("observation of %s: %w", one.Rule, err)
		}
	}
	if all := o.webhooks[""]; all != nil { // what is said of every provider's; headers are said of one provider only
		for _, own := range o.webhooks {
			if own.Retries == nil {
				own.Retries = all.Retries
			}
			own.Authorization = cmp.Or(own.Authorization, all.Authorization)
		}
	}
	return o, o.enforceable(providers)
}

func (c *Observations) add(o *seen.Observation) error {
	schema, path, _ := strings.Cut(o.Rule, ".")
	switch kind := o.Kind(); kind {
	case "renamed", "absent", "added", "form", "constant", "nullWhenEmpty":
		body, err := c.body(schema)
		if err != nil {
			return err
		}
		body.add(kind, path, o)
	case "status":
		c.answer(schema).Status = o.Status
	case "headers":
		if c.isWebhook(o.Rule) {
			addHeaders(&c.webhook(o).Headers, o.Headers)
		} else {
			addHeaders(&c.answer(schema).Headers, o.Headers)
		}
	case "error":
		c.addRefusal(o)
	case "request":
		if o.Request.Enforced != nil && path == "" && o.Request.Field == "" {
			c.Unenforced[o.Rule] = true
		}
	case "notifications":
		return c.webhook(o).add(o)
	case "delay":
		delay, err := duration(*o.Delay)
		if c.isWebhook(o.Rule) {
			c.webhook(o).Delay = delay
		} else {
			c.answer(schema).Delay = delay
		}
		return err
	case "retries":
		schedule, err := webhook.ParseRetrySchedule(o.Retries)
		c.webhook(o).Retries = schedule
		return err
	case "authorization":
		c.webhook(o).Authorization = o.Authorization
	}
	return nil
}

// enforceable refuses to switch off rules that are part of a provider's answer.
func (c *Observations) enforceable(providers map[string]*provider.Provider) error {
	for _, op := range c.base.Operations() {
		flow, _ := providers[op.PSP].Flow(op.Type)
		for _, rule := range flow.Rules {
			if id := op.Schema + "/" + rule.Name; rule.Check == nil && c.Unenforced[id] {
				return fmt.Errorf("observation of %s: enforced must not be false: it is part of the provider's answer, not of the request", id)
			}
		}
	}
	return nil
}

func (c *Observations) isWebhook(rule string) bool { return strings.HasPrefix(rule, "POST ") }

// provider is the one whose webhooks a rule is about; that of the flow for a rule of every provider.
func (c *Observations) provider(o *seen.Observation) string {
	for _, op := range c.base.Operations() {
		if op.WebhookRule() == o.Rule {
			return op.PSP
		}
	}
	psp, _, _ := strings.Cut(o.Flow, " ")
	return psp
}

func (c *Observations) answer(schema string) *Answer {
	if c.Answers[schema] == nil {
		c.Answers[schema] = &Answer{}
	}
	return c.Answers[schema]
}

// webhook returns what is different about the webhooks that an observation is about.
func (c *Observations) webhook(o *seen.Observation) *Webhook { return c.webhookOf(c.provider(o)) }

func (c *Observations) webhookOf(psp string) *Webhook {
	if c.webhooks[psp] == nil {
		c.webhooks[psp] = &Webhook{sequences: map[[2]string][]scenario.Notification{}}
	}
	return c.webhooks[psp]
}

// body is that of the answers or webhooks of a schema.
func (c *Observations) body(schema string) (*Body, error) {
	for _, op := range c.base.Operations() {
		switch schema {
		case op.Answer:
			return &c.answer(schema).Body, nil
		case op.Webhook:
			return &c.webhookOf(op.PSP).Body, nil
		}
	}
	return nil, fmt.Errorf("no call has the answer or the webhook %s", schema)
}

func (w *Webhook) add(o *seen.Observation) error {
	then := []scenario.Notification{}
	for _, n := range o.Notifications.Sequence {
		after := time.Duration(0)
		if n.After != "" {
			var err error
			if after, err = time.ParseDuration(n.After); err != nil {
				return err
			}
		}
		then = append(then, scenario.Notification{After: scenario.Fixed(after), Status: n.Status, Raw: n.Raw, Message: n.Message})
	}
	_, flow, _ := strings.Cut(o.Flow, " ")
	w.sequences[[2]string{flow, o.Notifications.Outcome}] = then
	return nil
}

// duration is log-normal, as durations of scenarios are, which are given by their 99th percentile.
func duration(d seen.Delay) (scenario.Duration, error) {
	median, err := time.ParseDuration(d.Median)
	if err != nil || d.P95 == "" {
		return scenario.Fixed(median), err
	}
	p95, err := time.ParseDuration(d.P95)
	const z95, z99 = 1.6448536269514722, 2.3263478740408408
	p99 := float64(median) * math.Exp(math.Log(float64(p95)/float64(median))*z99/z95)
	return scenario.Duration{Median: median, P99: time.Duration(p99)}, err
}

// stream draws what observations need for a payment.
func stream(names ...string) *random.Stream {
	return random.New(0, append([]string{"observed"}, names...)...)
}
