package certify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

func startingChecks() []Check {
	return []Check{
		{
			ID: "happy-path", Points: 3, opens: true,
			Name:   "a payment that is approved is credited, in full and once",
			Advice: "Credit the order when a webhook has transaction_status Approved; set limits.settle if you book after the acknowledgement.",
			steps:  []step{given("a shopper who approves after two seconds", fields{"shopper": shopper("approve", "2s")}), start, elapse("2h"), credited},
		},
		{
			ID: "pending-first", Points: 1, appliesTo: (*flow).open,
			Name:   "the order is pending before the shopper is redirected",
			Advice: "Set the order pending before you answer with the redirect: the shopper may never come back.",
			steps:  []step{givenSlowShopper, start, pending},
		},
		{
			ID: "redirect", Points: 1, appliesTo: (*flow).redirects,
			Name:   "the shopper is redirected to the URL that the provider gave",
			Advice: "Each provider has its own redirect field; `mozartosim contract show PSP` names it.",
			steps:  []step{given("a shopper who approves", approval(nil)), start, redirectPassedOn},
		},
		{
			ID: "tokens-kept", Points: 1, appliesTo: (*flow).hasTokens,
			Name:   "paymentToken and access_token stay on the server",
			Advice: "Pass on the redirect URL and nothing else of the API's answer.",
			steps:  []step{given("a shopper who approves", approval(nil)), start, noTokensPassedOn},
		},
		{
			ID: "final-answer", Points: 3, opens: true, appliesTo: (*flow).final,
			Name:   "a voucher that the API's answer approves is credited, in full and once",
			Advice: "Flexepin sends no webhook: its answer is final.",
			steps:  []step{start, credited},
		},
		{
			ID: "voucher-refused", Points: 3, appliesTo: (*flow).final,
			Name:   "a voucher that is refused credits nothing",
			Advice: "A 400 without errorCode is the provider's refusal; read its message.",
			steps: []step{
				given("a voucher that is refused", fields{"answer": fields{"voucher": "INVALID_PIN"}}), tryStart, nothingCredited,
			},
		},
	}
}

func givenSlowShopper(ctx context.Context, r *checkRun) {
	given("a shopper who takes an hour", approval(fields{"shopper": shopper("approve", "1h")}))(ctx, r)
}

// redirectPassedOn compares URLs without their queries: those have tokens, which the simulator keeps masked.
func redirectPassedOn(_ context.Context, r *checkRun) {
	r.step("Then", "the hook's answer has the URL of "+r.flow.op.Redirect, func() (string, error) {
		path := r.config.Merchant.Start.Redirect
		if path == "" {
			return "", notApplicable("start.redirect does not name the field of the hook's answer that has the shopper's URL")
		}
		var answer any
		if r.payment.Answer == nil || json.Unmarshal(r.payment.Answer.Body, &answer) != nil {
			return "", notApplicable("the simulator kept no answer")
		}
		given, ok := pick(answer, r.flow.op.Redirect)
		if !ok {
			return "", notApplicable("the provider gave no URL for this payment")
		}
		passedOn, _ := pick(decode(r.hook.Answer.Body), path)
		want, _, _ := strings.Cut(given, "?")
		if got, _, _ := strings.Cut(passedOn, "?"); want != got {
			return passedOn, fmt.Errorf("expected %s, but got %q", want, got)
		}
		return want, nil
	})
}

func noTokensPassedOn(_ context.Context, r *checkRun) {
	r.step("Then", "the hook's answer has neither paymentToken nor access_token", func() (string, error) {
		for _, name := range []string{"paymentToken", "payment_token", "access_token", "accessToken"} {
			if strings.Contains(r.hook.Answer.Body, `"`+name+`"`) {
				return "", errors.New("expected none, but got " + name)
			}
		}
		return "", nil
	})
}

func creditingChecks() []Check { return append(outcomeChecks(), statusChecks()...) }

