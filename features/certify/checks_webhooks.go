package certify

func idempotencyChecks() []check {
	const advice = "Credit in one transaction that also notes that this transaction_id was credited, and credit nothing when it was."
	return []check{
		{
			id: "duplicate", capability: idempotency, points: 3, run: duplicate, advice: advice,
			name: "a webhook that arrives twice is credited once",
		},
		{
			id: "duplicate-at-once", capability: idempotency, points: 3, run: duplicateAtOnce,
			name:   "a webhook that arrives many times at the same time is credited once",
			advice: "Reading and then writing is a race: lock the order's row, or let a unique key on transaction_id decide.",
		},
		{
			id: "resent-later", capability: idempotency, points: 3, run: resentLater, advice: advice,
			name: "a webhook that is sent again days later is credited once",
		},
		{
			id: "lost-then-retried", capability: idempotency, points: 3, run: lostThenRetried,
			name:   "a webhook that is lost on the way is credited when it is tried again",
			advice: "Take a webhook whenever it comes; don't give an order up because none came at first.",
		},
		{
			id: "answer-lost-then-retried", capability: idempotency, points: 3, run: ackLost, advice: advice,
			name: "a webhook whose acknowledgement is lost, or was a 5xx, is tried again and credited once",
		},
	}
}

func duplicate(t *trial) {
	t.arrange("a payment whose webhook is sent twice", approval(map[string]any{"webhooks": map[string]any{"copies": 2}}))
	t.start()
	t.notYet()
	t.passes("1m")
	t.credited()
}

func duplicateAtOnce(t *trial) {
	t.hold()
	t.floods(8)
	t.credited()
	t.arrives()
	t.credited()
}

func resentLater(t *trial) {
	t.arrange("a payment that is approved", approval(nil))
	t.start()
	t.notYet()
	t.passes("1m")
	t.credited()
	t.passes("3d")
	t.step("When", "the webhook is sent again", func() (string, error) {
		p, err := t.control.payment(t.ctx, t.payment.ID)
		if err == nil && len(p.Deliveries) > 0 {
			err = t.control.resend(t.ctx, p.Deliveries[0].ID, nil)
		}
		if err != nil {
			return "", &broken{err}
		}
		return t.move(map[string]any{"deliveries": 1})
	})
	t.credited()
}

func lostThenRetried(t *trial) {
	t.arrange("a payment that is approved", approval(nil))
	t.start()
	t.notYet()
	t.mode("its webhook is lost on the way, once", lose)
	t.delivers(1)
	t.nothing()
	t.passes("5m")
	t.credited()
}

func ackLost(t *trial) {
	t.arrange("a payment that is approved", approval(nil))
	t.start()
	t.notYet()
	t.mode("the merchant's answer to its webhook is lost, once", loseAnswer)
	t.passes("5m")
	t.credited()
}

// mode tells the gateway what to do with the next webhook.
func (t *trial) mode(text string, mode gatewayMode) {
	t.step("And", text, func() (string, error) {
		t.gateway.set(mode, 1)
		return "", nil
	})
}

func orderChecks() []check {
	return []check{
		{
			id: "reversed", capability: order, points: 3, run: reversed,
			name:   "Pending that arrives behind Approved takes nothing back",
			advice: "An order that is credited stays so, whatever older news arrive behind it.",
		},
		{
			id: "late", capability: order, points: 3, run: late,
			name:   "a webhook that takes three days is credited when it comes",
			advice: "Keep orders pending until the webhook comes; don't let them time out into a state that Approved can't leave.",
		},
		{
			id: "before-answer", capability: order, points: 3, fits: canOvertake, run: beforeAnswer,
			name:   "a webhook that overtakes the API's answer is credited, then or when it is tried again",
			advice: "Store the order before the call and find it by merchantReference, or answer a transaction that you don't know yet with a 4xx or 5xx, so that it is tried again; never hold a lock during the call.",
		},
		{
			id: "approved-after-declined", capability: order, points: 3, fits: pays("TRUST", "FORUMPAY"), run: approvedAfterDeclined,
			name:   "Approved behind Declined is credited, where the provider can do that",
			advice: "A declined card shows the form again (Trust), coins may arrive late (ForumPay): Declined is no final state there.",
		},
		{
			id: "stale-decline", capability: order, points: 3, fits: pays("TRUST"), run: staleDecline,
			name:   "Declined of the first card that arrives behind Approved of the second takes nothing back",
			advice: "An order that is credited stays so, whatever older news arrive behind it.",
		},
	}
}

func canOvertake(f *flow) bool { return f.webhooks() && !f.waits() }

func reversed(t *trial) {
	t.arrange("a payment whose Approved overtakes its Pending", approval(map[string]any{
		"then": []any{map[string]any{"status": "Pending"}, map[string]any{"status": "Approved", "after": "5s"}}, "webhooks": map[string]any{"order": "reversed"},
	}))
	t.start()
	t.notYet()
	t.passes("1m")
	t.credited()
}

func late(t *trial) {
	t.arrange("a payment whose webhook takes three days", approval(map[string]any{"webhooks": map[string]any{"delay": "3d"}}))
	t.start()
	t.notYet()
	t.passes("2d")
	t.nothing()
	t.passes("2d")
	t.credited()
}

func beforeAnswer(t *trial) {
	t.arrange("a payment whose webhook overtakes the API's answer", approval(map[string]any{"webhooks": map[string]any{"order": "before-answer"}}))
	t.spoils = true // a merchant that does not know the transaction yet may say so
	t.start()
	t.spoils = false
	t.passes("5m")
	t.credited()
}

func approvedAfterDeclined(t *trial) {
	t.arrange("a payment that is declined first and approved ten minutes later", map[string]any{
		"shopper": map[string]any{"action": "decline", "after": "2s"},
		"then":    []any{map[string]any{"status": "Declined"}, map[string]any{"status": "Approved", "after": "10m"}},
	})
	t.start()
	t.notYet()
	t.passes("5m")
	t.nothing()
	t.passes("10m")
	t.credited()
}

func staleDecline(t *trial) {
	t.arrange("a payment whose Approved overtakes the Declined of an earlier card", map[string]any{
		"shopper":  map[string]any{"action": "decline", "after": "2s"},
		"then":     []any{map[string]any{"status": "Declined"}, map[string]any{"status": "Approved", "after": "40s"}},
		"webhooks": map[string]any{"order": "reversed"},
	})
	t.start()
	t.notYet()
	t.passes("5m")
	t.credited()
}
