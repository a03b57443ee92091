package steps

import (
	"encoding/json"
	"testing"
	"time"
)

func TestExpressions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		values        []string // nil = no match
	}{
		{"a valid {psp} {flow} request", "a valid WORLDPAY_EU PAYIN request", []string{"WORLDPAY_EU", "PAYIN"}},
		{"a valid {psp} {flow} request", "a valid GIGADAT PAYOUT ETO request", []string{"GIGADAT", "PAYOUT ETO"}},
		{"a valid {psp} {flow} request", "a valid payone PAYIN request", nil},
		{"{int} webhook(s) has/have arrived", "1 webhook has arrived", []string{"1"}},
		{"{int} webhook(s) has/have arrived", "2 webhooks have arrived", []string{"2"}},
		{"{duration} pass(es)", "1h30m passes", []string{"1h30m"}},
		{"{duration} pass(es)", "3d pass", []string{"3d"}},
		{"{duration} pass(es)", "3 days pass", nil},
		{"it is {string}", `it is "a \"b\" \\ c"`, []string{`a \"b\" \\ c`}},
		{"it is {string}", `it is "a" or "b"`, nil},
		{"a/an {word} token", "an expired token", []string{"expired"}},
		{"what (is) this?", "what is this?", []string{}},
		{"what (is) this?", "what  this?", []string{}},
	} {
		expression, err := compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		found := expression.FindStringSubmatch(c.text)
		if (found == nil) != (c.values == nil) {
			t.Errorf("%q on %q: %v", c.pattern, c.text, found)
			continue
		}
		for i, value := range c.values {
			if found[i+1] != value {
				t.Errorf("%q on %q: %v", c.pattern, c.text, found)
			}
		}
	}
	if _, err := compile("{nothing}"); err == nil {
		t.Error("an unknown kind was taken")
	}
	if got := unquote(`a \"b\" \\ c`); got != `a "b" \ c` {
		t.Errorf("unquoted: %q", got)
	}
	if got := duration("1d1h30m"); got != 25*time.Hour+30*time.Minute {
		t.Errorf("span: %s", got)
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	w := &World{request: &request{fields: map[string]any{"userId": json.Number("17"), "amount": json.Number("100.00")}}, kept: map[string]any{"x": "y"}}
	for _, c := range []struct {
		value any
		cell  string
		holds bool
	}{
		{"PENDING", "PENDING", true}, {"PENDING", "pending", false},
		{json.Number("100"), "100.00", true}, {json.Number("100"), `"100"`, false}, {"100.00", `"100.00"`, true}, {"100.00", "100.00", true},
		{"100.00", "100", false}, {true, "true", true}, {nil, "(null)", true}, {"", "(empty)", true}, {"x", "(empty)", false},
		{"100.00", "<amount>", true}, {"100.0", "<amount>", false}, {json.Number("100.00"), "<amount>", false},
		{json.Number("1"), "<number>", true}, {"1", "<number>", false}, {false, "<boolean>", true},
		{"6955b900b4403a3112000001", "<transaction id>", true}, {"6955B900b4403a3112000001", "<transaction id>", false},
		{"ftp://x", "<url>", false}, {"https://x/y?z", "<url>", true}, {"po-1", "/^po-/", true}, {"x", "/(/", false},
		{"17", "<request.userId>", true}, {"100", "<request.amount>", true}, {"17", "<request.nothing>", false}, {"y", "<kept.x>", true},
		{"a", "<not:b>", true}, {"a", "<not:a>", false}, {"anything", "<any>", true}, {"x", "<unheard-of>", false},
		{map[string]any{"a": []any{}}, `{"a":[]}`, true},
	} {
		if wanted := w.expect(c.value, true, c.cell); (wanted == "") != c.holds {
			t.Errorf("%v against %s: %q", c.value, c.cell, wanted)
		}
	}
	if w.expect(nil, false, "(absent)") != "" || w.expect(nil, true, "(absent)") != "" || w.expect("x", true, "(absent)") == "" || w.expect(nil, false, "<any>") == "" {
		t.Error("absence is misjudged")
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	doc := map[string]any{"a": map[string]any{"b": []any{"x", map[string]any{"c": "d"}}}}
	if v, ok := lookup(doc, "a.b.1.c"); !ok || v != "d" {
		t.Errorf("got %v", v)
	}
	for _, path := range []string{"a.b.2", "a.b.x", "a.c", "a.b.0.c"} {
		if v, ok := lookup(doc, path); ok {
			t.Errorf("%s is %v", path, v)
		}
	}
	if err := set(doc, "n.m", "o"); err != nil || !remove(doc, "n.m") || remove(doc, "n.m") || remove(doc, "q.r") {
		t.Errorf("set and remove: %v", err)
	}
	if err := set(doc, "a.b.c", "x"); err == nil {
		t.Error("an array was taken for an object")
	}
}
