package drift_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/observe"
	"mozartosim/features/target"
	"mozartosim/openapi/observed"
)

// learnedFrom is the file that is learned from runs, as it is written and read again.
func learnedFrom(t *testing.T, simulated *evidence.Run, known observed.File, runs ...*evidence.Run) (observe.Learned, string) {
	t.Helper()
	codec, err := observed.NewCodec(contract(t))
	if err != nil {
		t.Fatal(err)
	}
	learned := observe.Learn(simulated, runs, known, nil, contract(t))
	text, err := codec.Write(learned.File)
	if err != nil {
		t.Fatal(err)
	}
	if learned.File, err = codec.Read("observed.yaml", text); err != nil {
		t.Fatalf("what was learned is no observations file: %v\n%s", err, text)
	}
	return learned, string(text)
}

// needPerson are the deviations that no observation is made of, and why only a person can decide what to make of them.
func needPerson() map[string]string {
	const shape = "an observation says what is different of fields; a body of another shape is another contract"
	return map[string]string{
		"flat instead of nested":            shape,
		"a page instead of JSON":            shape,
		"a form instead of JSON":            shape,
		"a form with all fields":            shape,
		"wrapped in an event":               shape,
		"another authorization of webhooks": "evidence is masked: how the secret is written in the header is not in it",
		"another retry schedule":            "the scenario stops at the attempt that does not come, so the run has too few to know when the others would",
		"refused what was accepted":         "the refusal does not say which countries would be accepted",
	}
}

// learns checks that a deviation is learned: the file says it under its rule, and learning again gives the same bytes.
func learns(t *testing.T, d deviation, simulated, seen *evidence.Run) (text string, decided bool) {
	t.Helper()
	learned, text := learnedFrom(t, simulated, observed.File{}, seen)
	if again, same := learnedFrom(t, simulated, learned.File, seen); same != text || len(again.Contradictions) > 0 {
		t.Errorf("learning again gives another file: %s\n%s\nafter\n%s", again.Contradictions, same, text)
	}
	decided = len(learned.File.Observations) > 0 && len(learned.Undecided) == 0
	if len(d.wants) > 0 && decided == (needPerson()[d.name] != "") {
		t.Errorf("learned %s\nundecided: %s", text, strings.Join(learned.Undecided, "\n"))
	}
	if len(d.wants) == 0 && len(learned.File.Observations) > 0 {
		t.Errorf("learned from one that does not deviate:\n%s", text)
	}
	return text, decided
}

// notReproduced are the deviations that are learned, and whose simulator still shows a difference, and why only a person can decide
// about that one.
func notReproduced() map[string]string {
	return map[string]string{
		"the second webhook missing": "what a scenario's script says that is notified stays so, and a real target takes no scripts: the payments " +
			"that end otherwise are learned",
	}
}

// notPassed are the deviations whose target passes scenarios that the simulator which has learned from it fails, and why.
func notPassed() map[string]string {
	return map[string]string{
		"another field is required": "the simulator behind the stand-in has the payments that the stand-in refuses, so steps that ask it about one pass",
	}
}

// reproduces checks that a simulator with what was learned from a deviating target differs from it in nothing, and passes what it passes.
func reproduces(t *testing.T, d deviation, text string, seen *evidence.Run, names string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "observed.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	learned, err := target.Simulator("test", file)
	if err != nil {
		t.Fatal(err)
	}
	after := run(t, learned, names)
	passesToo(t, d, seen, after)
	r := onThisMachine(after, seen, contract(t))
	if reproduced := len(r.Findings) == 0; reproduced == (notReproduced()[d.name] != "") {
		t.Errorf("reproduced: %v, with\n%s", reproduced, text)
		noDifference(t, r)
	}
}

