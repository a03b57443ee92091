package report

import (
	"strings"
	"testing"

	"mozartosim/features/evidence"
)

// flat writes a side with what differs in brackets.
func flat(all []span) string {
	var out strings.Builder
	for _, s := range all {
		if s.Differ {
			s.Text = "[" + s.Text + "]"
		}
		out.WriteString(s.Text)
	}
	return out.String()
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, expected, actual string }{
		{`the payment is pending (Pending), expected approved`, "the payment is [approved]", "the payment is [pending (Pending)]"},
		{`expected 2 webhooks within 3s, but 1 webhooks within 3s`, "[2 ]webhooks within 3s", "[1 ]webhooks within 3s"},
		{`answer data.url is "https://a b", expected "https://a c"`, `answer data.url is "https://a [c"]`, `answer data.url is "https://a [b"]`},
		{"the webhooks are A, B, expected A, B, C", "the webhooks are A, [B, C]", "the webhooks are A, [B]"},
		{"expected nothing credited, but got 5 EUR", "[nothing credited]", "[got 5 EUR]"},
		{"same same, expected same same", "same same", "same same"},
	} {
		got := compare(c.text)
		if len(got) != 1 || flat(got[0].Expected) != c.expected || flat(got[0].Actual) != c.actual {
			t.Errorf("%q: %+v", c.text, got)
		}
	}
	got := compare("data.x is missing\nthere is data.y\nit is 1, expected 2\x1b[31m")
	if len(got) != 2 || got[0].Text != "data.x is missing\nthere is data.y" || strings.Contains(flat(got[1].Expected), "\x1b") {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", "expected that it is there", ", expected ", "expected a, but "} {
		if got := compare(text); len(got) != 1 || got[0].Text != strings.TrimSpace(text) && len(got[0].Expected) > 0 {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	drawn := string(chart("Passed", []tally{{Name: "A<b>", Counts: evidence.Counts{Passed: 999, Failed: 1}}, {Name: "B", Counts: evidence.Counts{NotRun: 2}}}))
	for _, part := range []string{`aria-label="Passed: A&lt;b&gt; 999 of 1000; B –"`, `class="bar bad" x="399" y="4" width="2"`, `class="bar wait" x="150" y="26" width="250"`} {
		if !strings.Contains(drawn, part) {
			t.Errorf("the drawing has no %s: %s", part, drawn)
		}
	}
}

// The order of events is that of the steps; a call without an answer and a webhook that was refused are marked.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := evidence.Scenario{
		ID: "a", Steps: make([]evidence.Step, 3),
		Exchanges: []evidence.Exchange{
			{Label: "a, start", Step: 0, Answer: evidence.Message{Status: 200}}, {Label: "hidden", Step: 0, Control: true},
			{Label: "a, <state>", Step: 2, Error: "refused"},
		},
		Webhooks: []evidence.Webhook{{N: 1, Step: 1, Answered: 500}},
	}
	drawn := string(events(&evidence.Run{Kind: "certify", Target: "http://shop"}, s))
	at := -1
	for _, sentence := range []string{"certifier to shop: start: 200", "simulator to handler: webhook 1: 500", "certifier to shop: &lt;state&gt;: no answer"} {
		next := strings.Index(drawn, sentence)
		if next <= at {
			t.Errorf("%q is not where it belongs: %s", sentence, drawn)
		}
		at = next
	}
	if strings.Contains(drawn, "hidden") || strings.Count(drawn, `class="bad"`) != 2 {
		t.Error(drawn)
	}
	s.Webhooks, s.Exchanges = nil, s.Exchanges[:2]
	if got := events(&evidence.Run{Target: "simulator"}, s); got != "" {
		t.Errorf("one call is drawn: %s", got)
	}
}
