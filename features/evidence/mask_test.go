package evidence

import (
	"encoding/json"
	"strings"
	"testing"
)

// Every text that somebody else wrote is masked, wherever it stands.
func TestMask(t *testing.T) {
	t.Parallel()
	told := Message{Path: "/hush", Headers: map[string]string{"X": "hush"}, Body: "hush"}
	run := Run{Features: []Feature{{Scenarios: []Scenario{{
		Reason: "hush", Timeline: "hush", Earlier: []string{"hush"},
		Steps:     []Step{{Text: "hush", Argument: "hush", Error: "hush"}},
		Exchanges: []Exchange{{Error: "hush", Request: told, Answer: Message{Path: "hush", Headers: map[string]string{"X": "hush"}, Body: "hush"}}},
		Webhooks:  []Webhook{{Body: "hush", Error: "hush", Headers: map[string]string{"X": "hush"}}},
	}}}}}
	run.Mask(func(text string) string { return strings.ReplaceAll(text, "hush", "***") })
	text, err := json.Marshal(run)
	if err != nil || strings.Contains(string(text), "hush") || strings.Count(string(text), "***") != 16 {
		t.Errorf("%s, %v", text, err)
	}
}