// passesToo checks that each scenario that a target passes passes on the simulator that has learned from it.
func passesToo(t *testing.T, d deviation, seen, learned *evidence.Run) {
	t.Helper()
	after := map[string]evidence.Scenario{}
	for _, f := range learned.Features {
		for _, s := range f.Scenarios {
			after[s.ID] = s
		}
	}
	var not []string
	for _, f := range seen.Features {
		for _, s := range f.Scenarios {
			if now := after[s.ID]; s.Status == evidence.Passed && now.Status != evidence.Passed {
				not = append(not, fmt.Sprintf("%s is %s on the simulator: %s", s.ID, now.Status, now.Reason))
			}
		}
	}
	if passed := len(not) == 0; passed == (notPassed()[d.name] != "") {
		t.Errorf("what passes on the target passes: %v\n%s", passed, strings.Join(not, "\n"))
	}
}

// A schedule of retries is learned from the attempt that failed on: its first interval is what passed until the first retry.
func TestLearnedRetries(t *testing.T) {
	t.Parallel()
	failing := func(recording *evidence.Run, after ...time.Duration) *evidence.Run {
		s := &recording.Features[0].Scenarios[0]
		first := &s.Webhooks[0]
		first.Answered = 500
		for i, at := range after {
			again := *first
			again.N, again.After, again.Duplicate = first.N+i+1, first.After+evidence.Span(at), true
			s.Webhooks = append(s.Webhooks, again)
		}
		return recording
	}
	before := failing(simulated(t, "PAYONE"), 10*time.Second, 40*time.Second, 160*time.Second)
	learned, text := learnedFrom(t, before, observed.File{}, failing(undeviating(t, "PAYONE"), 5*time.Second, 25*time.Second, 70*time.Second))
	if o := learned.File.Observations; len(o) != 1 || o[0].Rule != "webhook-retries" || !slices.Equal(o[0].Retries, []string{"5s", "20s", "45s"}) {
		t.Errorf("learned %s\nundecided: %q", text, learned.Undecided)
	}
}

// Pay-ins and pay-outs of one provider are learned apart, though their webhooks have one rule.
func TestLearnedNotificationsOfEachFlow(t *testing.T) {
	t.Parallel()
	more := deviation{psp: "PAYONE", webhook: func(n *webhook) []webhook {
		before := *n
		before.body = maps.Clone(n.body)
		before.body["status"], before.body["message"], before.body["transaction_status"] = "processing", "In progress", "Pending"
		return []webhook{before, *n}
	}}
	learned, text := learnedFrom(t, simulated(t, "PAYONE"), observed.File{}, deviating(t, more))
	flows := map[string]bool{}
	for _, o := range learned.File.Observations {
		flows[o.Flow] = flows[o.Flow] || o.Notifications != nil && o.Notifications.Sequence[0].Raw == "processing"
	}
	if !flows["PAYONE PAYIN"] || !flows["PAYONE PAYOUT"] {
		t.Errorf("learned %s\nundecided: %q", text, learned.Undecided)
	}
}

// A webhook without a status is for a person to decide about: an observation that no file can have is not learned.
func TestWebhookWithoutStatus(t *testing.T) {
	t.Parallel()
	run := func(target string, webhooks ...string) *evidence.Run {
		run := oneCall(target, `{"message":"ok","data":{"transactionId":"t-1"}}`, webhooks[0], 200)
		s := &run.Features[0].Scenarios[0]
		for i, body := range webhooks[1:] {
			next := s.Webhooks[0]
			next.N, next.Body = i+2, body
			s.Webhooks = append(s.Webhooks, next)
		}
		return run
	}
	const approved = `{"transaction_status":"Approved","status":"success"}`
	learned, text := learnedFrom(t, run("simulator", approved), observed.File{}, run("sandbox", approved, `{"state":"done"}`))
	leftToAPerson(t, learned, text, "a webhook has no transaction_status")
}

// leftToAPerson checks that something was seen and not learned.
func leftToAPerson(t *testing.T, learned observe.Learned, text, what string) {
	t.Helper()
	if !slices.ContainsFunc(learned.Undecided, func(why string) bool { return strings.Contains(why, what) }) {
		t.Errorf("undecided: %q, learned\n%s", learned.Undecided, text)
	}
}

