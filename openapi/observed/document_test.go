package observed

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"mozartosim/openapi"
)

// Every observation is a line of the ledger with the basis observed, and removing them gives the contract as it was.
func TestEveryObservationIsInTheLedger(t *testing.T) {
	t.Parallel()
	base, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(base.Bundled())
	f, err := codec(t).ReadFile(filepath.Join("testdata", "every-kind.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	applied, err := Apply(base, f)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range applied.Ledger() {
		if e.Provenance.Basis == openapi.Observed && !e.Inherited {
			all[e.ID] = e.Provenance.Note
			if !strings.Contains(e.Provenance.Source, "https://sandbox.example, 2026-11-28, run 4f1c, seen 31 times") {
				t.Errorf("%s: source %q", e.ID, e.Provenance.Source)
			}
		}
	}
	if got := openapi.Count(applied.Ledger())[openapi.Observed]; got != len(all) || got > len(f.Observations) {
		t.Errorf("%d rules are observed, by %d observations, %d of them by a mark of their own", got, len(f.Observations), len(all))
	}
	for _, o := range f.Observations {
		found := ""
		for id, note := range all {
			if strings.Contains(note, o.Says()) {
				found = id
			}
		}
		if found == "" {
			t.Errorf("%s %s is not in the ledger", o.Rule, o.Kind())
		}
	}
	for _, id := range []string{"PayonePayInAnswer.data.redirectUrl", "TrustPayInAnswer.meta.version", "PayonePayInRequest.zip"} {
		if all[id] == "" {
			t.Errorf("%s is not observed", id)
		}
	}
	if !bytes.Equal(base.Bundled(), before) {
		t.Error("the contract itself has changed")
	}
	if same, err := Apply(base, File{}); err != nil || same != base {
		t.Errorf("no observations make another contract: %v", err)
	}
}

// The document of an editor that changes nothing has the same bytes.
func TestEditingNothing(t *testing.T) {
	t.Parallel()
	base, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	same, err := openapi.NewEditor(base).Contract()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(base.Bundled(), same.Bundled()) {
		t.Error("the bytes differ")
	}
}

// What the observed contract requires of requests and answers.
func TestObservedContractValidates(t *testing.T) {
	t.Parallel()
	c := codec(t)
	base, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	const seen = "    seen: [{target: sandbox, date: 2026-11-28, run: r1, times: 1}]\n"
	for _, test := range []struct{ name, entry, schema, replace, with, before, after string }{
		{"renamed", "rule: PayonePayInAnswer.data.redirect_url\n    renamed: data.links.pay", "PayonePayInAnswer", `"redirect_url": "`, `"links": {"pay": "https://x"}, "x": "`, "Missing required field: data.redirect_url", ""},
		{"renamed, as before", "rule: PayonePayInAnswer.data.redirect_url\n    renamed: data.links.pay", "PayonePayInAnswer", ``, ``, "", "Missing required field: data.links"},
		{"absent", "rule: PayonePayInAnswer.data.success\n    absent: true", "PayonePayInAnswer", `"success": true,`, ``, "Missing required field: data.success", ""},
		{"text", "rule: PayonePayInAnswer.data.amount\n    form: text with two decimals", "PayonePayInAnswer", `"amount": 100`, `"amount": "100.00"`, "Validation failed: data.amount must be a number", ""},
		{"another constant", "rule: PayonePayInAnswer.data.success\n    constant: false", "PayonePayInAnswer", `"success": true`, `"success": false`, "Validation failed: data.success must be one of: true", ""},
		{"instead of", "rule: PayonePayInAnswer.data.transaction_status\n    constant: PENDING\n    insteadOf: Pending", "PayonePayInAnswer", `"Pending"`, `"PENDING"`, "Validation failed: data.transaction_status must be one of: Pending", ""},
		{"a word of a chain", "rule: GigadatPayOutAnswer.data.payoutType\n    constant: ACH\n    insteadOf: ETO\n" + seen + "  - rule: GigadatPayOutAnswer.data.payoutType\n    constant: WIRE\n    insteadOf: ACH", "GigadatPayOutAnswer", `"payoutType": "ETO"`, `"payoutType": "ACH"`, "", ""},
		{"a chain of words", "rule: GigadatPayOutAnswer.data.payoutType\n    constant: ACH\n    insteadOf: ETO\n" + seen + "  - rule: GigadatPayOutAnswer.data.payoutType\n    constant: WIRE\n    insteadOf: ACH", "GigadatPayOutAnswer", `"payoutType": "ETO"`, `"payoutType": "ETO"`, "", "Validation failed: data.payoutType must be one of: ACH, WIRE"},
		{"null when empty", "rule: PayonePayInAnswer.data.merchantReference\n    nullWhenEmpty: true", "PayonePayInAnswer", `"merchantReference": "order-1001"`, `"merchantReference": null`, "Missing required field: data.merchantReference", ""},
		{"id form", "rule: PayonePayInAnswer.data.transactionId\n    form: 'T-{digits:4}'", "PayonePayInAnswer", `"transactionId": "`, `"transactionId": "T-1234", "x": "`, "Validation failed: data.transactionId must be 24 hexadecimal digits in lower case", ""},
		{"added", "rule: PayonePayInAnswer.data\n    added: {field: fee.amount, form: '{digits:2}', example: '12'}", "PayonePayInAnswer", ``, ``, "", "Missing required field: data.fee"},
		{"not enforced", "rule: PayonePayInRequest.phone\n    request: {enforced: false}", "PayonePayInRequest", `"phone": "`, `"phone": "1", "x": "`, "Validation failed: phone must have at least 6 digits", ""},
		{"not required", "rule: PayonePayInRequest.phone\n    request: {required: false}", "PayonePayInRequest", `"phone": "`, `"x": "`, "Missing required field: phone", ""},
		{"pattern", "rule: PayonePayInRequest.phone\n    request: {pattern: '^00', must: begin with 00}", "PayonePayInRequest", ``, ``, "", "Validation failed: phone must begin with 00"},
		{"enum", "rule: PayonePayInRequest.firstName\n    request: {enum: [Ann, Ben]}", "PayonePayInRequest", ``, ``, "", "Validation failed: firstName must be one of: Ann, Ben"},
		{"an optional field more", "rule: PayonePayInRequest\n    request: {field: extra.zip, pattern: '^[0-9]+$'}", "PayonePayInRequest", `"phone"`, `"extra": {"zip": "x"}, "phone"`, "", "Validation failed: extra.zip must match ^[0-9]+$"},
		{"an optional field left out", "rule: PayonePayInRequest\n    request: {field: extra.zip, pattern: '^[0-9]+$'}", "PayonePayInRequest", ``, ``, "", ""},
		{"a field more", "rule: PayonePayInRequest\n    request: {field: zip, required: true}", "PayonePayInRequest", ``, ``, "", "Missing required field: zip"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, err := c.Read("f.yaml", []byte("observations:\n  - "+test.entry+"\n"+seen))
			if err != nil {
				t.Fatal(err)
			}
			observed, err := Apply(base, f)
			if err != nil {
				t.Fatal(err)
			}
			text, ok := base.Example(test.schema)
			if !ok || !strings.Contains(string(text), test.replace) {
				t.Fatalf("the example has no %s: %s", test.replace, text)
			}
			doc, err := openapi.Decode([]byte(strings.Replace(string(text), test.replace, test.with, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if got := words(base.ValidateAs(test.schema, doc)); got != test.before {
				t.Errorf("before: %q, want %q", got, test.before)
			}
			if got := words(observed.ValidateAs(test.schema, doc)); got != test.after {
				t.Errorf("after: %q, want %q", got, test.after)
			}
		})
	}
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
