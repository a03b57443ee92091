package console_test

import (
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"mime"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every page is there, empty and full, with the security headers.
func TestPages(t *testing.T) {
	t.Parallel()
	b := open(t)
	pages := []string{
		"/", "/payments", "/cashier", "/calls", "/deliveries", "/inbox", "/scenarios", "/new-scenario", "/scenarios/shopper-abandons",
		"/clock", "/companies", "/companies/" + b.company.ID, b.home() + "?reveal=true", "/ledger", "/ledger?psp=PAYONE&basis=assumed&q=phone",
		b.home() + "/psps/PAYONE", b.home() + "/psps/CLEO?reveal=true", "/payments?company=demo",
	}
	for _, full := range []bool{false, true} {
		if full {
			id := b.pay("PAYONE-PAYIN", "payer", "simulated")
			b.advance(time.Minute)
			pages = append(pages, "/payments/"+id, "/deliveries/"+id+"-1", "/payments?status=approved&psp=PAYONE&webhooks=done&q="+id)
		}
		for _, page := range pages {
			b.get(page).want(200)
			for name, want := range map[string]string{
				"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
				"Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
			} {
				if got := b.header.Get(name); !strings.Contains(got, want) {
					t.Errorf("%s: %s is %q, want %q", page, name, got, want)
				}
			}
			if b.one("title").text() == "" || len(b.page.all("nav-payments")) != 1 {
				t.Errorf("%s has no title or no navigation", page)
			}
		}
	}
}

func TestPolicyIsStrict(t *testing.T) {
	t.Parallel()
	b := open(t)
	got := b.get("/").want(200).header.Get("Content-Security-Policy")
	want := "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if got != want {
		t.Errorf("policy is %q, want %q", got, want)
	}
	links := regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(b.body, -1)
	if len(links) != 4 { // the icon twice
		t.Errorf("%d assets are asked for: %s", len(links), links)
	}
	for _, link := range links {
		plain := b.get(link[1]).want(200).body
		if kind := b.header.Get("Content-Type"); !strings.HasPrefix(kind, mime.TypeByExtension(path.Ext(link[1]))) || !strings.Contains(b.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %v", link[1], b.header)
		}
		packed, err := gzip.NewReader(strings.NewReader(b.get(link[1], "Accept-Encoding", "gzip").want(200).body))
		if err != nil {
			t.Fatalf("%s: %v", link[1], err)
		}
		if unpacked, err := io.ReadAll(packed); err != nil || string(unpacked) != plain {
			t.Errorf("%s differs when it is compressed: %v", link[1], err)
		}
	}
	b.get("/assets/nothing.js").want(404)
}

// An empty list shows the next step.
func TestEmptyStates(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/payments").has("empty", "No payments yet").click("empty-next").want(200).has("title", "Make a payment")
	b.get("/deliveries").has("empty", "No webhooks yet").click("empty-next").want(200)
	b.get("/inbox").has("empty", "Nothing yet").click("empty-next").want(200)
	b.get("/clock").has("empty", "No job is scheduled")
	b.get("/payments?q=nobody").has("empty", "No payment matches").click("empty-next").want(200)
	b.get("/scenarios?q=no+such+thing").has("empty", "No scenario").click("empty-next").want(200)
	b.get("/ledger?q=no+such+thing").has("empty", "No rule").click("empty-next").want(200)
}

// Browsers are told by a page that something does not exist, programs in JSON.
func TestNotFound(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, page := range []string{"/nowhere", "/payments/0123456789abcdef01234567", "/deliveries/x", "/companies/nobody", b.home() + "/psps/PAYTWO", "/scenarios/nobody", "/payments?company=nobody"} {
		b.get(page).want(404).has("title", "Not found")
	}
	b.get("/nowhere", "Accept", "*/*").want(404)
	if !strings.HasPrefix(b.header.Get("Content-Type"), "application/json") {
		t.Errorf("a program gets %s", b.header.Get("Content-Type"))
	}
	b.get("/payments?cursor=%20x").want(400).has("error", "breaks the contract").has("error-problem", "cursor must be")
	b.get("/payments?status=paid").want(400).has("error-problem", "status must be one of")
	b.do("GET", "/version", "", "Accept", "text/html").want(200)
}

