package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rogpeppe/go-internal/txtar"

	"mozartosim/features/merchants"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
)

// agent is a client of the Model Context Protocol, as an agent's program has one.
type agent struct {
	t *testing.T
	*sdk.ClientSession
	heard *strings.Builder // all that tools answered
}

func newAgent(t *testing.T, transport sdk.Transport) agent {
	t.Helper()
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return agent{t, session, &strings.Builder{}}
}

// uses calls a tool. What it answers is decoded; an error of the tool is returned in words.
func (a agent) uses(tool, arguments string) (out map[string]any, failed string) {
	a.t.Helper()
	got, err := a.CallTool(a.t.Context(), &sdk.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		return nil, err.Error()
	}
	text := got.Content[0].(*sdk.TextContent).Text
	a.heard.WriteString(text)
	if got.IsError {
		return nil, text
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		a.t.Fatalf("%s answers %s: %v", tool, text, err)
	}
	return out, ""
}

// must is uses of a tool that works.
func (a agent) must(tool, arguments string) map[string]any {
	a.t.Helper()
	out, failed := a.uses(tool, arguments)
	if failed != "" {
		a.t.Fatalf("%s %s: %s", tool, arguments, failed)
	}
	return out
}

func asText(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// bearer sends a token with every call.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

const agentsToken = "a-token-of-agents-only"

// An agent makes a payment that is refused, has it explained, sends what is right instead, decides, and waits for the webhook: over
// standard input and output, and over HTTP.
func TestAgents(t *testing.T) {
	t.Parallel()
	s := startSimulator(t, func(c *simulator.Config) {
		c.AdminToken, c.Shopper = agentsToken, simulator.ManualShopper
	})
	kept := t.TempDir()
	program := func(flags ...string) sdk.Transport {
		cmd := exec.Command("mozartosim", append([]string{"mcp", "--admin-url", s.AdminURL()}, flags...)...)
		cmd.Env = append(os.Environ(), "MOZARTOSIM_ADMIN_TOKEN="+agentsToken, "GORACE=atexit_sleep_ms=0")
		return &sdk.CommandTransport{Command: cmd}
	}
	over := func(client *http.Client) sdk.Transport {
		return &sdk.StreamableClientTransport{Endpoint: s.AdminURL() + "/mcp", HTTPClient: client, DisableStandaloneSSE: true}
	}
	for name, transport := range map[string]sdk.Transport{
		"stdio": program("--dir", kept, "--certify-config", certifying(t, merchants.Correct)), "http": over(&http.Client{Transport: bearer(agentsToken)}),
	} {
		a := newAgent(t, transport)
		story(a, name)
		scripts(a)
		a.readsResources(name)
		a.checkTools()
		if name == "stdio" {
			a.runsFeatures(kept)
		}
		keepsSecrets(a, s)
	}
	if _, err := sdk.NewClient(&sdk.Implementation{Name: "stranger", Version: "1"}, nil).Connect(t.Context(), over(nil), nil); err == nil {
		t.Error("an agent without the token is served")
	}
	readOnly := newAgent(t, program("--read-only"))
	tools, err := readOnly.ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) < 10 {
		t.Fatal(err, tools)
	}
	for _, tool := range tools.Tools {
		if !tool.Annotations.ReadOnlyHint {
			t.Errorf("%s is offered to those who only read", tool.Name)
		}
	}
	if _, failed := readOnly.uses("reset", `{}`); !strings.Contains(failed, "unknown tool") {
		t.Errorf("reset is refused with %q", failed)
	}
}

