package console

import (
	"slices"
	"testing"
)

func TestProse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]piece{
		"":                   nil,
		"no code":            {{Text: "no code"}},
		"`a` is <b> or `c`.": {{}, {Text: "a", Code: true}, {Text: " is <b> or "}, {Text: "c", Code: true}, {Text: "."}},
		"a lone ` stays":     {{Text: "a lone ` stays"}},
		"`a` and a lone `":   {{}, {Text: "a", Code: true}, {Text: " and a lone `"}},
	} {
		if got := prose(text); !slices.Equal(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"awaiting_approval": "awaiting approval", "PAYIN": "pay-in", "approve-payout": "approve pay-out"} {
		if got := word(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := flowName("PAYOUT", "ACH"); got != "pay-out ACH" {
		t.Errorf("a pay-out by ACH is %q", got)
	}
}
