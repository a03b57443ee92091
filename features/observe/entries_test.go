package observe_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// entry is an observation of one kind, the same with another value, and the steps that only hold with the first.
type entry struct {
	kind, rule, says, broken string
	steps                    string
}

func entries() []entry {
	const sent = "When the merchant sends it\n"
	return []entry{
		{"renamed", "PayonePayInAnswer.data.redirect_url", "renamed: data.links.pay", "renamed: data.links.to",
			"Given a valid PAYONE PAYIN request\n" + sent + `Then the answer's "data.links.pay" is "<url>"`},
		{"absent", "GigadatPayInAnswer.data.instructions", "absent: true", "form: upper case",
			"Given a valid GIGADAT PAYIN request\n" + sent + `Then the answer has no "data.instructions"`},
		{"added", "TrustPayInAnswer", "added: {field: data.expiresIn, example: 300}", "added: {field: data.expiresIn, example: 301}",
			"Given a valid TRUST PAYIN request\n" + sent + `Then the answer's "data.expiresIn" is "300"`},
		{"form", "ForumpayPayInAnswer.data.status", "form: lower case", "form: upper case",
			"Given a valid FORUMPAY PAYIN request\n" + sent + `Then the answer's "data.status" is "pending"`},
		{"constant", "NeosurfPayInAnswer.data.status", "constant: WAITING", "constant: OPEN",
			"Given a valid NEOSURF PAYIN request\n" + sent + `Then the answer's "data.status" is "WAITING"`},
		{"nullWhenEmpty", "CleoPayInAnswer.data.merchantReference", "nullWhenEmpty: true", "form: upper case",
			"Given a valid CLEO PAYIN request without \"merchantReference\"\n" + sent + `Then the answer's "data.merchantReference" is "(null)"`},
		{"status", "FlexepinPayInAnswer", "status: 201", "status: 202",
			"Given a valid FLEXEPIN PAYIN request\n" + sent + "Then the answer has the HTTP status 201"},
		{"headers", "WorldpayPayInAnswer", "headers: {X-Trace: abc}", "headers: {X-Trace: abd}",
			"Given a valid WORLDPAY_EU PAYIN request\n" + sent + `Then the answer has the header "X-Trace" "abc"`},
		{"error", "Error.message", "flow: EMERCHANTPAY\nerror: {case: MissingField, message: '{field} is required'}",
			"flow: EMERCHANTPAY\nerror: {case: MissingField, message: 'no {field}'}",
			"Given a valid EMERCHANTPAY PAYIN request without \"email\"\n" + sent + `Then the answer is the error 400 "email is required"`},
		{"request", "BritePayInRequest.firstName", "request: {required: true}", "request: {pattern: '^[A-Z]'}",
			"Given a valid BRITE PAYIN request without \"firstName\"\n" + sent + `Then the answer is the error 400 "Missing required field: firstName"`},
		{"notifications", "POST worldpay", "notifications: {outcome: approve, sequence: [{status: Approved, raw: CAPTURED}]}",
			"notifications: {outcome: approve, sequence: [{status: Approved, raw: SETTLED}]}",
			"Given a WORLDPAY_EU PAYIN payment\nWhen the shopper approves\nThen the webhooks tell:\n| CAPTURED | Approved |\nAnd no further webhook arrives"},
		{"delay", "PayonePayOutAnswer", "delay: {median: 800ms}", "delay: {median: 900ms}",
			"Given a valid PAYONE PAYOUT request\n" + sent + `Then the answer has the header "Mozartosim-Virtual-Delay" "800ms"`},
		{"retries", "POST payone", "retries: [7s]", "retries: [8s]",
			"Given a PAYONE PAYIN payment\nAnd the merchant's handler fails 1 time\nWhen the shopper approves\nThen a webhook arrives\n" +
				"When 7s pass\nThen 2 webhooks have arrived"},
		{"authorization", "webhook-secret", "flow: TRUST\nauthorization: Token {secret}", "flow: TRUST\nauthorization: Bearer {secret}",
			"Given the company's TRUST webhooks are secured by \"a-secret-between-us-8\"\nAnd a TRUST PAYIN payment\nThen a webhook arrives\n" +
				`And the webhook has the header "Authorization" "/^Token /"`},
	}
}

