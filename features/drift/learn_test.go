package drift_test

import (
	"slices"
	"strings"
	"testing"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/observe"
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

// needPerson are the deviations that no observation is made of, because only a person can decide.
var needPerson = []string{
	"flat instead of nested", "a page instead of JSON", "a form instead of JSON", "a form with all fields", "wrapped in an event",
	"another authorization of webhooks", "another retry schedule", "refused what was accepted",
}

// learns checks that a deviation is learned: the file says it under its rule, and learning again gives the same bytes.
func learns(t *testing.T, d deviation, simulated, seen *evidence.Run) (decided bool) {
	t.Helper()
	learned, text := learnedFrom(t, simulated, observed.File{}, seen)
	if again, same := learnedFrom(t, simulated, learned.File, seen); same != text || len(again.Contradictions) > 0 {
		t.Errorf("learning again gives another file: %s\n%s\nafter\n%s", again.Contradictions, same, text)
	}
	decided = len(learned.File.Observations) > 0 && len(learned.Undecided) == 0
	if len(d.wants) > 0 && decided == slices.Contains(needPerson, d.name) {
		t.Errorf("learned %s\nundecided: %s", text, strings.Join(learned.Undecided, "\n"))
	}
	if len(d.wants) == 0 && len(learned.File.Observations) > 0 {
		t.Errorf("learned from one that does not deviate:\n%s", text)
	}
	return decided
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
	ignored := drift.Ignored{"PayonePayInAnswer.data.redirect_url": "the shop reads both"}
	if l := observe.Learn(simulated, []*evidence.Run{other}, observed.File{}, ignored, contract(t)); len(l.File.Observations) > 0 {
		t.Errorf("learned what is ignored: %+v", l.File)
	}
}
