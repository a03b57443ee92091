package certify

func resilienceChecks() []check {
	const findIt = "Store the order before the call; when the call fails leave it pending, and let the webhook find it by merchantReference."
	return []check{
		{
			id: "slow-answer", capability: resilience, points: 1, once: true, run: slowAnswer,
			name:   "an answer that takes its time is waited for, and the payment credited once",
			advice: "Give the call more time than providers take, and store the order before it.",
		},
		{
			id: "answer-lost", capability: resilience, points: 3, fits: canOvertake, run: answerLost, advice: findIt,
			name: "a payment whose API answer was lost is credited when its webhook comes",
		},
		{
			id: "timeout-but-paid", capability: resilience, points: 3, fits: canOvertake, run: timeoutButPaid, advice: findIt,
			name: "a payment whose call ended in PSP_TIMEOUT is credited when its webhook comes after all",
		},
		{
			id: "cashier-fails", capability: resilience, points: 3, fits: isOpen, run: cashierFails,
			name:   "a call that fails credits nothing, and the shop's hook answers all the same",
			advice: "Tell the shopper that it did not work; credit nothing.",
		},
		{
			id: "retry-credits-once", capability: resilience, points: 3, fits: canOvertake, run: retryCreditsOnce,
			name:   "a payment that is started again behind a 500 is credited once",
			advice: "A retry makes a second transaction: keep both transactionIds with the order, and credit the order once.",
		},
	}
}

func slowAnswer(t *trial) {
	if t.config.Merchant.Start.Wait > 0 {
		t.step("Given", "a hook to be called", func() (string, error) { return "", &absent{"the merchant has no start hook"} })
	}
	t.arrange("a cashier that takes "+t.config.Limits.SlowAnswer.String(), approval(map[string]any{
		"answer": map[string]any{"delay": t.config.Limits.SlowAnswer.String()}, "shopper": map[string]any{"action": "approve", "after": "1h"},
	}))
	t.setClock("the simulator's clock runs as any other", "real") // a manual clock holds nobody back
	t.patience = t.config.Limits.SlowAnswer
	t.start()
	t.patience = 0
	t.setClock("the simulator's clock stands still again", "manual")
	t.notYet()
	t.passes("2h")
	t.credited()
}

func (t *trial) setClock(text, mode string) {
	was := t.over
	t.over = t.over && mode != "manual" // it must stand again, whatever went wrong
	t.step("And", text, func() (string, error) {
		if err := t.control.setClock(t.ctx, clockState{Mode: mode}); err != nil {
			return "", &broken{err}
		}
		return "", nil
	})
	t.over = t.over || was
}

func answerLost(t *trial) {
	t.arrange("a payment whose answer is lost", approval(map[string]any{"answer": map[string]any{"fault": "lost"}}))
	t.startOddly()
	t.notYet()
	t.passes("1m")
	t.credited()
}

func timeoutButPaid(t *trial) {
	t.arrange("a payment whose call ends in PSP_TIMEOUT and that goes through all the same", map[string]any{
		"answer": map[string]any{"error": "PSP_TIMEOUT"}, "then": []any{map[string]any{"status": "Approved", "after": "20s"}},
	})
	t.startOddly()
	t.notYet()
	t.passes("1m")
	t.credited()
}

// failing is a call that ends in the vendor's 500, and of which nothing more is heard.
func failing() map[string]any {
	const body = `{"status":"error","message":"Internal server error","isSuccess":false,"data":"Something went wrong"}`
	return map[string]any{
		"answer": map[string]any{"http": map[string]any{"status": 500, "body": body}}, "shopper": map[string]any{"action": "abandon"}, "then": []any{},
	}
}

func cashierFails(t *trial) {
	t.arrange("a cashier that answers 500", failing())
	t.startOddly()
	t.step("And", "the hook answers", func() (string, error) {
		if t.config.Merchant.Start.Wait == 0 && t.hook.status == 0 {
			return "", &unexpected{"an answer of the hook", "none"}
		}
		return "", nil
	})
	t.nothing()
}

func retryCreditsOnce(t *trial) {
	if t.config.Merchant.Start.Wait > 0 {
		t.step("Given", "a hook to be called", func() (string, error) { return "", &absent{"the merchant has no start hook"} })
	}
	t.arrange("a cashier that answers 500", failing())
	t.startOddly()
	t.notYet()
	t.arrange("and then works", approval(nil))
	t.start()
	t.passes("1m")
	t.credited()
}
