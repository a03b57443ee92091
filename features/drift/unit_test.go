package drift

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

func TestLook(t *testing.T) {
	t.Parallel()
	j := newFormats()
	for text, want := range map[string]string{
		"":                                     "empty",
		"Pending":                              "",
		"Transaction is on hold":               "",
		"20 minutes":                           "",
		"BTC/kB":                               "",
		"7d8f3c52-6f0e-4a6e-9d0e-0c7f0a4b1c2d": "a UUID",
		"665f1c2ab7e4d93a5c0f1a2b":             "24 hexadecimal digits",
		"2026-11-23T15:00:00Z":                 "a date and time",
		"2026-11-23":                           "a date",
		"https://x.example/a?b=c":              "a URL",
		"100.00":                               "a number with 2 decimals",
		"100.5":                                "a number with one decimal",
		"100":                                  "a whole number",
		"po-9f2c4e7a1b3d":                      "an id such as po-#12",
		"12-102-12345":                         "an id such as #-#-#",
		"411111******1111":                     "masked",
		"***":                                  "masked",
		strings.Repeat("aB3_", 16):             "an id such as a token",
	} {
		if got := j.format(text); got.name != want {
			t.Errorf("%q looks like %q, want %q", text, got.name, want)
		}
	}
}

// A sentence is the same when only ids, times and numbers in it are others.
func TestWords(t *testing.T) {
	t.Parallel()
	j := newFormats()
	a := j.words("Payment 665f1c2ab7e4d93a5c0f1a2b of 2026-01-01T00:00:00Z, see https://a.example/1")
	b := j.words("Payment 777f1c2ab7e4d93a5c0f1aff of 2026-11-23T15:00:00Z, see https://b.example/2")
	if a != b || !strings.HasPrefix(a, "Payment … of") {
		t.Errorf("%q, %q", a, b)
	}
}

// Amounts are compared by value, and nothing that only looks like one costs memory.
func TestSame(t *testing.T) {
	t.Parallel()
	number := func(text string) value { return value{kind: "number", text: text} }
	text := func(text string) value { return value{kind: "string", text: text} }
	for _, c := range []struct {
		a, b value
		want bool
	}{
		{number("100"), number("100.00"), true},
		{number("100"), text("100.00"), true},
		{text("100"), text("100.00"), false},
		{number("100"), number("1e2"), false},
		{number("1e999999999"), number("1"), false},
		{value{kind: "boolean", text: "true"}, value{kind: "boolean", text: "true"}, false},
	} {
		if got := same(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %v", c.a, c.b, got)
		}
	}
}

// A diff leads from one text to the other, whatever they are.
func TestDiffLeadsThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{"a", "b", "c", "", "  - d"})
		a := append(rapid.SliceOfN(line, 1, 30).Draw(t, "a"), "")
		b := append(rapid.SliceOfN(line, 1, 30).Draw(t, "b"), "")
		got := patched(a, hunks(a, b))
		if strings.Join(got, "\n") != strings.Join(b, "\n") {
			t.Fatalf("%q became %q, want %q", a, got, b)
		}
	})
}

// patched applies hunks as a patch tool does, by their line numbers alone.
func patched(a []string, all []string) []string {
	var out []string
	at := 0
	for _, h := range all {
		header, rest, _ := strings.Cut(h, "\n")
		var from, count, to, size int
		if _, err := fmt.Sscanf(header, "@@ -%d,%d +%d,%d @@", &from, &count, &to, &size); err != nil {
			return []string{err.Error()}
		}
		out = append(out, a[at:from-1]...)
		at = from - 1
		for line := range strings.SplitSeq(strings.TrimSuffix(rest, "\n"), "\n") {
			switch line[0] {
			case ' ':
				if a[at] != line[1:] {
					return []string{"context is wrong: " + line}
				}
				out = append(out, a[at])
				at++
			case '-':
				at++
			case '+':
				out = append(out, line[1:])
			}
		}
	}
	return append(out, a[at:]...)
}

// An anchor's value moves on to the first place that refers to it, when its own place is written anew.
func TestAnchorsMoveOn(t *testing.T) {
	t.Parallel()
	b, err := readContractFiles()
	if err != nil {
		t.Fatal(err)
	}
	s := &patcher{contractFiles: b, contract: nil, run: &evidence.Run{Target: "sandbox", Started: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}}
	field, ok := s.schema("ForumpayPayInAnswer", "data.status")
	if !ok {
		t.Fatal("no such field")
	}
	if err := s.replace(field, "{type: string}"); err != nil {
		t.Fatal(err)
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
	text := strings.Join(s.files["providers/forumpay.yaml"], "\n")
	if !strings.Contains(text, "x-provenance: &unseen {basis: assumed") || !strings.Contains(text, "status: {type: string}") {
		t.Error(text)
	}
}

func TestScalar(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Pending": "Pending", "Awaiting approval": "Awaiting approval", "yes: no": "'yes: no'", "true": "'true'", "12": "'12'", "": "''",
		"it's": "'it''s'", "a\nb": `"a\nb"`, "- a": "'- a'", "null": "'null'", " a": "' a'",
	} {
		if got := scalar(text); got != want {
			t.Errorf("%q is written %s, want %s", text, got, want)
		}
	}
}

// Whatever two targets answer: nothing breaks, a run does not differ from itself, and every patch leaves the contract readable.
func FuzzBodies(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"status":"success","data":{"amount":100}}`, `{"status":"success","data":{"amount":"100.00"}}`},
		{`{"data":{"transactionId":"665f1c2ab7e4d93a5c0f1a2b"}}`, `{"transactionId":"665f1c2ab7e4d93a5c0f1a2b"}`},
		{`{"errors":["a","b"],"message":"Missing required field: email"}`, `{"errors":[{"a":1}],"message":null}`},
		{"", "<html>"}, {"{", "[]"}, {`{"a":1e400}`, `{"a":{"a":{"a":[[]]}}}`}, {`{"":{"":1}}`, `{"a.b":1,"a":{"b":2}}`}, {`{"a]":{"[":0}}`, `{"[0]":[[0]]}`},
	} {
		f.Add(seed[0], seed[1], 200)
	}
	contract, err := openapi.Cashier()
	if err != nil {
		f.Fatal(err)
	}
	request := `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00}`
	run := func(target, body string, status int) *evidence.Run {
		message := evidence.Message{Status: status, Body: body, Headers: map[string]string{"Content-Type": "application/json"}}
		return &evidence.Run{Target: target, Features: []evidence.Feature{{Scenarios: []evidence.Scenario{{
			ID: "1", Name: "1", Status: evidence.Passed, Steps: []evidence.Step{{Status: evidence.Passed}},
			Exchanges: []evidence.Exchange{{Label: "1", Request: evidence.Message{Path: openapi.CashierPath, Body: request}, Answer: message}},
			Webhooks:  []evidence.Webhook{{Label: "1", N: 1, Body: body}},
		}}}}}
	}
	f.Fuzz(func(t *testing.T, a, b string, status int) {
		status = 200 + status%400
		x, y := run("simulator", a, status), run("sandbox", b, status)
		if r := Compare(x, x, contract); len(r.Findings) > 0 {
			t.Errorf("it differs from itself: %+v", r.Findings)
		}
		for _, r := range []*Report{Compare(x, y, contract), Compare(y, x, contract), Against(y, contract)} {
			if _, err := json.Marshal(r); err != nil {
				t.Error(err)
			}
			for _, found := range r.Findings {
				if found.Rule == "" || found.Where == "" || found.Fix == "" {
					t.Errorf("half a finding: %+v", found)
				}
			}
		}
	})
}