// Everything that happens to a payment is shown, and can be done by hand.
func TestOnePayment(t *testing.T) {
	t.Parallel()
	b := open(t)
	id := b.pay("PAYONE-PAYIN")
	b.one("cashier-page")
	b.has("cashier-status", "200").has("cashier-answer", id)
	b.advance(10 * time.Minute) // the simulated shopper does nothing
	b.get("/payments/"+id).want(200).has("payment-status", "pending").has("call-request", `"baseamount": 35`).has("answer-status", "200")
	b.one("page-link")
	if got := kinds(b); got != "call plan moved page job" {
		t.Errorf("the timeline has %s", got)
	}
	b.click("decide-submit", "action", "approve", "reason", "").want(200).has("message", "Decided").has("payment-status", "approved")
	b.click("advance-next").want(200).has("message", "clock was advanced").has("delivery-state", "delivered").has("attempt-status", "200")
	b.has("attempt-headers", "User-Agent").has("delivery-body", `"transaction_status": "Approved"`)
	b.click("resend").want(200).has("message", "Sent again")
	b.click("advance-next").want(200)
	if got := len(b.page.all("attempt")); got != 2 {
		t.Errorf("%d attempts, want 2", got)
	}
	b.click("edit-resend-submit", "body", `{"edited": true}`).want(200)
	b.click("advance-next").want(200)
	b.get("/inbox").want(200).has("inbox-body", `"edited": true`)
	b.get("/payments/"+id).hasNo("decide-form", "decide-approve")
	b.get("/deliveries?state=delivered&payment=" + id).want(200)
	if got := len(b.page.all("delivery-row")); got != 3 {
		t.Errorf("%d deliveries, want 3", got)
	}
	b.has("delivery-row", "without a status").has("deliveries-rows", "Approved").has("delivery-row", "200")
	b.click("delivery-link").want(200).has("attempt-answer-body", "body").has("delivery-body", "edited").click("resend").want(200).has("delivery-state", "pending")
	b.click("cancel-delivery").want(200).has("delivery-state", "dropped")
}

func kinds(b *browser) string {
	var out []string
	for _, s := range b.page.all("step") {
		out = append(out, s.attr["data-kind"])
	}
	return strings.Join(out, " ")
}

// A form that fails is shown again with what was typed and why it failed.
func TestFormsThatFail(t *testing.T) {
	t.Parallel()
	b := open(t)
	id := b.pay("PAYONE-PAYIN")
	b.get("/payments/"+id).click("decide-submit", "action", "underpay", "reason", "kept reason").want(409).has("error", "can't end with underpay").has("decide-reason", "kept reason")
	b.get("/payments/"+id).click("decide-submit", "action", "dance").want(400).has("error-problem", "action must be one of")
	b.get("/payments/" + id).click("decide-decline").want(200)
	b.do("POST", "/payments/"+id+"/decide?company="+b.company.Name, "action=approve&_token="+b.token()).want(409).has("error", "final")

	b.get("/inbox").click("replies-submit", "replies", "500 x2\nnonsense").want(400).has("error", "line 2").has("replies", "nonsense")
	b.click("replies-submit", "replies", "999").want(400).has("error-problem", "replies.0.status")
	b.click("replies-submit", "replies", "500 x2\n200 after 3s\nhang up\n{\"status\": 404}").want(200).has("replies", "500 x2\n200 after 3s\nhang up\n404")
	b.click("replies-clear").want(200).has("replies-left", "It answers 200 at once")

	b.get("/clock").click("clock-set", "mode", "scaled", "factor", "many").want(400).has("error", "factor must be a number above 0").has("clock-factor", "many")
	b.click("clock-set", "mode", "scaled", "factor", "0").want(400).has("error", "factor must be a number above 0")
	b.click("clock-set", "mode", "scaled", "factor", "-1").want(400).has("error-problem", "factor must be at least")
	b.get("/clock").click("advance-submit", "by", "soon").want(400).has("error-problem", "by must be").has("advance-by", "soon")

	b.get("/cashier").click("cashier-submit", "payer", "scenario", "body", `{"kept": 1}`).want(400).has("error", "name the scenario").has("cashier-body", `"kept"`)
	b.get("/cashier").click("cashier-submit", "body", `{"broken`).want(200).has("cashier-status", "400").has("cashier-body", `{"broken`).hasNo("cashier-payment")
	b.get("/cashier").click("cashier-submit", "payer", "scenario", "scenario", "nobody").want(200).has("cashier-status", "400").has("cashier-answer", "nobody")
	b.get("/scenarios/shopper-abandons").click("run-submit", "flow", "NOBODY").want(400).has("error", "choose which payment")
}

func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	b := open(t)
	id := b.pay("PAYONE-PAYIN", "payer", "scenario", "scenario", "answer-lost")
	b.has("cashier-status", "connection was closed").get("/payments/"+id).has("payment-id", id)
	b.get("/cashier?scenario=psp-timeout").has("cashier-scenario", "psp-timeout").click("cashier-submit").want(200).has("cashier-status", "500").has("cashier-answer", "PSP_TIMEOUT")
	b.click("cashier-payment").want(200).has("payment-status", "failed")
	for scenario, status := range map[string]string{"answer-reset": "connection was closed", "answer-truncated": "connection was closed", "answer-empty": "200", "answer-garbage": "200", "answer-trickles": "200", "answer-hangs": "504", "bad-gateway": "502", "very-slow-answer": "200"} {
		b.pay("PAYONE-PAYIN", "payer", "scenario", "scenario", scenario)
		b.has("cashier-status", status)
	}
}

