package certify

func idempotencyChecks() []Check {
	const advice = "Credit in one transaction that also stores that this transaction_id was credited, and credit nothing if it was."
	approved := given("a payment that is approved", approval(nil))
	return []Check{
		{
			ID: "duplicate", Points: 3, Advice: advice,
			Name: "a webhook that arrives twice is credited once",
			steps: []step{
				given("a payment whose webhook is sent twice", approval(fields{"webhooks": fields{"copies": 2}})),
				start, notYetCredited, elapse("1m"), credited,
			},
		},
		{
			ID: "duplicate-at-once", Points: 3,
			Name:   "a webhook that arrives many times at the same time is credited once",
			Advice: "Reading and then writing is a race: lock the order's row, or let a unique key on transaction_id decide.",
			steps:  []step{holdWebhook, forgeAtOnce(8), credited, arrive, credited},
		},
		{
			ID: "resent-later", Points: 3, Advice: advice,
			Name:  "a webhook that is sent again days later is credited once",
			steps: []step{approved, start, notYetCredited, elapse("1m"), credited, elapse("3d"), resend, credited},
		},
		{
			ID: "lost-then-retried", Points: 3,
			Name:   "a webhook that is lost on the way is credited when it is sent again",
			Advice: "Accept a webhook whenever it comes; don't fail an order because none came at first.",
			steps: []step{
				approved, start, notYetCredited, setGateway("its webhook is lost on the way, once", drop),
				deliver, nothingCredited, elapse("5m"), credited,
			},
		},
		{
			ID: "answer-lost-then-retried", Points: 3, Advice: advice,
			Name: "a webhook whose acknowledgement is lost, or was a 5xx, is sent again and credited once",
			steps: []step{
				approved, start, notYetCredited, setGateway("the merchant's answer to its webhook is lost, once", dropAnswer), elapse("5m"), credited,
			},
		},
	}
}

func orderChecks() []Check {
	const advice = "An order that is credited stays credited, whatever older webhooks arrive later."
	return []Check{
		{
			ID: "reversed", Points: 3, Advice: advice,
			Name: "Pending that arrives after Approved reverses nothing",
			steps: []step{
				given("a payment whose Approved arrives before its Pending", approval(fields{
					"then": append(notifications("Pending"), fields{"status": "Approved", "after": "5s"}), "webhooks": fields{"order": "reversed"},
				})),
				start, notYetCredited, elapse("1m"), credited,
			},
		},
		{
			ID: "late", Points: 3,
			Name:   "a webhook that takes three days is credited when it comes",
			Advice: "Keep orders pending until the webhook comes; don't let them time out into a state that Approved can't change.",
			steps: []step{
				given("a payment whose webhook takes three days", approval(fields{"webhooks": fields{"delay": "3d"}})),
				start, notYetCredited, elapse("2d"), nothingCredited, elapse("2d"), credited,
			},
		},
		{
			ID: "before-answer", Points: 3, appliesTo: (*flow).immediate,
			Name:   "a webhook that arrives before the API's answer is credited, then or when it is sent again",
			Advice: "Store the order before the call and find it by merchantReference, or answer an unknown transaction with a 4xx or 5xx, so that it is sent again; never hold a lock during the call.",
			steps: []step{ // a merchant that does not know the transaction yet may refuse the first webhook
				given("a payment whose webhook arrives before the API's answer", approval(fields{"webhooks": fields{"order": "before-answer"}})),
				invalid(start), elapse("5m"), credited,
			},
		},
		{
			ID: "approved-after-declined", Points: 3, appliesTo: payInsOf("TRUST", "FORUMPAY"),
			Name:   "Approved after Declined is credited, where the provider can do that",
			Advice: "A declined card shows the form again (Trust), coins may arrive late (ForumPay): Declined is not final there.",
			steps: []step{
				given("a payment that is declined first and approved ten minutes later", fields{
					"shopper": shopper("decline", "2s"), "then": append(notifications("Declined"), fields{"status": "Approved", "after": "10m"}),
				}),
				start, notYetCredited, elapse("5m"), nothingCredited, elapse("10m"), credited,
			},
		},
		{
			ID: "stale-decline", Points: 3, appliesTo: payInsOf("TRUST"), Advice: advice,
			Name: "Declined of the first card that arrives after Approved of the second reverses nothing",
			steps: []step{
				given("a payment whose Approved arrives before the Declined of an earlier card", fields{
					"shopper": shopper("decline", "2s"), "then": append(notifications("Declined"), fields{"status": "Approved", "after": "40s"}),
					"webhooks": fields{"order": "reversed"},
				}),
				start, notYetCredited, elapse("5m"), credited,
			},
		},
	}
}
