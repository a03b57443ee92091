package evidence_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mozartosim/features/evidence"
)

func run() *evidence.Run {
	return &evidence.Run{
		Version: evidence.Version, Tool: "v0.1", Kind: "contract", Target: "sandbox", Started: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
		Took: evidence.Span(1500 * time.Microsecond),
		Features: []evidence.Feature{{
			URI: "a.feature", Name: "A", Line: 1, Capability: "a",
			Scenarios: []evidence.Scenario{{
				ID: "a#1", Name: "one <two> & three", Line: 2, Status: evidence.Failed, Tries: 1, Took: evidence.Span(time.Second),
				Steps:     []evidence.Step{{Keyword: "When ", Text: "x", Line: 3, Status: evidence.Failed, Error: "no"}},
				Exchanges: []evidence.Exchange{{Label: "call 1", Answer: evidence.Message{Status: 200, Body: "{}"}}},
				Webhooks:  []evidence.Webhook{{Label: "call 1", N: 1, After: evidence.Span(-time.Second), Body: "{}"}},
			}},
		}},
	}
}

func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "run.json")
	if err := evidence.WriteFile(name, run()); err != nil {
		t.Fatal(err)
	}
	got, err := evidence.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run(), got); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	if left, err := filepath.Glob(name + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	scenario := func(s string) string {
		return "{\"version\": 1, \"features\": [{\"scenarios\": [\n" + s + "]}]}"
	}
	for name, c := range map[string]struct{ text, says string }{
		"nothing":         {"  \n", "the file is empty"},
		"no JSON":         {"version: 1", "line 1, column 1: invalid character 'v'"},
		"cut off":         {"{\"version\": 1,\n\"target\": ", "line 2, column 10: unexpected end of JSON input"},
		"two values":      {"{\"version\": 1}\n{}", "line 2, column 1: invalid character '{' after top-level value"},
		"an array":        {"[]", "line 1, column 1: json: cannot unmarshal array"},
		"no version":      {`{"target": "sandbox"}`, "it has no version"},
		"another version": {`{"version": 2, "features": 7}`, "it is of version 2, this mozartosim reads version 1"},
		"a wrong type":    {"{\"version\": 1,\n \"target\": 7}", "line 2, column 12: target must be string, but is a number"},
		"a wrong time":    {`{"version": 1, "started": "yesterday"}`, `parsing time "yesterday"`},
		"no id":           {scenario(`{"status": "passed"}`), "features[0].scenarios[0].id must not be empty"},
		"a status":        {scenario(`{"id": "a", "status": "ok"}`), `features[0].scenarios[0].status is "ok", but must be passed, failed or notrun`},
		"a step's status": {scenario(`{"id": "a", "status": "passed", "steps": [{"status": "?"}]}`), `steps[0].status is "?"`},
		"an exchange":     {scenario(`{"id": "a", "status": "passed", "exchanges": [{"step": 3}]}`), "exchanges[0].step is 3, but there are 0 steps"},
		"a webhook":       {scenario(`{"id": "a", "status": "passed", "webhooks": [{"step": -1}]}`), "webhooks[0].step is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := evidence.Read(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %+v, %v, want an error with %q", got, err, c.says)
			}
		})
	}
}

// A newer mozartosim may add fields without changing the version.
func TestReadLetsUnknownFieldsThrough(t *testing.T) {
	t.Parallel()
	got, err := evidence.Read(strings.NewReader(`{"version": 1, "target": "sandbox", "weather": "fine"}`))
	if err != nil || got.Target != "sandbox" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReadFileNamesTheFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "missing.json")
	if _, err := evidence.ReadFile(name); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v", err)
	}
	if _, err := evidence.Read(broken{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestCount(t *testing.T) {
	t.Parallel()
	r := run()
	r.Features[0].Scenarios = append(r.Features[0].Scenarios, evidence.Scenario{ID: "2", Status: evidence.NotRun}, evidence.Scenario{ID: "3", Status: evidence.Passed})
	if got := r.Count(); got != (evidence.Counts{Passed: 1, Failed: 1, NotRun: 1}) {
		t.Errorf("got %+v", got)
	}
}

// Whatever a file holds: it is read or refused with one sentence, and what was read can be written and read again.
func FuzzRead(f *testing.F) {
	var text bytes.Buffer
	if err := evidence.Write(&text, run()); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		text.String(), text.String()[:200], "", "{}", `{"version": 1}`, `{"version": 1.5}`, `{"version": 2}`, "null", "[1]", "\xff\xfe", `{"version": 1, "tookMs": 1e308}`,
		`{"version": 1, "features": [{"scenarios": [{"id": "a", "status": "passed", "exchanges": [{"step": 1}]}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := evidence.Read(bytes.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "read evidence: ") {
				t.Errorf("an error without its stage: %v", err)
			}
			return
		}
		if got.Started.Year() > 9999 || got.Started.Year() < 0 {
			return // JSON can't write such a time
		}
		var again bytes.Buffer
		if err := evidence.Write(&again, got); err != nil {
			t.Fatal(err)
		}
		if _, err := evidence.Read(&again); err != nil {
			t.Errorf("what was written is refused: %v", err)
		}
	})
}