// Every flow has a valid example that makes a payment.
func TestEveryFlow(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/cashier").want(200)
	var flows []string
	b.page.each(func(n *node) {
		if flow, ok := strings.CutPrefix(n.attr["data-testid"], "flow-"); ok {
			flows = append(flows, flow)
		}
	})
	if len(flows) < 15 {
		t.Fatalf("flows are %v", flows)
	}
	for _, flow := range flows {
		b.get("/cashier?flow=" + flow).want(200)
		kinds := []string{}
		b.page.each(func(n *node) {
			if kind, ok := strings.CutPrefix(n.attr["data-testid"], "example-"); ok {
				kinds = append(kinds, kind)
			}
		})
		for i, kind := range kinds {
			if i > 0 {
				b.get("/cashier?flow=" + flow + "&example=" + kind).want(200)
			}
			b.click("cashier-submit").want(200)
			if got := b.one("cashier-status").text(); got != "200" {
				t.Errorf("%s %s is answered %s: %s", flow, kind, got, b.one("cashier-answer").text())
				continue
			}
			paged := len(b.page.all("cashier-payer-me")) > 0
			if paged != (len(b.page.all("cashier-page")) > 0) && kind != "frictionless" && kind != "declined" && kind != "full" {
				t.Errorf("%s %s: the hosted page is %v", flow, kind, paged)
			}
			if i == 0 {
				b.click("cashier-payment").want(200)
			}
		}
	}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	b := open(t)
	id := b.pay("GIGADAT-PAYOUT-ETO")
	b.get("/payments/"+id).has("payment-status", "awaiting approval").click("approve").want(200).has("message", "is approved").has("payment-status", "pending")
	id = b.pay("GIGADAT-PAYOUT-ACH")
	b.get("/payments/"+id).click("reject", "reason", "limit exceeded").want(200).has("message", "is rejected").has("payment-status", "declined")
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	b := open(t)
	first := b.pay("PAYONE-PAYIN", "payer", "simulated")
	second := b.pay("TRUST-PAYIN")
	b.advance(time.Minute)
	for query, want := range map[string]string{
		"": second + " " + first, "psp=PAYONE": first, "status=pending": second, "type=PAYOUT": "", "webhooks=done": first,
		"q=" + first: first, "q=" + second + "&psp=PAYONE": "", "q=player-71545": first,
	} {
		b.get("/payments?" + query).want(200)
		var got []string
		for _, row := range b.page.all("payment-row") {
			got = append(got, row.attr["data-key"])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s lists %v, want %s", query, got, want)
		}
	}
	session := b.get("/payments/" + first).one("payment-session").text()
	b.get("/payments?q=" + session).want(200)
	if rows := b.page.all("payment-row"); len(rows) != 1 || rows[0].attr["data-key"] != first {
		t.Error("a session finds nothing")
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	b := open(t)
	console := b.at
	body := b.get("/cashier").one("cashier-body").text()
	tokens, err := b.api.Tokens(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 51 {
		b.do("POST", tokens.URL, body, "Content-Type", "application/json",
			"Authorization", "Bearer "+tokens.Company, "X-User-Token", "Bearer "+tokens.User).want(200)
	}
	b.at = console
	b.get("/payments?psp=PAYONE").want(200)
	if got := len(b.page.all("payment-row")); got != 50 {
		t.Errorf("%d rows, want 50", got)
	}
	b.hasNo("first-page").click("next-page").want(200)
	if got := len(b.page.all("payment-row")); got != 1 || !strings.Contains(b.at.RawQuery, "psp=PAYONE") {
		t.Errorf("%d rows on the second page %s, want 1", got, b.at)
	}
	b.hasNo("next-page").click("first-page").want(200)
}

var update = flag.Bool("update", false, "write the golden files")

// The timeline, as a person reads it, of a payment whose first webhook fails.
func TestTimelineGolden(t *testing.T) {
	t.Parallel()
	b := start(t) // ids come from the company's seed
	b.get("/inbox").click("replies-submit", "replies", `500 body {"error": "busy"}`).want(200)
	id := b.pay("PAYONE-PAYIN", "payer", "scenario", "scenario", "payone-declined")
	b.advance(6 * time.Second)
	page := b.get("/payments/"+id).want(200).has("payment-webhook", "webhook retrying · attempt 1 failed · next in 9 s").page
	b.click("call-link").want(200).has("call-body", "PAYONE")
	port := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	took := regexp.MustCompile(`(, \d+ ms| after [\d.]+m?s)`)
	date := regexp.MustCompile(`Date[A-Z][a-z]{2}, .* GMT`)
	var out strings.Builder
	for _, part := range slices.Concat(page.all("sequence-text"), page.all("step"), page.all("jobs")) {
		fmt.Fprintf(&out, "[%s]\n", part.attr["data-kind"])
		for line := range strings.Lines(part.text()) {
			if line = strings.TrimSpace(line); line != "" {
				out.WriteString("  " + line + "\n")
			}
		}
	}
	got := date.ReplaceAllString(took.ReplaceAllString(port.ReplaceAllString(out.String(), "HOST"), ""), "Date…")
	const golden = "testdata/timeline.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Error(diff)
	}
}
