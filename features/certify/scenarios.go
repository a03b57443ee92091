package certify

import (
	"context"
	"maps"
)

// scenarios are what the simulator shall do to the next payment, by the steps that say so.
func scenarios(slowAnswer string) map[string]fields {
	// A call that is answered with the vendor's 500, and of which no webhook comes.
	failing := fields{
		"answer": fields{"http": fields{
			"status": 500, "body": `{"status":"error","message":"Internal server error","isSuccess":false,"data":"Something went wrong"}`,
		}},
		"shopper": fields{"action": "abandon"}, "then": []any{},
	}
	return map[string]fields{
		"a shopper who approves":                   approval(nil),
		"a shopper who approves after two seconds": {"shopper": shopper("approve", "2s")},
		"a shopper who takes an hour":              approval(fields{"shopper": shopper("approve", "1h")}),
		"a shopper who does nothing":               {"shopper": fields{"action": "abandon"}},
		"a shopper who cancels":                    {"shopper": shopper("cancel", "2s")},
		"a shopper who pays too little":            {"shopper": shopper("underpay", "3m")},
		"a shopper who pays too little, and the rest five minutes later": approval(fields{"then": []any{
			fields{"status": "Pending", "raw": "underpayment"},
			fields{"status": "Pending", "raw": "zero_confirmed", "after": "5m"},
			fields{"status": "Approved", "raw": "confirmed", "after": "15m"},
		}}),
		"a shopper who is back before the webhook": {
			"shopper": shopper("return-first", "10s"), "then": notifications("Approved"), "webhooks": fields{"delay": "1h"},
		},
		"a voucher that is refused": {"answer": fields{"voucher": "INVALID_PIN"}},

		"a payment that is approved": approval(nil),
		"and then works":             approval(nil),
		"a payment that is declined": {"shopper": shopper("decline", "2s"), "then": notifications("Declined")},
		"a payment that is declined first and approved ten minutes later": {
			"shopper": shopper("decline", "2s"), "then": append(notifications("Declined"), fields{"status": "Approved", "after": "10m"}),
		},
		"a payment of which Pending is reported ten minutes before Approved": approval(fields{
			"then": append(notifications("Pending"), fields{"status": "Approved", "after": "10m"}),
		}),
		"a payment whose Approved arrives before its Pending": approval(fields{
			"then": append(notifications("Pending"), fields{"status": "Approved", "after": "5s"}), "webhooks": fields{"order": "reversed"},
		}),
		"a payment whose Approved arrives before the Declined of an earlier card": {
			"shopper": shopper("decline", "2s"), "then": append(notifications("Declined"), fields{"status": "Approved", "after": "40s"}),
			"webhooks": fields{"order": "reversed"},
		},
		"a payment whose webhook is sent twice":                      webhooks(fields{"copies": 2}),
		"a payment whose webhook takes an hour":                      webhooks(fields{"delay": "1h"}),
		"a payment whose webhook takes three days":                   webhooks(fields{"delay": "3d"}),
		"a payment whose webhook arrives before the API's answer":    webhooks(fields{"order": "before-answer"}),
		"a payment that has a webhook with a wrong secret":           webhooks(fields{"auth": "wrong", "delay": "1m"}),
		"a payment that has a webhook without a secret":              webhooks(fields{"auth": "missing", "delay": "1m"}),
		"a payment that has a webhook with another company's secret": webhooks(fields{"auth": "other-company", "delay": "1m"}),
		"a payment whose answer is lost":                             approval(fields{"answer": fields{"fault": "lost"}}),
		"a payment whose call ends in PSP_TIMEOUT but that is approved": {
			"answer": fields{"error": "PSP_TIMEOUT"}, "then": []any{fields{"status": "Approved", "after": "20s"}},
		},

		"a cashier that takes <slowAnswer>": approval(fields{"answer": fields{"delay": slowAnswer}, "shopper": shopper("approve", "1h")}),
		"a cashier that answers 500":        failing,
	}
}

// shopper is a shopper action after some time.
func shopper(action, after string) fields { return fields{"action": action, "after": after} }

// notifications are what the provider sends, without delay.
func notifications(status string) []any { return []any{fields{"status": status}} }

// approval is a scenario in which the shopper approves after two seconds and the provider sends Approved, with changes.
func approval(changes fields) fields {
	s := fields{"shopper": shopper("approve", "2s"), "then": notifications("Approved")}
	maps.Copy(s, changes)
	return s
}

// webhooks is an approval whose webhooks are sent in some way.
func webhooks(how fields) fields { return approval(fields{"webhooks": how}) }

// given lets a scenario of the simulator decide the flow's next payment.
func given(scenario fields) step {
	return func(ctx context.Context, r *checkRun) (string, error) {
		decided := maps.Clone(scenario)
		decided["match"] = fields{"psp": r.flow.PSP, "type": r.flow.Type}
		if !r.flow.webhooks() {
			delete(decided, "then")
			delete(decided, "webhooks")
		}
		answer, answers := scenario["answer"].(fields) // other than the vendor's, unless it is only slow
		r.mayFail = answers && answer["delay"] == nil
		return "", r.override(ctx, decided)
	}
}
