package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"mozartosim/features/evidence"
)

// Options are what a format can be asked for; the zero value is plain text at 100 columns.
type Options struct {
	Color bool // ANSI colours, for pretty and progress
	Width int  // columns, for pretty and progress; 0 = 100
}

func (o Options) width() int {
	if o.Width <= 0 {
		return 100
	}
	return max(o.Width, 40)
}

// Live is a format that can be written while the run goes on: Scenario is called once for each scenario as it ends, Done
// once after the last. Calls must not overlap.
type Live interface {
	Scenario(f evidence.Feature, s evidence.Scenario)
	Done(run *evidence.Run)
}

// format is one way to write a run: as it goes on, or when it has finished.
type format struct {
	name  string
	live  func(w io.Writer, o Options) Live
	write func(out *bytes.Buffer, run *evidence.Run) error
}

func formats() []format {
	return []format{
		{"pretty", newPretty, nil},
		{"progress", newProgress, nil},
		{"junit", nil, writeJUnit},
		{"cucumber", nil, writeCucumber},
		{"messages", nil, writeMessages},
		{"html", nil, writeHTML},
		{"github", nil, writeGitHub},
		{"markdown", nil, writeMarkdown},
	}
}

// Formats lists the names that Write knows.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// Write writes a finished run in one format, to w at once. The error says which formats there are when the name is none of
// them.
func Write(name string, w io.Writer, run *evidence.Run, o Options) error {
	i := slices.IndexFunc(formats(), func(f format) bool { return f.name == name })
	if i < 0 {
		return fmt.Errorf("report: there is no format %q; the formats are %s", name, strings.Join(Formats(), ", "))
	}
	var text bytes.Buffer
	if live, ok := NewLive(name, &text, o); ok {
		for f, s := range run.Scenarios() {
			live.Scenario(*f, *s)
		}
		live.Done(run)
	} else if err := formats()[i].write(&text, run); err != nil {
		return fmt.Errorf("report %s: %w", name, err)
	}
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("report %s: %w", name, err)
	}
	return nil
}

// NewLive returns a format that is written as the run goes on: pretty and progress. ok is false for a format that needs the
// whole run, and for a name that is no format's.
func NewLive(name string, w io.Writer, o Options) (live Live, ok bool) {
	for _, f := range formats() {
		if f.name == name && f.live != nil {
			return f.live(w, o), true
		}
	}
	return nil, false
}
