package simulator

import (
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
)

// A Trust page lives for five minutes.
func TestAdvanceExpiresPage(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.Shopper = ManualShopper }).adminOf(t, "trust", nil)
	id := d.made("TrustPayInRequest")
	d.call("GET", d.at("/clock"), "").want(200).is("mode", "manual", "factor", "0", "now", "2026-06-01T12:00:00Z", "next", "2026-06-01T12:05:00Z", "waiting", "1")
	d.call("GET", d.at("/jobs"), "").want(200).is("jobs", "1", "jobs.0.kind", "expiry", "jobs.0.payment", id)
	d.call("POST", d.at("/clock/advance"), `{"by": "4m59s"}`).want(200).is("jobs", "0", "now", "2026-06-01T12:04:59Z")
	d.call("POST", d.at("/clock/advance"), `{"to": "2026-06-01T14:05:00+02:00"}`).want(200).
		is("jobs.0.kind", "expiry", "jobs.0.at", "2026-06-01T12:05:00Z", "jobs.0.payment", id, "now", "2026-06-01T12:05:00Z")
	d.call("GET", d.of("/v1/payments/"+id), "").want(200).is("status", "expired", "transactionStatus", "Declined", "decisions.0.action", "expire", "decisions.0.by", "clock")
	d.call("GET", d.at("/clock"), "").want(200).is("next", "", "waiting", "0")
}

func TestClock(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "clock", nil)
	clock := d.at("/clock")
	d.call("PUT", clock, `{"mode": "scaled", "factor": 60}`).want(200).is("mode", "scaled", "factor", "60")
	d.call("POST", clock+"/advance", `{"by": "1h"}`).fails(409, "the clock is scaled: set it to manual before you advance it")
	d.call("PUT", clock, `{"mode": "real"}`).want(200).is("mode", "real", "factor", "1")
	d.call("POST", clock+"/advance", `{"by": "1h"}`).fails(409, "the clock is real")
	d.call("PUT", clock, `{"mode": "manual"}`).want(200).is("mode", "manual")
	d.call("PUT", clock, `{"mode": "scaled"}`).fails(400, "factor must not be missing")
	d.call("PUT", clock, `{"mode": "manual", "factor": 2}`).fails(400, "factor must not be set unless mode is scaled")
	d.call("PUT", clock, `{"mode": "slow"}`).fails(400, "mode must be one of: real, scaled, manual")
	d.call("PUT", clock, `{"mode": "scaled", "factor": 0}`).fails(400, "factor must be at least 0.001")
	for body, says := range map[string]string{
		`{}`:                                   "exactly one of by, to, until and deliveries",
		`{"by": "1h", "until": "idle"}`:        "exactly one of by, to, until and deliveries",
		`{"by": "soon"}`:                       "by must be a duration with its unit",
		`{"by": "366d"}`:                       "by must be at most 365d",
		`{"to": "tomorrow"}`:                   "to must be a point of time",
		`{"to": "2026-13-01T12:00:00Z"}`:       "to must be a point of time",
		`{"until": "later"}`:                   "until must be one of: idle",
		`{"deliveries": 0}`:                    "deliveries must be at least 1",
		`{"steps": 1}`:                         "steps must not be set",
		`{"by": "1s", "to": null, "until": 1}`: "until must be one of: idle",
	} {
		d.call("POST", clock+"/advance", body).fails(400, says)
	}
	d.call("POST", clock+"/advance", `{"to": "2026-05-01T12:00:00Z"}`).fails(409, "can't go back to 2026-05-01T12:00:00Z")
	d.call("GET", "/v1/companies/nobody/clock", "").fails(404, "there is no company nobody")
}

func TestAdvanceUntil(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "until", nil)
	d.made("ForumpayPayInRequest") // three webhooks
	d.call("POST", d.at("/clock/advance"), `{"deliveries": 2}`).want(200)
	d.call("GET", d.of("/v1/inbox"), "").want(200).is("received", "2")
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	d.call("GET", d.of("/v1/inbox"), "").want(200).is("received", "3", "received.0.status", "200", "received.0.n", "1", "next", "")
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.Shopper = ManualShopper }).adminOf(t, "decisions", nil)
	id := d.made("PayonePayInRequest")
	decide := d.of("/v1/payments/" + id + "/decide")
	d.call("POST", decide, `{"action": "decline", "reason": "no money"}`).want(200).
		is("status", "declined", "decisions.0.action", "decline", "decisions.0.reason", "no money", "decisions.0.by", "control", "deliveries.0.state", "pending", "notifications.0.transactionStatus", "Declined")
	d.call("POST", decide, `{"action": "approve"}`).fails(409, "payment "+id+" is declined: its outcome is final")
	d.call("POST", decide, `{"action": "vanish"}`).fails(400, "action must be one of: approve, decline")
	d.call("POST", decide, `{}`).fails(400, "action must not be missing")
	d.call("POST", d.of("/v1/payments/665f1c2ab7e4d93a5c0f1a2d/decide"), `{"action": "approve"}`).fails(404, "company decisions has no payment 665f1c2ab7e4d93a5c0f1a2d")
	d.call("POST", d.of("/v1/payments/"+id+"/approve"), "").fails(409, "it does not wait for an approval")
}