// A page of the gateway, which has no words, is taken for no answer of the contract's: the rule of errors has no headers to learn.
func TestLearnedFromGatewayPage(t *testing.T) {
	t.Parallel()
	page := oneCall("simulator", "<html><body>502 Bad Gateway</body></html>", "", 502)
	page.Features[0].Scenarios[0].Exchanges[0].Answer.Headers = map[string]string{"Content-Type": "text/html"}
	learned, text := learnedFrom(t, page, observed.File{}, oneCall("sandbox", `{"status":"error","message":"zip is required","isSuccess":false}`, "", 422))
	leftToAPerson(t, learned, text, "Content-Type")
}

// A run that says something else than the file is told, and the file stays as it is; what is seen again is counted; what is ignored
// is not learned.
func TestContradiction(t *testing.T) {
	t.Parallel()
	renamed := func(to string) deviation {
		return deviation{psp: "PAYONE", flow: "PAYIN", answer: accepted(func(_ *answer, data map[string]any) { rename(data, "redirect_url", to) })}
	}
	simulated := simulated(t, "PAYONE")
	first, text := learnedFrom(t, simulated, observed.File{}, deviating(t, renamed("redirectUrl")))
	other := deviating(t, renamed("url"))
	other.Started = other.Started.AddDate(0, 0, 1)
	second, kept := learnedFrom(t, simulated, first.File, other)
	if kept != text || len(second.Contradictions) != 1 || !strings.Contains(second.Contradictions[0], `"renamed":"data.url"`) {
		t.Errorf("contradictions %q, and the file is\n%s", second.Contradictions, kept)
	}
	agreeing := deviating(t, renamed("redirectUrl"))
	agreeing.Started = other.Started
	third, _ := learnedFrom(t, simulated, first.File, agreeing)
	if o := third.File.Observations; len(o) != 1 || len(o[0].Seen) != 2 || len(third.Contradictions) > 0 {
		t.Errorf("seen again: %+v, %q", o, third.Contradictions)
	}
	ignored := map[string]string{"PayonePayInAnswer.data.redirect_url": "the shop reads both"}
	if l := observe.Learn(simulated, []*evidence.Run{other}, observed.File{}, ignored, contract(t)); len(l.File.Observations) > 0 {
		t.Errorf("learned what is ignored: %+v", l.File)
	}
}

// What three providers show alike is one finding, about a rule of all. It is ignored by that rule or by those of all of them, here and where
// it would be learned.
func TestSharedCause(t *testing.T) {
	t.Parallel()
	psps := []string{"PAYONE", "TRUST", "NEOSURF"}
	var changes []deviation
	for _, psp := range psps {
		changes = append(changes, deviation{psp: psp, answer: accepted(func(_ *answer, data map[string]any) { data["expiresIn"] = 300 })})
	}
	simulated, seen := simulated(t, psps...), deviating(t, changes...)
	found := drift.Compare(simulated, seen, contract(t)).Findings
	if len(found) != 1 || found[0].Rule != "CashierAnswer" || len(found[0].Changes) < 3 {
		t.Fatalf("found %+v", found)
	}
	each := map[string]string{}
	for _, c := range found[0].Changes {
		each[c.Rule.ID] = "it is new"
	}
	for _, ignored := range []map[string]string{{found[0].Rule: "it is new everywhere"}, each} {
		r := drift.Compare(simulated, seen, contract(t))
		if r.Ignore(ignored); len(r.Findings) > 0 || len(r.Notes) == 0 {
			t.Errorf("%v is ignored, and told is %+v, %q", ignored, r.Findings, r.Notes)
		}
		if l := observe.Learn(simulated, []*evidence.Run{seen}, observed.File{}, ignored, contract(t)); len(l.File.Observations) > 0 {
			t.Errorf("%v is ignored, and learned is %+v", ignored, l.File.Observations)
		}
	}
}

