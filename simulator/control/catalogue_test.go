package control

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/journal"
)

func TestProviders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := b.call("GET", "/v1/providers", "").want(200).list("providers")
	var codes []string
	flows := 0
	for _, p := range list {
		codes = append(codes, p.Text("psp"))
		flows += len(p.Fields["flows"].([]any))
		deeds, _ := p.Fields["actions"].([]any)
		underpays := false
		for _, d := range deeds {
			underpays = underpays || d == "underpay"
		}
		if underpays != (p.Text("psp") == "FORUMPAY") {
			t.Errorf("%s can be underpaid: %v", p.Text("psp"), underpays)
		}
		if fields, _ := p.Fields["configuration"].([]any); len(fields) < 3 {
			t.Errorf("%s has %d fields to configure", p.Text("psp"), len(fields))
		}
	}
	if got, want := strings.Join(codes, " "), strings.Join(contracts().Cashier.PSPs(), " "); got != want {
		t.Errorf("providers %s, want %s", got, want)
	}
	if want := len(contracts().Cashier.Operations()); flows != want {
		t.Errorf("%d flows, want %d", flows, want)
	}
}

// Every example holds, and its numbers are as they were written.
func TestExamples(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range contracts().Cashier.Operations() {
		path := "/v1/examples?psp=" + op.PSP + "&type=" + op.Type + "&variant=" + op.Variant
		got := b.call("GET", path, "").want(200)
		list := got.list("examples")
		if len(list) < 3 || list[0].Text("kind") != "minimal" || list[1].Text("kind") != "full" || list[len(list)-1].Text("kind") != "generated" {
			t.Errorf("%s: %s", path, got.text)
		}
		for _, e := range list {
			if err := op.Validate(openapi.Document{Fields: e.Object("request")}); err != nil {
				t.Errorf("%s: %s: %v", path, e.Text("name"), err)
			}
		}
		if again := b.call("GET", path, "").text; again != got.text {
			t.Errorf("%s is another one the second time", path)
		}
		if other := b.call("GET", path+"&seed=2", "").text; other == got.text {
			t.Errorf("%s knows one generated request only", path)
		}
	}
	if got := b.call("GET", "/v1/examples?psp=GIGADAT&type=PAYIN", "").text; !strings.Contains(got, `.00,`) {
		t.Error("Gigadat's two decimals are lost")
	}
	b.call("GET", "/v1/examples?psp=BRITE&type=PAYOUT", "").fails(404, "not_found", "there is no BRITE PAYOUT")
	b.call("GET", "/v1/examples?psp=PAYONE&type=PAYIN&variant=ACH", "").fails(404, "not_found")
	b.call("GET", "/v1/examples", "").fails(400, "invalid", "psp must not be missing")
	b.call("GET", "/v1/examples?psp=PAYONE", "").fails(400, "invalid", "type must not be missing")
	b.call("GET", "/v1/examples?psp=PAYTWO&type=PAYIN", "").fails(400, "invalid", "psp must be one of")
	b.call("GET", "/v1/examples?psp=PAYONE&type=PAYIN&seed=-1", "").fails(400, "invalid", "seed must be at least 0")
}

func TestLedger(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := b.call("GET", "/v1/ledger", "").want(200)
	if got, want := len(all.list("entries")), len(contracts().Cashier.Ledger()); got != want {
		t.Errorf("%d rules, want %d", got, want)
	}
	assumed := b.call("GET", "/v1/ledger?basis=assumed", "").want(200)
	for _, e := range assumed.list("entries") {
		if e.Text("provenance.basis") != "assumed" {
			t.Errorf("%s is %s", e.Text("rule"), e.Text("provenance.basis"))
		}
	}
	if assumed.doc.Text("counts.assumed") != all.doc.Text("counts.assumed") {
		t.Error("the counts are not of the whole contract")
	}
	found := b.call("GET", "/v1/ledger?psp=PAYONE&q=PHONE", "").want(200).list("entries")
	if len(found) == 0 {
		t.Error("nothing is found of Payone's phone")
	}
	for _, e := range found {
		if !strings.Contains(strings.ToLower(e.Text("rule")), "payone") {
			t.Errorf("%s is not Payone's", e.Text("rule"))
		}
	}
	b.call("GET", "/v1/ledger?basis=guessed", "").fails(400, "invalid", "basis must be one of: documented, provider, assumed")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.Base.Set("http://sim.example") })
	path := "/v1/companies/demo/tokens"
	first := b.call("POST", path, "").want(200).is("url", "http://sim.example/v1/api/mozarto/cashier")
	if again := b.call("POST", path, "{}").want(200); again.text != first.text {
		t.Error("the tokens are others each time")
	}
	b.call("POST", path, `{"userId": "nobody"}`).fails(400, "invalid", "userId must be one of the company's users")
	b.call("POST", path, `{"user": "x"}`).fails(400, "invalid", "user must not be set")
	b.create(`{"name": "two", "users": [{"userId": "u-1"}, {"userId": "u-2"}]}`)
	one := b.call("POST", "/v1/companies/two/tokens", "").want(200)
	two := b.call("POST", "/v1/companies/two/tokens", `{"userId": "u-2"}`).want(200)
	if one.doc.Text("user") == two.doc.Text("user") || one.doc.Text("company") != two.doc.Text("company") {
		t.Error("the tokens are not the user's")
	}
	b.call("POST", "/v1/companies/two/tokens", `{"userId": "u-3"}`).fails(400, "invalid", "use one of u-1, u-2")
	b.call("POST", "/v1/companies/nobody/tokens", "").fails(404, "not_found")
}