func TestApproval(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, test := range []struct{ verb, body, status, raw, after string }{
		{"approve", "", "pending", "STATUS_SUCCESS", "approved"},
		{"reject", `{"reason": "unknown bank"}`, "declined", "STATUS_REJECTED", "declined"},
	} {
		d := h.adminOf(t, "gigadat-"+test.verb, nil)
		id := d.made("GigadatPayOutEtoRequest")
		path := d.of("/v1/payments/" + id)
		d.call("GET", path, "").want(200).is("status", "awaiting_approval")
		d.call("POST", d.of("/v1/payments/"+id+"/decide"), `{"action": "approve"}`).fails(409, "an admin must approve it first")
		d.call("POST", d.of("/v1/payments/"+id+"/"+test.verb), test.body).want(200).is("status", test.status)
		d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
		d.call("GET", path, "").want(200).is("status", test.after, "notifications.0.raw", test.raw, "deliveries.0.state", "delivered")
		d.call("POST", d.of("/v1/payments/"+id+"/"+test.verb), "").fails(409, "it does not wait for an approval")
	}
}

func TestResend(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "resend", nil)
	id := d.made("PayonePayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	first := d.call("GET", d.of("/v1/deliveries/"+id+"-1"), "").want(200).is("state", "delivered", "payment", id, "psp", "PAYONE", "attempts", "1")
	d.call("PUT", d.at("/inbox"), `{"replies": [{"status": 503}]}`).want(200)
	again := d.call("POST", d.of("/v1/deliveries/"+id+"-1/resend"), "").want(201).
		is("id", id+"-2", "state", "pending", "resend", "true", "body", first.at("body"), "due", "2026-06-01T12:00:02Z")
	d.call("GET", again.header.Get("Location"), "").want(200).is("id", id+"-2")
	d.call("POST", d.of("/v1/deliveries/"+id+"-1/resend"), `{"body": "{\"edited\":true}"}`).want(201).is("id", id+"-3", "body", `{"edited":true}`)
	d.call("POST", d.at("/clock/advance"), `{"by": "0s"}`).want(200).is("jobs", "2")
	d.call("GET", d.of("/v1/deliveries?payment="+id), "").want(200).
		is("deliveries", "3", "deliveries.0.id", id+"-3", "deliveries.0.state", "delivered", "deliveries.1.state", "exhausted", "deliveries.2.state", "delivered")
	d.call("GET", d.of("/v1/inbox"), "").want(200).is("received", "3", "received.0.body", `{"edited":true}`, "received.1.status", "503")
	for _, verb := range []string{"GET", "POST resend", "POST cancel"} {
		method, rest, _ := strings.Cut(verb, " ")
		for _, unknown := range []string{id + "-9", "665f1c2ab7e4d93a5c0f1a2d-1", "nonsense"} {
			path := d.of(strings.TrimSuffix("/v1/deliveries/"+unknown+"/"+rest, "/"))
			d.call(method, path, "").fails(404, "company resend has no delivery "+unknown)
		}
	}
	d.call("POST", d.of("/v1/deliveries/"+id+"-1/resend"), `{"url": "http://x"}`).fails(400, "url must not be set: known are body")
	d.call("POST", d.of("/v1/deliveries/"+id+"-1/cancel"), "").fails(409, "delivery "+id+"-1 is delivered: only a pending or retrying one can be cancelled")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "cancel", nil)
	id := d.made("PayonePayInRequest")
	d.call("PUT", d.at("/inbox"), `{"replies": [{"status": 500, "times": 9}]}`).want(200)
	d.call("POST", d.at("/clock/advance"), `{"deliveries": 2}`).want(200)
	d.call("GET", d.of("/v1/deliveries?state=retrying"), "").want(200).is("deliveries", "1", "deliveries.0.attempts", "2")
	d.call("POST", d.of("/v1/deliveries/"+id+"-1/cancel"), "").want(200).is("state", "dropped", "attempts", "2", "next", "")
	d.call("GET", d.at("/clock"), "").want(200).is("waiting", "0")
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200).is("jobs", "0")
	d.call("POST", d.of("/v1/deliveries/"+id+"-1/cancel"), "").fails(409, "is dropped")
	d.call("GET", d.of("/v1/deliveries?state=retrying"), "").want(200).is("deliveries", "0")
	d.call("GET", d.of("/v1/deliveries?state=dropped"), "").want(200).is("deliveries", "1")
}