// outcomeChecks are about how a payment ends.
func outcomeChecks() []Check {
	return []Check{
		{
			ID: "not-on-answer", Points: 3, appliesTo: (*flow).open,
			Name:   "nothing is credited on the API's answer",
			Advice: "The answer to the call means that it was accepted, not that it was paid; wait for the webhook.",
			steps:  []step{givenSlowShopper, start, nothingCredited},
		},
		{
			ID: "not-on-return", Points: 3, appliesTo: (*flow).redirects,
			Name:   "nothing is credited because the shopper comes back",
			Advice: "Anybody can open the return URL; show \"we are checking\" and wait for the webhook.",
			steps: []step{
				given("a shopper who is back before the webhook", fields{
					"shopper": shopper("return-first", "10s"), "then": notifications("Approved"), "webhooks": fields{"delay": "1h"},
				}),
				start, notYetCredited, elapse("1m"), returnTo("success"), nothingCredited, ifWebhooks(arrive), ifWebhooks(credited),
			},
		},
		{
			ID: "failed-return", Points: 3, appliesTo: (*flow).returnsAndNotifies,
			Name:   "a return to the failure page decides nothing: a payment that is approved is credited",
			Advice: "A return proves nothing either way; let only the webhook's transaction_status change the order.",
			steps:  []step{givenSlowWebhook, start, notYetCredited, elapse("1m"), returnTo("failure"), arrive, credited},
		},
		{
			ID: "declined", Points: 3,
			Name:   "a payment that is declined credits nothing, and the order fails",
			Advice: "Let transaction_status Declined fail the order.",
			steps: []step{
				given("a payment that is declined", fields{"shopper": shopper("decline", "2s"), "then": notifications("Declined")}),
				start, notYetCredited, elapse("5m"), nothingCredited, failed,
			},
		},
		{
			ID: "cancelled", Points: 3, appliesTo: (*flow).returnsAndNotifies,
			Name:   "a payment that the shopper cancels credits nothing, and the order fails",
			Advice: "A cancelled payment has transaction_status Declined, and the provider's own word in status.",
			steps: []step{
				given("a shopper who cancels", fields{"shopper": shopper("cancel", "2s")}),
				start, notYetCredited, elapse("1h"), nothingCredited, failed,
			},
		},
		{
			ID: "expired", Points: 3, appliesTo: (*flow).returnsAndNotifies,
			Name:   "a payment that expires credits nothing, and the order fails",
			Advice: "An expired payment has transaction_status Declined, and the provider's own word in status.",
			steps: []step{
				given("a shopper who does nothing", fields{"shopper": fields{"action": "abandon"}}),
				start, notYetCredited, elapse("12h"), expiryNotified, nothingCredited, failed,
			},
		},
	}
}

// statusChecks are about the words of a webhook.
func statusChecks() []Check {
	const byTransactionStatus = "Use transaction_status for logic; status is the provider's own word and not normalized."
	return []Check{
		{
			ID: "raw-status", Points: 3, Advice: byTransactionStatus,
			Name: "a webhook with a successful status but transaction_status Declined credits nothing",
			steps: []step{
				holdWebhook, send("a webhook has transaction_status Declined, and the provider's word for success", changed(fields{"transaction_status": "Declined"})),
				nothingCredited,
			},
		},
		{
			ID: "raw-word", Points: 3, Advice: byTransactionStatus,
			Name: "a webhook with an unknown status but transaction_status Approved is credited",
			steps: []step{
				holdWebhook, send("a webhook has transaction_status Approved, and an unknown word of the provider", changed(fields{"status": "sim_new_word"})), credited,
			},
		},
		{
			ID: "pending-webhook", Points: 3,
			Name:   "a webhook with transaction_status Pending credits nothing, and Approved after it does",
			Advice: "Credit on transaction_status Approved only: Pending says that the provider still waits.",
			steps: []step{
				given("a payment of which Pending is reported ten minutes before Approved", approval(fields{
					"then": append(notifications("Pending"), fields{"status": "Approved", "after": "10m"}),
				})),
				start, notYetCredited, elapse("5m"), nothingCredited, elapse("10m"), credited,
			},
		},
		{
			ID: "unknown-status", Points: 3,
			Name:   "a webhook with an unknown transaction_status credits nothing, and Approved after it does",
			Advice: "Credit on Approved only; leave the order as it is on a word that you don't know.",
			steps: []step{
				holdWebhook, send("a webhook has transaction_status OnHold", changed(fields{"transaction_status": "OnHold", "status": "on_hold"})),
				nothingCredited, arrive, credited,
			},
		},
	}
}

// expiryNotified makes sure that the provider reports the expiry: not all do.
func expiryNotified(ctx context.Context, r *checkRun) {
	r.step("And", "the provider reports that it expired", func() (string, error) {
		if err := r.readPayment(ctx); err != nil {
			return "", err
		}
		switch r.payment.Status {
		case "expired", "cancelled", "declined":
			return r.payment.Status, nil
		}
		return "", notApplicable("the provider does not report a payment that expires")
	})
}
