package steps

import (
	"strings"
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
	if got := duration("1d1h30m"); got != 25*time.Hour+30*time.Minute {
		t.Errorf("span: %s", got)
	}
}

// The text of a step matches at most one pattern.
func FuzzStep(f *testing.F) {
	v, err := New()
	if err != nil {
		f.Fatal(err)
	}
	for i, s := range v.steps {
		line, _, _ := strings.Cut(s.Example, "\n")
		_, text, _ := strings.Cut(line, " ")
		f.Add(text, uint8(i))
	}
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		one := int(n) % len(v.steps)
		if !v.expressions[one].MatchString(text) { // all of them at every input would cost a hundred times as much
			return
		}
		for i, expression := range v.expressions {
			if i != one && expression.MatchString(text) {
				t.Errorf("%q matches %q and %q", text, v.steps[one].Pattern, v.steps[i].Pattern)
			}
		}
	})
}

// The text of no step is told which are near, on one line.
func TestUndefined(t *testing.T) {
	t.Parallel()
	v, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"the answer matches the contrakt": "the answer matches the contract", "xyz": "contract steps", "a\nwebhook arrives": "webhook",
	} {
		if err := v.Undefined(text); !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