func TestCheckScenario(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/v1/companies/demo/scenarios/check"
	held := b.call("POST", path, `{"yaml": "name: a\nmatch: {psp: PAYONE}\n---\nname: b\nshopper: {action: decline}\n"}`).want(200).is("valid", "")
	if got := held.list("scenarios"); held.doc.Fields["valid"] != true || len(got) != 2 || got[1].Text("name") != "b" {
		t.Errorf("checked: %s", held.text)
	}
	if got := b.call("POST", path, `{"yaml": "shopper: {action: decline}", "name": "called"}`).want(200).list("scenarios"); len(got) != 1 || got[0].Text("name") != "called" {
		t.Errorf("the name is %v", got)
	}
	for text, line := range map[string]string{
		`{"yaml": "name: a\nshopper:\n  action: dance\n"}`:      "3",
		`{"yaml": "name: a\nanswer: ["}`:                        "2",
		`{"yaml": ""}`:                                          "1",
		`{"yaml": "shopper: {action: decline}"}`:                "1",
		`{"yaml": "{shopper: {action: decline}}", "name": "x"}`: "1",
	} {
		broken := b.call("POST", path, text).want(200)
		problems := broken.list("problems")
		if broken.doc.Fields["valid"] != false || len(problems) == 0 || problems[0].Text("line") != line {
			t.Errorf("%s: %s", text, broken.text)
		}
	}
	warned := b.call("POST", path, `{"yaml": "name: a\nmatch: {psp: PAYONE}\nwebhooks: {copies: [{}, {auth: old}]}"}`).want(200)
	if got, _ := warned.doc.Fields["warnings"].([]any); len(got) != 1 || !strings.HasPrefix(fmt.Sprint(got[0]), "a sets auth, but the webhooks of PAYONE carry no secret") {
		t.Errorf("warned: %s", warned.text)
	}
	b.call("POST", path, `{}`).fails(400, "invalid", "yaml must not be missing")
	b.call("POST", "/v1/companies/nobody/scenarios/check", `{"yaml": ""}`).fails(404, "not_found")
}

// A scenario may have any name, also that of the path at which scenarios are checked.
func TestScenarioNamedCheck(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/v1/companies/demo/scenarios/check"
	b.call("GET", path, "").fails(404, "not_found", `there is no scenario "check"`)
	b.call("PUT", path, `{"match": {"psp": "PAYONE"}, "answer": {"reason": "no"}}`).want(200).is("name", "check")
	b.call("GET", path, "").want(200).is("name", "check")
	if got := b.call("POST", path, `{"yaml": "name: a"}`).want(200).list("scenarios"); len(got) != 1 || got[0].Text("name") != "a" {
		t.Errorf("checked: %v", got)
	}
	b.call("DELETE", path, "").want(200).is("deleted", "check")
}

func TestSearchPayments(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fill(b)
	for _, test := range []struct{ query, want string }{
		{"q=665f1c2ab7e4d93a5c0f1a02", "02"},
		{"q=665f1c2ab7e4d93a5c0f1a02&psp=CLEO", ""},
		{"q=665f1c2ab7e4d93a5c0f1a99", ""}, // another company's
		{"q=session-of-03", "03"},
		{"q=session-of-99", ""},
		{"q=order-04", "04"},
		{"q=user-2", "05 03 01"},
		{"q=user-2&status=pending", "03 01"},
		{"q=user-2&limit=2", "05 03"},
		{"q=nothing", ""},
		{"q=4d93A5C0f1a02", "02"}, // the end of an id
		{"q=4d93a5c0f1a02&psp=CLEO", ""},
		{"q=1a02", "02"},                    // a part of it
		{"q=DER-0", "06 05 04 03 02 01 00"}, // of a reference
		{"q=ser-2", "05 03 01"},             // of a user
		{"q=ser-2&limit=2", "05 03"},
		{"q=ser-2&status=pending", "03 01"},
		{"q=100.00&limit=2", "06 05"}, // an amount, however it is written
		{"q=1e2&limit=2", "06 05"},
		{"q=100.001", ""},
		{"webhooks=open", ""},
	} {
		if got := references(b.call("GET", "/v1/payments?"+test.query, "")); got != test.want {
			t.Errorf("%s lists %q, want %q", test.query, got, test.want)
		}
	}
	page := b.call("GET", "/v1/payments?q=user-2&limit=2", "")
	if got := references(b.call("GET", "/v1/payments?q=user-2&limit=2&cursor="+page.doc.Text("next"), "")); got != "01" {
		t.Errorf("the second page lists %q", got)
	}
}