func story(a agent, reference string) {
	made := a.must("make_payment", `{"psp": "PAYONE", "fields": {"merchantReference": "`+reference+`", "baseamount": 10.123}}`)
	why, _ := made["refused"].(map[string]any)
	call, _ := why["call"].(map[string]any)
	if made["payment"] != nil || call["rule"] != "amount-decimals" || call["expected"] == nil || !strings.Contains(asText(call["provenance"]), `"basis"`) {
		a.t.Fatalf("a third decimal is refused as %v", made)
	}
	again := a.must("explain_call", `{}`)
	if asText(again["call"]) != asText(call) {
		a.t.Errorf("the last refused call is %v", again)
	}
	instead := asText(again["instead"])
	if !strings.Contains(instead, `"merchantReference":"`+reference+`"`) || strings.Contains(instead, "10.123") {
		a.t.Errorf("instead should be sent %s", instead)
	}
	made = a.must("make_payment", `{"request": `+instead+`, "fields": {"baseamount": 12.50}}`) // which is 12.5 to whoever rounds
	paid, _ := made["payment"].(map[string]any)
	id, _ := paid["id"].(string)
	if id == "" || paid["status"] != "pending" {
		a.t.Fatalf("what was mended is answered %v", made)
	}
	decided := a.must("decide", `{"payment": "`+id+`", "action": "approve"}`)
	if status := decided["payment"].(map[string]any)["status"]; status != "approved" {
		a.t.Errorf("the payment is %v", status)
	}
	met := a.must("wait", `{"condition": "delivery.payment == '`+id+`' && delivery.state == 'delivered'", "timeout": "1m"}`)
	if met["met"] != true {
		a.t.Errorf("the webhook is not there: %v", met)
	}
	if met = a.must("wait", `{"condition": "call.rule == 'amount-decimals'"}`); met["met"] != true {
		a.t.Errorf("a refused call is waited for with %v", met)
	}
	told := asText(a.must("explain_payment", `{"payment": "`+id+`"}`)["story"])
	for _, word := range []string{"the merchant called", "decides: approve", "webhook 1, attempt 1: answered 200"} {
		if !strings.Contains(told, word) {
			a.t.Errorf("the story does not say %q: %s", word, told)
		}
	}
	if _, failed := a.uses("decide", `{"payment": "`+id+`", "action": "dance"}`); !strings.Contains(failed, "one of: approve, decline") {
		a.t.Errorf("an unknown action is refused with %q", failed)
	}
	if listed := asText(a.must("list_payments", `{"merchantReference": "`+reference+`", "limit": 5}`)); !strings.Contains(listed, id) {
		a.t.Errorf("the payments are %s", listed)
	}
	if inbox := asText(a.must("read_inbox", `{"limit": 1}`)); !strings.Contains(inbox, id) {
		a.t.Errorf("the inbox has %s", inbox)
	}
}

// scripts puts a scenario into force, which is checked first, and an outage.
func scripts(a agent) {
	if _, failed := a.uses("put_scenario", `{"name": "by-agent", "yaml": "match: {psp: PAYONE}\nanswer: {delya: 3s}\n"}`); !strings.Contains(failed, "line 2") {
		a.t.Errorf("a wrong scenario is refused with %q", failed)
	}
	a.must("put_scenario", `{"name": "by-agent", "yaml": "match: {psp: PAYONE}\nanswer: {error: PSP_TIMEOUT}\n"}`)
	if listed := asText(a.must("list_scenarios", `{}`)); !strings.Contains(listed, "by-agent") {
		a.t.Errorf("the scenarios are %s", listed)
	}
	a.must("delete_scenario", `{"name": "by-agent"}`)
	if _, failed := a.uses("start_outage", `{"psp": "TRUST", "kind": "gone"}`); !strings.Contains(failed, "kind") {
		a.t.Errorf("an unknown kind of outage is refused with %q", failed)
	}
	a.must("start_outage", `{"psp": "TRUST", "kind": "down"}`)
	refused := a.must("make_payment", `{"psp": "TRUST"}`)
	if refused["status"] == 200. || refused["refused"] == nil {
		a.t.Errorf("during an outage the answer is %v", refused)
	}
	a.must("end_outage", `{"psp": "TRUST"}`)
	if _, failed := a.uses("read_contract", `{"psp": "PAYTWO"}`); !strings.Contains(failed, "PAYONE") {
		a.t.Errorf("an unknown provider is refused with %q", failed)
	}
	if _, failed := a.uses("read_ledger", `{}`); !strings.Contains(failed, "narrow") {
		a.t.Errorf("the whole ledger is answered")
	}
	if rules := asText(a.must("read_ledger", `{"search": "amount-decimals"}`)); !strings.Contains(rules, "amount-decimals") {
		a.t.Errorf("the ledger has %s", rules)
	}
	a.must("read_clock", `{}`)
	if _, failed := a.uses("advance_clock", `{"by": "5m"}`); !strings.Contains(failed, "manual") {
		a.t.Errorf("a clock that goes by itself is advanced: %q", failed)
	}
}

func (a agent) readsResources(name string) {
	for uri, says := range map[string]string{
		"mozartosim://contract/cashier": `"openapi"`, "mozartosim://contract/control": `"openapi"`, "mozartosim://guides/scenarios": "#",
		"mozartosim://scenarios/answer-lost": "answer",
	} {
		got, err := a.ReadResource(a.t.Context(), &sdk.ReadResourceParams{URI: uri})
		if err != nil || !strings.Contains(got.Contents[0].Text, says) {
			a.t.Errorf("%s: %v", uri, err)
		}
	}
	if _, err := a.ReadResource(a.t.Context(), &sdk.ReadResourceParams{URI: "mozartosim://scenarios/no-such"}); err == nil {
		a.t.Error("a scenario that is not there is read")
	}
	listed, err := a.ListResources(a.t.Context(), nil)
	if err != nil || len(listed.Resources) < 7 {
		a.t.Fatal(err, listed)
	}
	steps := slices.ContainsFunc(listed.Resources, func(r *sdk.Resource) bool { return r.URI == "mozartosim://steps" })
	if steps != (name == "stdio") { // serve adds them, not every simulator
		a.t.Errorf("steps are listed: %v", steps)
	}
}

