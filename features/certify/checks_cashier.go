package certify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mozartosim/simulator/adminapi"
)

func resilienceChecks() []Check {
	const findIt = "Store the order before the call; if the call fails leave it pending, and let the webhook find it by merchantReference."
	// A call that is answered with the vendor's 500, and of which no webhook comes.
	failing := given("a cashier that answers 500", fields{
		"answer": fields{"http": fields{
			"status": 500, "body": `{"status":"error","message":"Internal server error","isSuccess":false,"data":"Something went wrong"}`,
		}},
		"shopper": fields{"action": "abandon"}, "then": []any{},
	})
	return []Check{
		{
			ID: "slow-answer", Points: 1, once: true,
			Name:   "a slow answer is waited for, and the payment credited once",
			Advice: "Give the call more time than providers take, and store the order before it.",
			steps:  []step{needsHook, givenSlowCashier, startInRealTime, notYetCredited, elapse("2h"), credited},
		},
		{
			ID: "answer-lost", Points: 3, appliesTo: (*flow).immediate, Advice: findIt,
			Name: "a payment whose API answer was lost is credited when its webhook comes",
			steps: []step{
				given("a payment whose answer is lost", approval(fields{"answer": fields{"fault": "lost"}})),
				tryStart, notYetCredited, elapse("1m"), credited,
			},
		},
		{
			ID: "timeout-but-paid", Points: 3, appliesTo: (*flow).immediate, Advice: findIt,
			Name: "a payment whose call ended in PSP_TIMEOUT is credited when its webhook comes after all",
			steps: []step{
				given("a payment whose call ends in PSP_TIMEOUT but that is approved", fields{
					"answer": fields{"error": "PSP_TIMEOUT"}, "then": []any{fields{"status": "Approved", "after": "20s"}},
				}),
				tryStart, notYetCredited, elapse("1m"), credited,
			},
		},
		{
			ID: "cashier-fails", Points: 3, appliesTo: (*flow).open,
			Name:   "a call that fails credits nothing, and the shop's hook still answers",
			Advice: "Tell the shopper that it did not work; credit nothing.",
			steps:  []step{failing, tryStart, hookAnswers, nothingCredited},
		},
		{
			ID: "retry-credits-once", Points: 3, appliesTo: (*flow).immediate,
			Name:   "a payment that is started again after a 500 is credited once",
			Advice: "A retry makes a second transaction: keep both transactionIds with the order, and credit the order once.",
			steps:  []step{needsHook, failing, tryStart, notYetCredited, given("and then works", approval(nil)), start, elapse("1m"), credited},
		},
	}
}

func needsHook(_ context.Context, r *checkRun) {
	if r.config.Merchant.Start.Wait > 0 {
		r.step("Given", "a start hook", func() (string, error) { return "", notApplicable("the merchant has no start hook") })
	}
}

func givenSlowCashier(ctx context.Context, r *checkRun) {
	delay := r.config.Limits.SlowAnswer.String()
	given("a cashier that takes "+delay, approval(fields{"answer": fields{"delay": delay}, "shopper": shopper("approve", "1h")}))(ctx, r)
}

// startInRealTime starts a payment while the simulator's clock runs: a manual clock delays no answer. The clock is manual again
// after it, whatever went wrong.
func startInRealTime(ctx context.Context, r *checkRun) {
	setClock := func(text, mode string) {
		r.step("And", text, func() (string, error) { return "", r.setClock(ctx, adminapi.ClockInput{Mode: mode}) })
	}
	setClock("the simulator's clock is the real time", "real")
	r.extraTime = r.config.Limits.SlowAnswer
	start(ctx, r)
	r.extraTime = 0
	over := r.over
	r.over = false
	setClock("the simulator's clock is manual again", "manual")
	r.over = r.over || over
}

func hookAnswers(_ context.Context, r *checkRun) {
	r.step("And", "the hook answers", func() (string, error) {
		if r.config.Merchant.Start.Wait == 0 && r.hook.Answer.Status == 0 {
			return "", errors.New("expected an answer of the hook, but got none")
		}
		return "", nil
	})
}

func acknowledgingChecks() []Check {
	return []Check{
		{
			ID: "refusals", Points: 1,
			Name:   "a webhook that is not accepted is not acknowledged",
			Advice: "Answer 2xx only to what you have accepted: a webhook that is truncated or has a wrong secret is then sent again, otherwise it is lost.",
			steps:  []step{holdWebhook, sendTruncated, refused, forgeWrongSecret},
		},
		{
			ID: "acknowledged", Points: 3,
			Name:   "every valid webhook is acknowledged with a 2xx",
			Advice: "Anything but a 2xx is a failed delivery; it is sent again, and given up after the last attempt.",
			steps:  []step{everyAcknowledgement("was acknowledged with a 2xx", func(d delivery) bool { return d.accepted() })},
		},
		{
			ID: "in-time", Points: 1,
			Name:   "every webhook is acknowledged in time",
			Advice: "Store the webhook, answer, and send mails, receipts and other calls after the answer.",
			steps: []step{func(ctx context.Context, r *checkRun) {
				limit := r.config.Limits.Acknowledge
				everyAcknowledgement("was answered within "+limit.String(), func(d delivery) bool { return time.Duration(d.Took) <= limit })(ctx, r)
			}},
		},
	}
}

// everyAcknowledgement judges the valid webhooks of all checks of the flow.
func everyAcknowledgement(text string, ok func(delivery) bool) step {
	return func(_ context.Context, r *checkRun) {
		r.step("Then", "every webhook of this flow "+text, func() (string, error) {
			slowest := delivery{}
			for _, d := range r.flow.valid {
				if !ok(d) {
					r.scenario.Webhooks = append(r.scenario.Webhooks, d.Webhook)
					return d.String(), fmt.Errorf("that of %s in %s was %s", d.reference, d.check, d)
				}
				if d.Took >= slowest.Took {
					slowest = d
				}
			}
			if len(r.flow.valid) == 0 {
				return "", blocked("no webhook reached the merchant")
			}
			return "the slowest was " + slowest.String(), nil
		})
	}
}