func TestDueOfOnePayment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, stream := range []string{"665f1c2ab7e4d93a5c0f1a01", "665f1c2ab7e4d93a5c0f1a02"} {
		work := journal.Append{Company: b.demo.ID, Stream: stream, Entries: []journal.Entry{{At: noon, Kind: "k", Data: []byte("{}")}}}
		for _, kind := range []string{"decision", "expiry", "notification"} {
			work.Jobs = append(work.Jobs, journal.Job{ID: stream + "/" + kind, At: noon.Add(time.Second), Kind: kind})
		}
		if err := b.journal.Append(t.Context(), work); err != nil {
			t.Fatal(err)
		}
	}
	if claimed, err := b.journal.Claim(t.Context(), b.demo.ID, journal.ClaimQuery{Until: noon.Add(time.Second), Stream: "665f1c2ab7e4d93a5c0f1a01"}); err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	all := b.call("GET", "/v1/companies/demo/jobs?payment=665f1c2ab7e4d93a5c0f1a01", "").want(200)
	if got := len(all.list("jobs")); got != 3 {
		t.Errorf("%d things are due", got)
	}
	for _, claimed := range []string{`"state":"claimed"`, `"holder":"` + journal.ThisProcess() + `"`} {
		if strings.Count(all.text, claimed) != 1 {
			t.Errorf("one job is claimed: %s", all.text)
		}
	}
	if got := len(b.call("GET", "/v1/companies/demo/jobs?limit=2&payment=665f1c2ab7e4d93a5c0f1a01", "").want(200).list("jobs")); got != 2 {
		t.Errorf("%d things are due, want 2 at most", got)
	}
}

// loggedIn knows one cookie.
type loggedIn struct{}

func (loggedIn) Known(r *http.Request) bool {
	cookie, err := r.Cookie("session")
	return err == nil && cookie.Value == "good"
}

// A login lets a page look, and do nothing.
func TestLoginLooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.Token, c.Sessions = "correct-horse", loggedIn{} })
	b.call("GET", "/v1/companies", "", "Cookie", "session=good").want(200)
	b.call("GET", "/v1/companies", "", "Cookie", "session=good", "Sec-Fetch-Site", "same-origin").want(200)
	b.call("GET", "/v1/companies", "", "Cookie", "session=good", "Origin", b.URL).want(200)
	b.call("GET", "/v1/companies", "", "Cookie", "session=bad").fails(401, "unauthorized")
	b.call("GET", "/v1/companies", "", "Cookie", "session=good", "Sec-Fetch-Site", "cross-site").fails(401, "unauthorized")
	b.call("GET", "/v1/companies", "", "Cookie", "session=good", "Sec-Fetch-Site", "same-site").fails(401, "unauthorized")
	b.call("GET", "/v1/companies", "", "Cookie", "session=good", "Origin", "https://evil.example").fails(401, "unauthorized")
	b.call("GET", "/v1/companies", "", "Cookie", "session=good", "Authorization", "Bearer wrong").fails(401, "unauthorized")
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		b.call(method, "/v1/companies/demo", "{}", "Cookie", "session=good").fails(401, "unauthorized")
	}
	b.call("POST", "/v1/companies", `{"name": "x"}`, "Cookie", "session=good", "Authorization", "Bearer correct-horse").want(201)
}

func TestDoor(t *testing.T) {
	t.Parallel()
	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	status := func(door http.Handler, host, origin string) int {
		r := httptest.NewRequest(http.MethodGet, "http://"+host+"/payments", nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return w.Code
	}
	open, locked := Door(Config{Hosts: []string{"sim.internal"}}, pages), Door(Config{Token: "t"}, pages)
	for _, host := range []string{"localhost:8081", "127.0.0.1", "sim.internal:1"} {
		if got := status(open, host, ""); got != http.StatusTeapot {
			t.Errorf("%s: %d", host, got)
		}
	}
	if got := status(open, "evil.example", ""); got != http.StatusForbidden {
		t.Errorf("another host: %d", got)
	}
	if got := status(open, "localhost", "https://evil.example"); got != http.StatusForbidden {
		t.Errorf("another origin: %d", got)
	}
	if got := status(locked, "anywhere.example", ""); got != http.StatusTeapot {
		t.Errorf("with a token: %d", got)
	}
}