// checkTools checks that every tool says what it does, takes no other arguments than it names, and none that lead elsewhere.
func (a agent) checkTools() {
	for tool, err := range a.Tools(a.t.Context(), nil) {
		if err != nil {
			a.t.Fatal(err)
		}
		schema, _ := tool.InputSchema.(map[string]any)
		properties, _ := schema["properties"].(map[string]any)
		if tool.Description == "" || tool.Title == "" || tool.Annotations.DestructiveHint == nil || schema["additionalProperties"] == nil {
			a.t.Errorf("%s says too little: %s", tool.Name, asText(tool))
		}
		if condition := asText(properties["condition"]); tool.Name == "wait" && !strings.Contains(condition, "payment and delivery, or over call") {
			a.t.Errorf("wait takes %s", condition)
		}
		for name, property := range properties {
			if lower := strings.ToLower(name); strings.Contains(lower, "url") || strings.Contains(lower, "path") || strings.Contains(lower, "file") {
				a.t.Errorf("%s takes %s", tool.Name, name)
			}
			if property.(map[string]any)["description"] == nil {
				a.t.Errorf("%s does not say what %s is", tool.Name, name)
			}
		}
	}
}

// runsFeatures runs one feature, keeps it in the operator's folder and no other, and learns from it that there is nothing to learn, from a
// run against another target what that does differently; and it certifies a shop.
func (a agent) runsFeatures(folder string) {
	ran := a.must("run_features", `{"psp": "PAYONE", "name": "currency", "keep": "one"}`)
	if report, _ := ran["report"].(string); !strings.Contains(report, "passed") || ran["failed"] != nil {
		a.t.Errorf("the features' report is %v", ran)
	}
	if files, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || !slices.Equal(files, []string{filepath.Join(folder, "one.json")}) {
		a.t.Error(files, err)
	}
	for tool, arguments := range map[string]string{
		"run_features": `{"name": "none", "keep": "../outside"}`, "learn": `{"runs": ["/etc/passwd"]}`,
	} {
		if _, failed := a.uses(tool, arguments); !strings.Contains(failed, "must be a name of letters") {
			a.t.Errorf("%s %s: %q", tool, arguments, failed)
		}
	}
	for tool, wanted := range map[string][2]string{
		"learn": {`{"runs": ["one"]}`, "nothing to learn from"}, "certify": {`{"capability": "singing"}`, `there is no capability "singing"`},
	} {
		if _, failed := a.uses(tool, wanted[0]); !strings.Contains(failed, wanted[1]) {
			a.t.Errorf("%s: %q", tool, failed)
		}
	}
	kept, err := txtar.ParseFile("testdata/drift.txtar")
	if err != nil {
		a.t.Fatal(err)
	}
	for _, file := range kept.Files {
		if err := os.WriteFile(filepath.Join(folder, file.Name), file.Data, 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	learned := a.must("learn", `{"runs": ["simulator", "renamed"]}`)
	written, err := os.ReadFile(filepath.Join(folder, "observed.yaml"))
	if !strings.Contains(asText(learned), "1 observation") || !strings.Contains(string(written), "renamed: data.redirectUrl") {
		a.t.Errorf("learned %v, %s, %v", learned, written, err)
	}
	if certified := a.must("certify", `{"capability": "idempotency"}`); !strings.Contains(asText(certified), "full marks") {
		a.t.Errorf("certified %v", certified)
	}
}

// keepsSecrets checks that no tool has told a secret of the company, nor a token.
func keepsSecrets(a agent, s *simulator.Simulator) {
	client := adminapi.New(s.AdminURL(), agentsToken)
	company, err := client.Company("").BackOffice().Company(context.Background(), adminapi.Revealed)
	if err != nil {
		a.t.Fatal(err)
	}
	secrets := []string{company.Credentials.SecretKey, agentsToken, "eyJ"}
	for _, psp := range company.PSPs {
		for name, value := range psp {
			if text, ok := value.(string); ok && len(text) > 7 && (strings.Contains(name, "ecret") || strings.Contains(name, "assword")) {
				secrets = append(secrets, text)
			}
		}
	}
	for i, secret := range secrets {
		if strings.Contains(a.heard.String(), secret) {
			a.t.Errorf("tools tell the secret %d", i)
		}
	}
}
