package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/template"
	"time"
)

// bench is one run of the program.
type bench struct {
	options
	dir, binary string
	began       time.Time
	load        string // average of the machine before it began
	measured    []measured
}

// measured is a case and its figures.
type measured struct {
	benchCase
	figures []*figure
}

// figure is one thing that each round of a case measured.
type figure struct {
	name, unit string
	values     []float64
}

func (b *bench) now() *measured { return &b.measured[len(b.measured)-1] }

// say adds to what is said of the case that runs.
func (b *bench) say(text string) {
	fmt.Println("  " + text)
	b.now().what += "; " + text
}

// add adds a round's value to a figure of the case that runs.
func (b *bench) add(name, unit string, value float64) {
	m := b.now()
	i := slices.IndexFunc(m.figures, func(f *figure) bool { return f.name == name })
	if i < 0 {
		i = len(m.figures)
		m.figures = append(m.figures, &figure{name: name, unit: unit})
	}
	m.figures[i].values = append(m.figures[i].values, value)
}

func (f *figure) median() float64 { return slices.Sorted(slices.Values(f.values))[len(f.values)/2] }

// text writes a value with two digits after the point when it is small.
func (*figure) text(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 1000:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func (f *figure) raw(between string) string {
	var all []string
	for _, v := range f.values {
		all = append(all, f.text(v))
	}
	return strings.Join(all, between)
}

// median returns the median of a case's figure, as it is written.
func (b *bench) median(of, name string) string {
	for _, m := range b.measured {
		for _, f := range m.figures {
			if m.name == of && f.name == name {
				return f.text(f.median())
			}
		}
	}
	return "?"
}

// summary is the sentence that README.md quotes.
func (b *bench) summary() string {
	return fmt.Sprintf("A start takes %s ms; with one core for the simulator and one for the load it answers %s calls a second with a p99 of %s ms, "+
		"and delivers each payment's webhook beside %s; %d payments with their webhooks take %s MiB.",
		b.median("start", "exec to first answer"), b.median("answers", "answers per second"), b.median("answers", "p99"),
		b.median("webhooks", "answers per second"), b.kept, b.median("kept", "resident with the webhooks kept"))
}

// The lines of BENCHMARKS.md and README.md between which the summary stands.
const (
	quoteBegins = "<!-- measured -->"
	quoteEnds   = "<!-- /measured -->"
)

// writeReport writes BENCHMARKS.md, and the sentence that README.md quotes.
func (b *bench) writeReport() error {
	var text strings.Builder
	if err := template.Must(template.New("").Parse(page)).Execute(&text, b.page()); err != nil {
		return err
	}
	if err := os.WriteFile("BENCHMARKS.md", []byte(text.String()), 0o644); err != nil { //nolint:gosec // a file of the checkout
		return err
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return err
	}
	before, _, begins := strings.Cut(string(readme), quoteBegins)
	_, after, ends := strings.Cut(string(readme), quoteEnds)
	if !begins || !ends {
		return fmt.Errorf("README.md has no %s and %s", quoteBegins, quoteEnds)
	}
	return os.WriteFile("README.md", []byte(before+quoteBegins+b.summary()+quoteEnds+after), 0o644) //nolint:gosec // as it is
}

// page is what the report's template is filled with.
func (b *bench) page() map[string]any {
	return map[string]any{
		"Quote": quoteBegins + b.summary() + quoteEnds, "Cases": b.table(), "Aims": b.aims(), "Rounds": b.rounds, "Connections": b.connections, "Length": b.length,
		"Date": b.began.UTC().Format("2006-01-02 15:04 MST"), "Took": time.Since(b.began).Round(time.Second), "Load": b.load, "Load2": loadAverage(),
		"Commit": told("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"), "Go": runtime.Version(),
		"Machine": fmt.Sprintf("%s, processors %s, %s KiB of memory, %s", fromFile("/proc/cpuinfo", "model name"), fromFile("/sys/devices/system/cpu/online", ""),
			strings.TrimSuffix(fromFile("/proc/meminfo", "MemTotal"), " kB"), told("uname", "-sr")),
		"Pinned": os.Getenv("MOZARTOBENCH_PINNED") == "yes",
	}
}

// aim says what a figure should be, and whether its median is; "" = it has no aim.
func (m *measured) aim(f *figure) (text string, met bool) {
	a, has := m.aims[f.name]
	if !has {
		return "", true
	}
	text, median := fmt.Sprint(a.sign, " ", a.bound), f.median()
	if met = a.sign == "≥" && median >= a.bound || a.sign == "≤" && median <= a.bound; !met {
		text += ", not met"
	}
	return text, met
}

// print writes the figures of the case that ran.
func (b *bench) print() error {
	m := b.now()
	for _, f := range m.figures {
		text, _ := m.aim(f)
		fmt.Printf("  %-52s median %10s   %-17s %s\n", f.name+", "+f.unit, f.text(f.median()), text, f.raw(" "))
	}
	for name := range m.aims {
		if len(m.figures) > 0 && !slices.ContainsFunc(m.figures, func(f *figure) bool { return f.name == name }) {
			return fmt.Errorf("%q has an aim and was not measured", name)
		}
	}
	return nil
}

// aims says how many of the figures that have an aim meet it.
func (b *bench) aims() string {
	all, reached := 0, 0
	for _, m := range b.measured {
		for _, f := range m.figures {
			if text, met := m.aim(f); text != "" {
				all++
				if met {
					reached++
				}
			}
		}
	}
	return fmt.Sprintf("%d of %d", reached, all)
}

// table is the raw numbers.
func (b *bench) table() string {
	var out strings.Builder
	for _, m := range b.measured {
		fmt.Fprintf(&out, "\n### %s\n\n%s.\n", m.name, m.what)
		if len(m.figures) > 0 {
			out.WriteString("\n| | unit | median | aim | runs |\n|---|---|---|---|---|\n")
		}
		for _, f := range m.figures {
			text, _ := m.aim(f)
			fmt.Fprintf(&out, "| %s | %s | **%s** | %s | %s |\n", f.name, f.unit, f.text(f.median()), text, f.raw(" · "))
		}
	}
	return out.String()
}

const page = `# Benchmarks

{{.Quote}}

Made by ` + "`make bench-report`" + ` on {{.Date}} (it took {{.Took}}) at commit {{.Commit}} with {{.Go}}; ` + "`make bench`" + ` prints the same figures.

| | |
|---|---|
| machine | {{.Machine}} |
| load average | {{.Load}} before, {{.Load2}} after, this run included |
| processors | {{if .Pinned}}servers on the first, load and the webhooks' receiver on the second; replicas and contract use both{{else}}servers and load share all: taskset is not installed{{end}} |
| rounds | {{.Rounds}} after one to warm up, {{.Length}} each; start, kept and contract have none to warm up, pauses and container are one run |
| script | [cmd/mozartobench](cmd/mozartobench), the binary as ` + "`make build`" + ` builds it |

## Method

The simulator runs as a process of its own, as users run it: both tokens checked, the contract validated, rules, state machine,
journal, timeline. Beside it, in turns and under the same load, runs a plain net/http handler that decodes the same request and
encodes an answer of the same form, and does nothing else; *ratio* is against that. Each connection waits for its answer before
it sends again. Processor time is user and system time of the server's process; what else the machine does shows in it least.

## Limits

Absolute figures are this machine's; ratios and processor time travel. One machine, loopback: no network, no TLS; SQLite
and PostgreSQL write to its folder for temporary files. One kind of call, a Payone pay-in of the demo company. Aims were set
beforehand, and {{.Aims}} are met. Medians are of {{.Rounds}} rounds: differences of a tenth mean nothing. Resident memory counts
the binary's own pages, which processes share; *private* leaves them out. Clock ticks are 10 ms: processor time of less than a
second is coarse. ` + "`version`" + ` and a start include what packages of others do before ours (` + "`GODEBUG=inittrace=1`" + ` lists it).

## Figures
{{.Cases}}`

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// fromFile returns the value of a file's first line of that name.
func fromFile(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(text), name)
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimLeft(line, "\t :")
}

// told returns what a program prints.
func told(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// goPath is the PATH on which go is found.
func goPath() string {
	at, err := exec.LookPath("go")
	if err != nil {
		return "/usr/bin:/bin"
	}
	return filepath.Dir(at) + ":/usr/bin:/bin"
}