func TestDeliveryPages(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "pages", nil)
	var made []string
	for range 3 {
		made = append([]string{d.made("ForumpayPayInRequest")}, made...)
		d.made("BritePayInRequest") // no webhooks
	}
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	var want []string
	for _, id := range made {
		want = append(want, id+"-3", id+"-2", id+"-1")
	}
	for _, limit := range []string{"1", "2", "3", "4", "9", "50"} {
		for _, list := range []string{"deliveries", "inbox"} {
			var got []string
			for cursor := ""; ; {
				page := d.call("GET", d.of("/v1/"+list+"?limit="+limit+"&cursor="+cursor), "").want(200)
				for _, key := range []string{"deliveries", "received"} {
					entries, _ := page.doc.Fields[key].([]any)
					for _, e := range entries {
						one := openapi.Document{Fields: e.(map[string]any)}
						got = append(got, one.Text("id")+one.Text("delivery"))
					}
				}
				if cursor = page.at("next"); cursor == "" {
					break
				}
			}
			if list == "deliveries" && strings.Join(got, " ") != strings.Join(want, " ") || len(got) != 9 {
				t.Errorf("%s in pages of %s: %v", list, limit, got)
			}
		}
	}
	d.call("GET", d.of("/v1/deliveries?payment="+made[0]+"&limit=2"), "").want(200).is("deliveries", "2", "deliveries.1.id", made[0]+"-2")
	d.call("GET", d.of("/v1/deliveries?payment=665f1c2ab7e4d93a5c0f1a2d"), "").fails(404, "has no payment")
	d.call("GET", d.of("/v1/deliveries?state=lost"), "").fails(400, "state must be one of: pending, retrying")
	d.call("GET", d.of("/v1/deliveries?cursor=Mg"), "").fails(400, "cursor must be what an earlier answer gave as next")
	d.call("GET", "/v1/deliveries?company=nobody", "").fails(404, "there is no company nobody")
}

func TestInboxProgram(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "inbox", nil)
	d.call("GET", d.at("/inbox"), "").want(200).is("replies", "0")
	d.call("PUT", d.at("/inbox"), `{"replies": [{"status": 500, "body": "no", "times": 2}, {"status": 200, "delay": "1.5s"}]}`).want(200).
		is("replies", "2", "replies.0.times", "2", "replies.1.delay", "1s500ms")
	id := d.made("PayonePayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"deliveries": 1}`).want(200)
	d.call("GET", d.at("/inbox"), "").want(200).is("replies", "2", "replies.0.times", "1")
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	d.call("GET", d.of("/v1/deliveries/"+id+"-1"), "").want(200).is("attempts", "3",
		"attempts.0.status", "500", "attempts.0.body", "no", "attempts.1.status", "500", "attempts.2.status", "200", "attempts.2.tookMs", "1500", "state", "delivered")
	d.call("GET", d.at("/inbox"), "").want(200).is("replies", "0")
	d.call("PUT", d.at("/inbox"), `{"replies": [{"hangUp": true}]}`).want(200)
	d.made("PayonePayInRequest")
	d.call("POST", d.at("/clock/advance"), `{"deliveries": 1}`).want(200)
	d.call("GET", d.of("/v1/inbox?limit=1"), "").want(200).is("received.0.error", "connection closed before an answer", "received.0.status", "")
	for body, says := range map[string]string{
		`{}`:                                   "replies must not be missing",
		`{"replies": [7]}`:                     "replies.0 must be an object",
		`{"replies": [{"status": 99}]}`:        "replies.0.status must be at least 200",
		`{"replies": [{}, {"delay": "366d"}]}`: "replies.1.delay must be at most 365d",
		`{"replies": [{"delay": 5}]}`:          "replies.0.delay must be",
		`{"replies": [{"sleep": "5s"}]}`:       "replies.0.sleep must not be set",
	} {
		d.call("PUT", d.at("/inbox"), body).fails(400, says)
	}
}

// Two companies of one process don't meet.
func TestSandboxesAreApart(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	one, two := h.adminOf(t, "one", nil), h.adminOf(t, "two", func(c *backoffice.Company) { c.Credentials.APIKey = "two" })
	id := one.made("PayonePayInRequest")
	one.call("POST", one.at("/clock/advance"), `{"until": "idle"}`).want(200)
	one.call("PUT", one.at("/outages/PAYONE"), `{"kind": "down"}`).want(200)
	two.call("GET", two.at("/clock"), "").want(200).is("now", "2026-06-01T12:00:00Z")
	two.call("GET", two.of("/v1/payments/"+id), "").fails(404, "company two has no payment")
	two.call("GET", two.of("/v1/inbox"), "").want(200).is("received", "0")
	two.call("GET", two.at("/outages"), "").want(200).is("outages", "0")
	two.call("POST", two.of("/v1/deliveries/"+id+"-1/resend"), "").fails(404, "company two has no delivery")
}
