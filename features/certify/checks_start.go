package certify

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

func startingChecks() []check {
	return []check{
		{
			id: "happy-path", capability: starting, points: 3, run: happyPath,
			name:   "a payment that is approved is credited, wholly and once",
			advice: "Credit the order when a webhook says transaction_status Approved; set limits.settle if you book behind the acknowledgement.",
		},
		{
			id: "pending-first", capability: starting, points: 1, fits: isOpen, run: pendingFirst,
			name:   "the order is pending before the shopper is sent away",
			advice: "Set the order pending before you answer with the redirect: the shopper may never come back.",
		},
		{
			id: "redirect", capability: starting, points: 1, fits: redirects, run: redirectHandedOn,
			name:   "the shopper is sent to the URL that the provider gave",
			advice: "Each provider has its own redirect field; `mozartosim contract show PSP` says which.",
		},
		{
			id: "tokens-kept", capability: starting, points: 1, fits: keepsTokens, run: tokensKept,
			name:   "paymentToken and access_token stay on the server",
			advice: "Hand the redirect URL on and nothing else of the API's answer.",
		},
		{
			id: "final-answer", capability: starting, points: 3, fits: isFinal, run: finalAnswer,
			name:   "a voucher that the API's answer approves is credited, wholly and once",
			advice: "Flexepin sends no webhook: its answer is final.",
		},
		{
			id: "voucher-refused", capability: starting, points: 3, fits: isFinal, run: voucherRefused,
			name:   "a voucher that is refused credits nothing",
			advice: "A 400 without errorCode is the provider's refusal; read its message.",
		},
	}
}

func happyPath(t *trial) {
	t.arrange("a shopper who approves after two seconds", map[string]any{"shopper": map[string]any{"action": "approve", "after": "2s"}})
	t.start()
	t.passes("2h")
	t.credited()
}

func pendingFirst(t *trial) {
	t.arrange("a shopper who takes an hour", approval(map[string]any{"shopper": map[string]any{"action": "approve", "after": "1h"}}))
	t.start()
	t.pending()
}

func keepsTokens(f *flow) bool {
	return f.PSP == "GIGADAT" || f.PSP == "FORUMPAY" && f.Type == "PAYOUT"
}

// redirectHandedOn compares URLs without their queries: those bear tokens, which the simulator keeps masked.
func redirectHandedOn(t *trial) {
	t.arrange("a shopper who approves", approval(nil))
	t.start()
	t.step("Then", "the hook's answer has the URL of "+t.flow.op.Redirect, func() (string, error) {
		path := t.config.Merchant.Start.Redirect
		if path == "" {
			return "", &absent{"start.redirect does not say where the hook's answer has the shopper's URL"}
		}
		var answer any
		if t.payment.Answer == nil || json.Unmarshal(t.payment.Answer.Body, &answer) != nil {
			return "", &absent{"the simulator kept no answer"}
		}
		given, ok := pick(answer, t.flow.op.Redirect)
		if !ok {
			return "", &absent{"the provider gave no URL for this payment"}
		}
		handed, _ := pick(t.hook.document(), path)
		want, _, _ := strings.Cut(given, "?")
		got, _, _ := strings.Cut(handed, "?")
		if want != got {
			return handed, fmt.Errorf("expected %s, but seen %q", want, got)
		}
		return want, nil
	})
}

func tokensKept(t *trial) {
	t.arrange("a shopper who approves", approval(nil))
	t.start()
	t.step("Then", "the hook's answer has neither paymentToken nor access_token", func() (string, error) {
		for _, name := range []string{"paymentToken", "payment_token", "access_token", "accessToken"} {
			if strings.Contains(t.hook.out, `"`+name+`"`) {
				return "", errors.New("expected none, but seen " + name)
			}
		}
		return "", nil
	})
}

func finalAnswer(t *trial) {
	t.start()
	t.credited()
}

func voucherRefused(t *trial) {
	t.arrange("a voucher that is refused", map[string]any{"answer": map[string]any{"voucher": "INVALID_PIN"}})
	t.startOddly()
	t.nothing()
}