// threeCalls is oneCall to each of three providers.
func threeCalls(target, answer, webhook string, status int) *evidence.Run {
	all := &evidence.Run{Target: target, Features: []evidence.Feature{{}}}
	for _, psp := range []string{"GIGADAT", "WORLDPAY_EU", "CLEO"} {
		s := oneCall(target, answer, webhook, status).Features[0].Scenarios[0]
		s.ID, s.Name = psp, psp
		s.Exchanges[0].Request.Body = strings.Replace(s.Exchanges[0].Request.Body, "PAYONE", psp, 1)
		all.Features[0].Scenarios = append(all.Features[0].Scenarios, s)
	}
	return all
}

// What three providers' webhooks show alike is one finding, what each shows of its own is one for each.
func TestSharedTraffic(t *testing.T) {
	t.Parallel()
	const answer, webhook = `{"status":"success","isSuccess":true,"message":"","data":{}}`, `{"transaction_status":"Approved","status":"ok"}`
	for types, want := range map[string]int{"text/plain text/plain text/plain": 1, "text/plain text/xml text/html": 3} {
		before, seen := threeCalls("simulator", answer, webhook, 200), threeCalls("sandbox", answer, webhook, 200)
		for i, media := range strings.Fields(types) {
			before.Features[0].Scenarios[i].Webhooks[0].Headers = map[string]string{"Content-Type": "application/json"}
			seen.Features[0].Scenarios[i].Webhooks[0].Headers = map[string]string{"Content-Type": media}
		}
		if found := drift.Compare(before, seen, contract(t)).Findings; len(found) != want || want == 1 && found[0].Rule != "Webhook" {
			t.Errorf("%s are told as %d findings: %+v", types, len(found), found)
		}
	}
}

// A field that three providers ask for and that the target does without is no difference of the answers' form.
func TestRequestsAreNotJoinedAsAnswers(t *testing.T) {
	t.Parallel()
	refused := threeCalls("simulator", `{"status":"error","message":"Missing required field: kycVerified","isSuccess":false,"errors":[]}`, "", 400)
	for _, f := range drift.Compare(refused, threeCalls("sandbox", `{"status":"success","isSuccess":true,"message":"","data":{}}`, "", 200), contract(t)).Findings {
		if !strings.HasSuffix(f.Rule, "PayInRequest.kycVerified") {
			t.Errorf("%s is told as %s", f.Where, f.Rule)
		}
	}
}

// An ignore file leaves findings out and says so; what is wrong in one is told with its place.
func TestIgnoreFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ignore.yaml")
	read := func(text string) (map[string]string, error) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return drift.ReadIgnored(file, contract(t))
	}
	ignored, err := read("ignore:\n  - {rule: PayonePayInAnswer.data.redirect_url, because: the shop reads both}\n")
	if err != nil {
		t.Fatal(err)
	}
	r := &drift.Report{Findings: []drift.Finding{{Rule: "PayonePayInAnswer.data.redirect_url"}, {Rule: "company-token"}}}
	r.Ignore(ignored)
	if len(r.Findings) != 1 || r.Findings[0].Rule != "company-token" || !slices.Contains(r.Notes, "1 left out, PayonePayInAnswer.data.redirect_url is ignored: the shop reads both") {
		t.Errorf("%+v %q", r.Findings, r.Notes)
	}
	for text, says := range map[string]string{
		"ignored: []\n": ":1:1: ignored must not be set: known are ignore",
		"ignore: x\n":   ":1:1: ignore must be an array",
		"ignore:\n  - {rule: company-tokens, because: x}\n":                                ":2:6: ignore.0.rule must be the id of a rule in the ledger",
		"ignore:\n  - {rule: company-token}\n":                                             ":2:5: ignore.0.because must not be missing",
		"ignore:\n  - {rule: company-token, because: x, since: y}\n":                       "ignore.0.since must not be set",
		"ignore: [{rule: company-token, because: x}, {rule: company-token, because: y}]\n": "ignore.1.rule is company-token again",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is told %v, want %s", text, err, says)
		}
	}
}
