package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/features/evidence"
	"mozartosim/features/report"
	"mozartosim/simulator/design"
)

var update = flag.Bool("update", false, "write the goldens anew")

func write(t *testing.T, name string, run *evidence.Run, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(name, &out, run, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	// The design is another package's: its style sheet, and the hash that changes with it, are no part of a golden.
	got = strings.Replace(got, design.CSS(), "\n/* simulator/design */\n", 1)
	got = regexp.MustCompile(`style-src &#39;sha256-[^&]*(&#43;[^&]*)*&#39;`).ReplaceAllString(got, "style-src &#39;HASH&#39;")
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is another now (-want +got), `go test -update` when that is right:\n%s", file, diff)
	}
}

// portable replaces in messages what differs from machine to machine, and leaves out the vocabulary, which is another package's.
func portable(text string) string {
	lines := strings.SplitN(text, "\n", 2)
	if !strings.HasPrefix(lines[0], `{"meta":`) {
		return text
	}
	vocabulary := regexp.MustCompile(`(?m)^\{"(parameterType|stepDefinition)":.*\n`)
	return "{\"meta\":…}\n" + vocabulary.ReplaceAllString(lines[1], "")
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for _, name := range report.Formats() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "contract."+name, portable(write(t, name, sample(), report.Options{})))
			golden(t, "certify."+name, portable(write(t, name, certified(), report.Options{})))
		})
	}
}

func TestColoredGolden(t *testing.T) {
	t.Parallel()
	golden(t, "contract.pretty.color", write(t, "pretty", sample(), report.Options{Color: true, Width: 80}))
	golden(t, "contract.progress.narrow", write(t, "progress", sample(), report.Options{Width: 3}))
}

func TestDriftTextGolden(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	report.WriteDrift(&text, drifted())
	golden(t, "drift.text", text.String())
}

// Every format can show a run in which nothing happened.
func TestEmptyRun(t *testing.T) {
	t.Parallel()
	for _, name := range report.Formats() {
		if text := write(t, name, &evidence.Run{}, report.Options{}); text == "" {
			t.Errorf("%s says nothing", name)
		}
	}
}

// A step that panics fails with the stack below its reason, which is no part of the reports' one line.
func TestPanicIsOneLine(t *testing.T) {
	t.Parallel()
	run := sample()
	run.Features[0].Scenarios = run.Features[0].Scenarios[1:2]
	s := &run.Features[0].Scenarios[0]
	s.Reason = "When it is sent: out of order\nruntime.gopanic\n\truntime/panic.go:860\nmozartosim/features/steps.send\n\tmozartosim/features/steps/call.go:80"
	if text := write(t, "progress", run, report.Options{}); !strings.Contains(text, "      When it is sent: out of order\n") {
		t.Error(text)
	}
}

// A format whose file is a folder is refused before anything is run.
func TestFileIsAFolder(t *testing.T) {
	t.Parallel()
	if _, err := report.OpenOutputs(&bytes.Buffer{}, false, []string{"junit:" + t.TempDir()}); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	err := report.Write("xml", &bytes.Buffer{}, sample(), report.Options{})
	if err == nil || !strings.Contains(err.Error(), `no format "xml"; the formats are pretty, progress, junit,`) {
		t.Errorf("got %v", err)
	}
	if _, ok := report.NewLive("junit", &bytes.Buffer{}, report.Options{}); ok {
		t.Error("junit can't be written live")
	}
}

// What is written live is what is written afterwards.
func TestLive(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pretty", "progress"} {
		var out bytes.Buffer
		live, ok := report.NewLive(name, &out, report.Options{})
		if !ok {
			t.Fatalf("%s is not live", name)
		}
		run := sample()
		for _, f := range run.Features {
			for _, s := range f.Scenarios {
				live.Scenario(f, s)
			}
		}
		live.Done(run)
		if diff := cmp.Diff(write(t, name, run, report.Options{}), out.String()); diff != "" {
			t.Errorf("%s (-written +live):\n%s", name, diff)
		}
	}
}

// A scenario that was not run never counts as passed.
func TestNotRunIsNotHeld(t *testing.T) {
	t.Parallel()
	run := &evidence.Run{Kind: "contract", Target: "sandbox", Features: []evidence.Feature{{
		URI: "a.feature", Name: "A", Line: 1, Scenarios: []evidence.Scenario{{ID: "1", Name: "one", Line: 2, Status: evidence.NotRun, Reason: "no receiver"}},
	}}}
	for _, name := range report.Formats() {
		text := write(t, name, run, report.Options{})
		for _, wrong := range []string{"✓", "✅", `"status": "passed"`, "PASSED", "full marks", "1 passed", `data-state="passed"`} {
			if strings.Contains(text, wrong) {
				t.Errorf("%s says %s of a scenario that was not run:\n%s", name, wrong, text)
			}
		}
		if !strings.Contains(text, "no receiver") {
			t.Errorf("%s does not say why it was not run", name)
		}
	}
}