func creditingChecks() []check {
	return []check{
		{
			id: "not-on-answer", capability: crediting, points: 3, fits: isOpen, run: notOnAnswer,
			name:   "nothing is credited on the API's answer",
			advice: "The answer to the call says that it was taken, not that it was paid; wait for the webhook.",
		},
		{
			id: "not-on-return", capability: crediting, points: 3, fits: redirects, run: notOnReturn,
			name:   "nothing is credited because the shopper comes back",
			advice: "Anybody can open the return URL; show \"we are checking\" and wait for the webhook.",
		},
		{
			id: "failed-return", capability: crediting, points: 3, fits: redirectsAndTells, run: failedReturn,
			name:   "a return to the failure page settles nothing: what is approved is credited",
			advice: "A return proves nothing either way; let only the webhook's transaction_status move the order.",
		},
		{
			id: "declined", capability: crediting, points: 3, run: declined,
			name:   "a payment that is declined credits nothing, and the order fails",
			advice: "Let transaction_status Declined fail the order.",
		},
		{
			id: "cancelled", capability: crediting, points: 3, fits: redirectsAndTells, run: cancelled,
			name:   "a payment that the shopper cancels credits nothing, and the order fails",
			advice: "A cancel is told as transaction_status Declined, with the provider's own word in status.",
		},
		{
			id: "expired", capability: crediting, points: 3, fits: redirectsAndTells, run: expired,
			name:   "a payment that nobody finishes credits nothing, and the order fails",
			advice: "An expiry is told as transaction_status Declined, with the provider's own word in status.",
		},
		{
			id: "raw-status", capability: crediting, points: 3, run: rawStatus,
			name:   "status says success but transaction_status Declined: nothing is credited",
			advice: "Use transaction_status for logic; status is the provider's own word and not normalised.",
		},
		{
			id: "raw-word", capability: crediting, points: 3, run: rawWord,
			name:   "a word in status that nobody knows with transaction_status Approved: it is credited",
			advice: "Use transaction_status for logic; status is the provider's own word and not normalised.",
		},
		{
			id: "unknown-status", capability: crediting, points: 3, run: unknownStatus,
			name:   "a transaction_status that nobody knows credits nothing, and Approved behind it does",
			advice: "Credit on Approved and on nothing else; leave an order as it is on a word that you don't know.",
		},
	}
}

func redirectsAndTells(f *flow) bool { return redirects(f) && f.webhooks() }

func notOnAnswer(t *trial) {
	t.arrange("a shopper who takes an hour", approval(map[string]any{"shopper": map[string]any{"action": "approve", "after": "1h"}}))
	t.start()
	t.nothing()
}

func notOnReturn(t *trial) {
	t.arrange("a shopper who is back before the webhook", map[string]any{
		"shopper": map[string]any{"action": "return-first", "after": "10s"}, "then": []any{map[string]any{"status": "Approved"}},
		"webhooks": map[string]any{"delay": "1h"},
	})
	t.start()
	t.notYet()
	t.passes("1m")
	t.returns("success")
	t.nothing()
	if t.flow.webhooks() {
		t.arrives()
		t.credited()
	}
}

func failedReturn(t *trial) {
	t.arrange("a payment whose webhook takes an hour", approval(map[string]any{"webhooks": map[string]any{"delay": "1h"}}))
	t.start()
	t.notYet()
	t.passes("1m")
	t.returns("failure")
	t.arrives()
	t.credited()
}

func declined(t *trial) {
	t.arrange("a payment that is declined", map[string]any{
		"shopper": map[string]any{"action": "decline", "after": "2s"}, "then": []any{map[string]any{"status": "Declined"}},
	})
	t.start()
	t.notYet()
	t.passes("5m")
	t.nothing()
	t.failed()
}

func cancelled(t *trial) {
	t.arrange("a shopper who cancels", map[string]any{"shopper": map[string]any{"action": "cancel", "after": "2s"}})
	t.start()
	t.notYet()
	t.passes("1h")
	t.nothing()
	t.failed()
}

func expired(t *trial) {
	t.arrange("a shopper who does nothing", map[string]any{"shopper": map[string]any{"action": "abandon"}})
	t.start()
	t.notYet()
	t.passes("12h")
	t.step("And", "the provider tells that it expired", func() (string, error) {
		p, err := t.control.payment(t.ctx, t.payment.ID)
		if err != nil {
			return "", &broken{err}
		}
		if p.Status != "expired" && p.Status != "cancelled" && p.Status != "declined" {
			return "", &absent{"the provider tells nothing of a payment that nobody finishes"}
		}
		return p.Status, nil
	})
	t.nothing()
	t.failed()
}

func rawStatus(t *trial) {
	t.hold()
	t.sends("a webhook says Declined, with the provider's word for success", func() (string, error) {
		return t.changed(map[string]any{"transaction_status": "Declined"})
	})
	t.nothing()
}

func rawWord(t *trial) {
	t.hold()
	t.sends("a webhook says Approved, with a word of the provider's that nobody knows", func() (string, error) {
		return t.changed(map[string]any{"status": "sim_new_word"})
	})
	t.credited()
}

func unknownStatus(t *trial) {
	t.hold()
	t.sends("a webhook says transaction_status OnHold", func() (string, error) {
		return t.changed(map[string]any{"transaction_status": "OnHold", "status": "on_hold"})
	})
	t.nothing()
	t.arrives()
	t.credited()
}
