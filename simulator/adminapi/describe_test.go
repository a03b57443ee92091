package adminapi_test

import (
	"encoding/json"
	"testing"

	"mozartosim/simulator/adminapi"
)

func TestEventDescription(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, data, want string }{
		{"payment.opened", `{}`, "the merchant called"},
		{"payment.opened", `{"plan": {"scenario": "payone-declined"}}`, "the merchant called, and the scenario payone-declined applies"},
		{"payment.opened", `{"plan": {"scenario": "s"}, "leftOut": {"fields": 2, "bytes": 5000}}`,
			"the merchant called, and the scenario s applies; 2 unknown fields of 5000 bytes left out"},
		{"payment.moved", `{"status": "awaiting_approval", "by": "provider"}`, "it is awaiting approval"},
		{"payment.moved", `{"status": "declined", "raw": "51", "by": "admin", "message": "no funds"}`, "it is declined (51), by the admin: no funds"},
		{"payment.answered", `{"status": 200}`, "the merchant is answered 200"},
		{"payment.answered", `{"status": 200, "delayMs": 1500, "fault": "lost"}`, "the merchant is answered 200 after 1.5s, but the answer is lost on the way"},
		{"payment.answered", `{"status": 200, "fault": "truncated"}`, "the merchant is answered 200, but the answer fails: truncated"},
		{"payment.decided", `{"action": "decline", "reason": "51", "by": "page"}`, "a person on the hosted page decides: decline (51)"},
		{"payment.decided", `{"action": "approve", "by": "control"}`, "the admin API decides: approve"},
		{"payment.notified", `{"raw": "charged_back", "transactionStatus": "Declined", "status": "charged_back", "message": "why", "dropped": true}`,
			"notification charged_back (Declined), it is charged back: why; no webhook, on purpose"},
		{"page.opened", `{}`, "the hosted page is opened"},
		{"page.taken-over", `{}`, "a person on the hosted page takes over from the simulated shopper"},
		{"page.left", `{"result": "success", "to": "https://shop.example/done"}`, "the browser returns to the merchant: success, https://shop.example/done"},
		{"delivery.opened", `{"id": "6955b900-2", "url": "` + adminapi.InboxURL + `", "notification": 1, "copy": 2, "auth": "wrong"}`,
			"webhook 2 to the inbox, for notification 1, copy 2, Authorization wrong"},
		{"delivery.opened", `{"id": "6955b900-3", "url": "https://shop.example/hook", "resend": true}`, "webhook 3 to https://shop.example/hook, resent by hand"},
		{"delivery.attempted", `{"delivery": "6955b900-1", "n": 2, "status": 500, "tookMs": 12, "state": "retrying", "next": "2026-01-01T00:00:15Z"}`,
			"webhook 1, attempt 2: answered 500 after 12ms, retrying, next at 2026-01-01T00:00:15Z"},
		{"delivery.attempted", `{"delivery": "6955b900-1", "n": 1, "status": 200, "error": "the answer was cut off", "state": "exhausted"}`,
			"webhook 1, attempt 1: answered 200: the answer was cut off, exhausted"},
		{"delivery.attempted", `{"delivery": "6955b900-1", "n": 1, "error": "connection refused", "state": "retrying"}`, "webhook 1, attempt 1: connection refused, retrying"},
		{"delivery.cancelled", `{"delivery": "6955b900-1", "by": "control"}`, "webhook 1 was cancelled by the admin API"},
		{"payment.decided", `"not what it should be"`, "payment.decided"},
		{"of.tomorrow", `{}`, "of.tomorrow"},
	} {
		e := adminapi.Event{Kind: c.kind, Data: json.RawMessage(c.data)}
		if got := e.Description(); got != c.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.kind, c.data, got, c.want)
		}
	}
}

func TestJobDescription(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, data, want string }{
		{"decision", `{"action": "decline", "reason": "51", "by": "shopper"}`, "the shopper will decline (51)"},
		{"decision", `{"action": "approve", "by": "provider"}`, "the provider will approve"},
		{"expiry", ``, "the session expires"},
		{"notification", `{"raw": "confirmed", "status": "approved"}`, "notification confirmed"},
		{"attempt", `{"delivery": "6955b900-2"}`, "webhook 2 is attempted"},
		{"of-tomorrow", ``, "of-tomorrow"},
	} {
		job := adminapi.Job{Kind: c.kind, Data: json.RawMessage(c.data)}
		if got := job.Description(); got != c.want {
			t.Errorf("%s: %q, want %q", c.kind, got, c.want)
		}
	}
}
