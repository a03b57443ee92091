package certify

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"mozartosim/features/steps"
	"mozartosim/simulator/adminapi"
)

// vocabulary is what checks are written in. Words in <angle brackets> stand for what differs between flows and configurations;
// checkRun.words fills them in.
func vocabulary(c *Config) (*steps.Vocabulary, error) {
	var table []steps.Step
	add := func(pattern string, do any) { table = append(table, steps.Step{Pattern: pattern, Do: do}) }
	plain := func(pattern string, do step) {
		add(pattern, func(ctx context.Context, r *checkRun) error { return r.saw(do(ctx, r)) })
	}
	for text, scenario := range scenarios(c.Limits.SlowAnswer.String()) {
		plain(text, given(scenario))
	}
	for text, body := range changedWebhooks() {
		plain(text, send(body))
	}
	plain("a start hook", needsHook)
	plain("a shared secret", needsSecret)
	plain("the shop starts a <payment>", start)
	plain("the hook answers", hookAnswers)
	plain("the hook's answer has the URL of <redirect>", redirectPassedOn)
	plain("the hook's answer has neither paymentToken nor access_token", noTokensPassedOn)
	plain("the shopper pays", shopperPays)
	add("the shopper's browser comes back to the {word} page", func(ctx context.Context, r *checkRun, result string) error {
		return r.saw(returnTo(ctx, r, result))
	})
	plain("the provider reports that it expired", expiryNotified)

	plain("the simulator's clock is the real time", runClock)
	plain("the simulator's clock is manual again", stopClock)
	add("{int} {word} pass/passes", func(ctx context.Context, r *checkRun, n int, unit string) error {
		return r.saw(r.advanced(ctx, adminapi.AdvanceInput{By: fmt.Sprint(n, unit[:1])}))
	})
	plain("its webhook is lost on the way, once", setGateway(drop))
	plain("the merchant's answer to its webhook is lost, once", setGateway(dropAnswer))
	plain("the webhook is sent", deliver)
	plain("the webhook is sent again", resend)
	plain("the payment's own webhook arrives", arrive)
	plain("the payment's own webhook arrives, unless that one was accepted", arriveUnlessAccepted)
	add("the same webhook arrives {int} times at the same time", func(ctx context.Context, r *checkRun, n int) error {
		return r.saw(r.forge(ctx, n, c.Merchant.webhookHeader(c.Merchant.Webhook.Secret), unchanged))
	})
	plain("the webhook arrives as <contentType>", forge(wrongContentType, unchanged))
	plain("a webhook arrives with an unknown transaction and an unknown reference", forge("application/json", ofUnknownTransaction))
	plain("a webhook arrives with a wrong secret", forgeWrongSecret)

	plain("the order is credited <amount>, once", credited)
	plain("nothing is credited", nothingCredited)
	plain("nothing is credited yet", notYetCredited)
	plain("there is no order of that reference, or nothing is credited to it", unknownOrderUntouched)
	plain("the order is pending", hasStatus(c.Merchant.Statuses.Pending))
	plain("the order is failed", hasStatus(c.Merchant.Statuses.Failed))
	plain("it is answered, and with no 5xx", answers("an answer that is not a 5xx", func(d delivery) bool { return d.Answered != 0 && d.Answered < 500 }))
	plain("it is not acknowledged", answers("no 2xx", func(d delivery) bool { return !d.accepted() }))
	plain("every webhook of this flow was acknowledged with a 2xx", everyWebhook(delivery.accepted))
	plain("every webhook of this flow was answered within <limit>", everyWebhook(func(d delivery) bool {
		return time.Duration(d.Took) <= c.Limits.Acknowledge
	}))
	return steps.Of(table, reflect.TypeFor[context.Context](), reflect.TypeFor[*checkRun]())
}
