package refusal

// Advice says to people and agents what usually helps when a stage has refused a call; "" for a stage that is not known. What stands
// between backquotes is code.
func Advice(stage string) string {
	return map[string]string{
		"read":     "The Cashier API is one address: POST one JSON object to `/v1/api/mozarto/cashier`, as application/json.",
		"identify": "Send the tokens of a company of this simulator: its page under Companies in the console and `mozartosim token` mint them.",
		"validate": "Compare the body with an example.",
		"route":    "The company needs a PSP configuration of the provider and a rule for it, both complete and active.",
		"judge":    "The body has the right form, but what it says is not allowed: the reason names the field.",
		"plan":     "A scenario or an outage decides here: the lists of scenarios and outages show which are in force.",
		"answer":   "The provider refused it. Test data, a scenario or an outage may have asked for that: the payment's timeline says so.",
		"page":     "The shopper's browser came to a hosted page that is not there: pages go when payments are reset or dropped.",
		"replay":   "No recording answers this call: it must be like one that was recorded.",
	}[stage]
}
