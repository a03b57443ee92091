package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/simulator/words"
)

// FormatHelp describes the flag --format.
func FormatHelp() string {
	return "NAME or NAME:FILE, may be repeated: " + strings.Join(Formats(), ", ") + " (default: pretty on a terminal, else progress)"
}

// output is one format and where it goes; file "" is standard output.
type output struct{ format, file string }

// Outputs are the formats of a run, and where each goes.
type Outputs struct {
	out     io.Writer
	options Options
	live    Live     // writes to standard output during the run; nil = nothing does
	after   []output // written after it
}

// OpenOutputs reads formats, NAME or NAME:FILE, so that what can't be written is known before the run. out is standard output.
func OpenOutputs(out io.Writer, terminal bool, formats []string) (*Outputs, error) {
	if len(formats) == 0 {
		formats = []string{"progress"}
		if terminal {
			formats = []string{"pretty"}
		}
	}
	o := &Outputs{out: out, options: Options{Color: terminal && os.Getenv("NO_COLOR") == "", Width: words.Width}}
	for _, text := range formats {
		name, file, toFile := strings.Cut(text, ":")
		if !slices.Contains(Formats(), name) || toFile && file == "" {
			return nil, fmt.Errorf("--format %q must be NAME or NAME:FILE; the names are %s", text, strings.Join(Formats(), ", "))
		}
		if toFile {
			if err := evidence.MakeRoom(file); err != nil {
				return nil, fmt.Errorf("--format %q: %w", text, err)
			}
		}
		live, can := NewLive(name, out, o.options)
		if can && !toFile && o.live == nil {
			o.live = live
			continue
		}
		o.after = append(o.after, output{name, file})
	}
	return o, nil
}

// Live writes to standard output during the run; nil = nothing does.
func (o *Outputs) Live() Live { return o.live }

// Finish writes what is written after the run.
func (o *Outputs) Finish(seen *evidence.Run) error {
	if o.live != nil {
		o.live.Done(seen)
	}
	var failed error
	silent := o.live == nil
	for _, each := range o.after {
		failed = errors.Join(failed, o.write(each, seen))
		silent = silent && each.file != ""
	}
	if silent {
		c := seen.Count()
		fmt.Fprintf(o.out, "scenarios: %d, %d passed, %d failed, %d not run\n", c.Passed+c.Failed+c.NotRun, c.Passed, c.Failed, c.NotRun)
	}
	return failed
}

func (o *Outputs) write(to output, seen *evidence.Run) error {
	if to.file == "" {
		return Write(to.format, o.out, seen, o.options)
	}
	var text bytes.Buffer
	if err := Write(to.format, &text, seen, Options{Width: o.options.Width}); err != nil {
		return err
	}
	return os.WriteFile(to.file, text.Bytes(), 0o644) //nolint:gosec // as above
}