// Each kind of observation is executable: a feature holds with it, and fails when it says something else.
func TestEntriesAreExecutable(t *testing.T) {
	t.Parallel()
	all := entries()
	feature, right, broken := "@control @webhook\nFeature: Observations\n", "observations:\n", "observations:\n"
	for _, e := range all {
		const seen = "\n    seen: [{target: sandbox, date: 2026-11-28, run: r1, times: 3}]\n"
		feature += "  Scenario: " + e.kind + "\n" + e.steps + "\n"
		right += "  - rule: " + e.rule + "\n    " + strings.ReplaceAll(e.says, "\n", "\n    ") + seen
		broken += "  - rule: " + e.rule + "\n    " + strings.ReplaceAll(e.broken, "\n", "\n    ") + seen
	}
	holds, fails := ran(t, feature, right), ran(t, feature, broken)
	for i, e := range all {
		if s := holds[i]; s.Name != e.kind || s.Status != evidence.Passed {
			t.Errorf("with the entry %s: %s (%s)", s.Name, s.Status, s.Reason)
		}
		if fails[i].Status != evidence.Failed {
			t.Errorf("with another entry %s: %s", fails[i].Name, fails[i].Status)
		}
	}
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	codec, err := observed.NewCodec(contract)
	if err != nil {
		t.Fatal(err)
	}
	file, err := codec.Read("right.yaml", []byte(right))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, o := range file.Observations {
		kinds[o.Kind()] = true
	}
	for _, e := range all {
		delete(kinds, e.kind)
	}
	if len(all) != 14 || len(kinds) > 0 {
		t.Errorf("%d entries, of other kinds than they say: %v", len(all), kinds)
	}
}

// ran runs a feature on a simulator with observations.
func ran(t *testing.T, feature, observations string) []evidence.Scenario {
	t.Helper()
	file := filepath.Join(t.TempDir(), "observed.yaml")
	if err := os.WriteFile(file, []byte(observations), 0o600); err != nil {
		t.Fatal(err)
	}
	sim, err := target.Simulator("test", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	run, err := runner.Run(context.Background(), runner.Config{
		Features: fstest.MapFS{"webhooks/observations.feature": {Data: []byte(feature)}}, Target: sim,
	})
	if err != nil {
		t.Fatal(err)
	}
	return run.Features[0].Scenarios
}

// What is observed of one variant of a flow is not what another does; the nearest observation counts.
func TestNotificationsOfVariants(t *testing.T) {
	t.Parallel()
	feature, observations := "@control @webhook\nFeature: Pay-outs\n", "observations:\n"
	for _, flow := range []string{"GIGADAT PAYOUT ETO", "GIGADAT PAYOUT ACH", "GIGADAT PAYIN"} {
		observations += "  - rule: POST gigadat\n    flow: " + flow + "\n    notifications: {outcome: approve, sequence: [{status: Approved, raw: " + flow +
			"}]}\n    seen: [{target: sandbox, date: 2026-11-28, run: r1, times: 3}]\n"
		approves := "the back office approves the pay-out"
		if strings.HasSuffix(flow, "PAYIN") {
			approves = "the shopper approves"
		}
		feature += "  Scenario: " + flow + "\n    Given a " + flow + " payment\n    When " + approves + "\n    Then a webhook arrives\n" +
			"    And the webhook's \"status\" is \"" + flow + "\"\n"
	}
	for _, s := range ran(t, feature, observations) {
		if s.Status != evidence.Passed {
			t.Errorf("%s: %s", s.Name, s.Reason)
		}
	}
}
