package observed

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mozartosim/openapi"
)

func codec(t testing.TB) *Codec {
	t.Helper()
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCodec(contract)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The file of every kind is read as it says, and written again with the same bytes.
func TestEveryKindRoundTrips(t *testing.T) {
	t.Parallel()
	c := codec(t)
	text, err := os.ReadFile(filepath.Join("testdata", "every-kind.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Read("every-kind.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	written, err := c.Write(f)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, text) {
		t.Errorf("written otherwise:\n%s", written)
	}
	kinds := map[string]bool{}
	for _, o := range f.Observations {
		kinds[o.Kind()] = true
	}
	if len(kinds) != 14 {
		t.Errorf("the file has only the kinds %v", kinds)
	}
}

// What is said of one rule and case in several ways, each by an entry of its own, is no contradiction.
func TestSeveralOfOneCase(t *testing.T) {
	t.Parallel()
	text := "observations:\n"
	for _, said := range []string{"message: No", "absent: [errors]", "status: 403", "added: [{field: code, example: 1}]", "headers: {Retry-After: '1'}"} {
		text += "  - rule: Error\n    error: {case: Unauthorized, " + said + "}\n    seen: [{target: a, date: 2026-11-28, run: r, times: 1}]\n"
	}
	if _, err := codec(t).Read("f.yaml", []byte(text)); err != nil {
		t.Error(err)
	}
}

// A target may add a field that is always null: what is learnt of it can be read again.
func TestAddedNull(t *testing.T) {
	t.Parallel()
	base, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	text := "observations:\n  - rule: PayonePayInAnswer\n    added: {field: data.note, example: null}\n    seen: [{target: a, date: 2026-11-28, run: r, times: 1}]\n"
	f, err := codec(t).Read("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	with, err := Apply(base, f)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(with.FieldsOf("PayonePayInAnswer"), func(f openapi.Field) bool { return f.Path == "data.note" && f.Type == "null" }) {
		t.Error("the field is not null")
	}
}

// What is wrong is told with its line and column, and with what would be right.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	const seen = "    seen: [{target: sandbox, date: 2026-11-28, run: r1, times: 1}]\n"
	c := codec(t)
	for _, test := range []struct{ name, entry, want string }{
		{"unknown rule", "  - rule: PayonePayInAnswer.data.ammount\n    absent: true\n" + seen, `f.yaml:2:5: .*rule must be the id of a rule in the ledger.*PayonePayInAnswer\.data\.amount`},
		{"unknown key", "  - rule: user-context\n    abset: true\n" + seen, `f.yaml:3:5: .*abset must not be set: known are absent`},
		{"nothing said", "  - rule: user-context\n" + seen, `f.yaml:2:5: .*must say one thing: renamed, absent`},
		{"two things said", "  - rule: PayonePayInAnswer.data.amount\n    absent: true\n    form: text\n" + seen, `f.yaml:2:5: .*it says absent and form`},
		{"never seen", "  - rule: PayonePayInAnswer.data.amount\n    absent: true\n", `f.yaml:2:5: .*seen must not be missing`},
		{"no such day", "  - rule: PayonePayInAnswer.data.amount\n    absent: true\n    seen: [{target: a, date: 2026-02-30, run: r, times: 1}]\n", `f.yaml:4:24: .*date must be a day of the calendar`},
		{"twice", strings.Repeat("  - rule: PayonePayInAnswer.data.amount\n    absent: true\n"+seen, 2), `f.yaml:5:5: .*must not say again`},
		{"a message twice", strings.Repeat("  - rule: Error.message\n    error: {case: Unauthorized, message: No}\n"+seen, 2), `f.yaml:5:5: .*must not say again`},
		{"a field of a request", "  - rule: PayonePayInRequest.phone\n    absent: true\n" + seen, `f.yaml:2:5: .*rule must be a field of an answer or a webhook, for what absent says`},
		{"unknown form", "  - rule: PayonePayInAnswer.data.amount\n    form: texts\n" + seen, `f.yaml:3:5: .*form must be a template such as PAY/\{hex:12\}, or one of: text, number`},
		{"unknown placeholder", "  - rule: PayonePayInAnswer.data.amount\n    form: '{hex}'\n" + seen, `f.yaml:3:5: .*form must not have \{hex\}: known are \{hex:N\}`},
		{"another example", "  - rule: PayonePayInAnswer\n    added: {field: data.id, form: 'x-{digits:3}', example: x-12}\n" + seen, `f.yaml:3:\d+: .*example must have the form x-\{digits:3\}`},
		{"a status of a field", "  - rule: PayonePayInAnswer.data\n    status: 201\n" + seen, `f.yaml:2:5: .*rule must be an answer, such as PayonePayInAnswer`},
		{"a flow of its own", "  - rule: PayonePayInAnswer\n    flow: PAYONE\n    status: 201\n" + seen, `f.yaml:3:5: .*flow must not be set: PayonePayInAnswer says it`},
		{"unknown flow", "  - rule: rule-status\n    flow: PAYONE PAYINN\n    error: {status: 422}\n" + seen, `f.yaml:3:5: .*flow must be a provider or one of its flows: FORUMPAY,`},
		{"unknown case", "  - rule: rule-status\n    error: {case: NoRule, status: 422}\n" + seen, `f.yaml:3:13: .*case must be one of: MissingField`},
		{"no difference", "  - rule: rule-status\n    error: {case: Unauthorized}\n" + seen, `f.yaml:3:5: .*error must say what is different`},
		{"form of a named rule", "  - rule: amount-decimals\n    request: {required: true}\n" + seen, `f.yaml:3:5: .*must be \{enforced: false\} for the named rule amount-decimals`},
		{"wrong expression", "  - rule: PayonePayInRequest.phone\n    request: {pattern: '(', must: be}\n" + seen, `f.yaml:3:15: .*pattern must be a regular expression`},
		{"no field of a request", "  - rule: PayonePayInRequest\n    request: {required: true}\n" + seen, `f.yaml:3:5: .*field must name the field`},
		{"the same path", "  - rule: PayonePayInAnswer.data.amount\n    renamed: data.amount\n" + seen, `f.yaml:3:5: .*renamed must be another path`},
		{"the median above the p95", "  - rule: POST payone\n    delay: {median: 5s, p95: 1s}\n" + seen, `f.yaml:3:25: .*p95 must not be less than the median`},
		{"no secret", "  - rule: webhook-secret\n    authorization: Bearer\n" + seen, `f.yaml:3:5: .*authorization must have \{secret\} in it`},
		{"retries of a call", "  - rule: PayonePayInAnswer\n    retries: []\n" + seen, `f.yaml:2:5: .*rule must be webhook-retries, or a provider's webhooks`},
		{"no duration", "  - rule: webhook-retries\n    retries: [10]\n" + seen, `f.yaml:3:15: .*must be a string`},
		{"unknown outcome", "  - rule: POST payone\n    notifications: {outcome: aproved, sequence: []}\n" + seen, `f.yaml:3:21: .*outcome must be one of: opening, approve`},
		{"insteadOf alone", "  - rule: PayonePayInAnswer.data.amount\n    absent: true\n    insteadOf: x\n" + seen, `f.yaml:4:5: .*insteadOf must go with constant`},
		{"no basis", "  - rule: PayonePayInAnswer.data.amount\n    absent: true\n    was: unknown\n" + seen, `f.yaml:4:5: .*was must begin with documented`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := c.Read("f.yaml", []byte("observations:\n"+test.entry))
			if err == nil || !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// A value is written in another form, whether its text is an amount or another number; what is no number stays.
func TestConverted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ conversion, text, want string }{
		{"text with two decimals", "100", "100.00"}, {"text with two decimals", "0", "0.00"}, {"number with two decimals", "1.5", "1.50"},
		{"text with two decimals", "12.", "12.00"}, {"text with two decimals", "0.25", "0.25"}, {"text with two decimals", "007.5", "7.50"},
		{"text with two decimals", "1.005", "1.01"}, {"text with two decimals", "-3", "-3.00"}, {"text with two decimals", ".5", "0.50"},
		{"text with two decimals", "1.x", ""}, {"text with two decimals", "", ""}, {"text with two decimals", "1e3", ""},
		{"number without zeros", "100.50", "100.5"}, {"text in minor units", "100.5", "10050"}, {"upper case", "a1", "A1"},
	} {
		if to, _, ok := Converted(test.conversion, test.text); ok != (test.want != "") || ok && to != test.want {
			t.Errorf("%s of %q is %q, %v, want %q", test.conversion, test.text, to, ok, test.want)
		}
	}
}

// Whatever is read without an error is written so that it is read again as the same.
func FuzzRead(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "every-kind.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range bytes.SplitAfter(text, []byte("  - rule"))[1:] {
		f.Add("observations:\n  - rule" + strings.TrimSuffix(string(entry), "  - rule"))
	}
	f.Add("observations: []")
	c := codec(f)
	f.Fuzz(func(t *testing.T, text string) {
		first, err := c.Read("f.yaml", []byte(text))
		if err != nil {
			if _, lines := openapi.Lines(err); !lines {
				t.Fatalf("an error without a line: %v", err)
			}
			return
		}
		once, err := c.Write(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := c.Read("f.yaml", once)
		if err != nil {
			t.Fatalf("what was written can't be read: %v\n%s", err, once)
		}
		if twice, err := c.Write(second); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}
