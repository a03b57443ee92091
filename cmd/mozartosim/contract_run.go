package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/production"
	"mozartosim/features/report"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/simulator/clock"
)

// runFlags are those of `mozartosim contract run`.
type runFlags struct {
	target, adminURL, adminToken, profile, features, keep string
	listen, webhookURL                                    string
	callsPerSecond, patience, quiet, shopper              string
	formats, observed                                     []string
	production                                            bool
	config                                                runner.Config
}

func newContractRun() *cobra.Command {
	var how runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the features of the contract against a target",
		Long: `Run the features against a target and report which scenarios pass.

  --target simulator   starts a simulator in this process, with manual clocks (default)
  --target sandbox     the vendor's Sandbox, or the target that the profile names; @sandbox scenarios only
  --target URL         any other; with --admin-url a running simulator, all scenarios

A scenario that can't be run against the target (no admin API, no receiver for webhooks, a provider that is not
configured) is reported as not run, with the reason, and never as passed.

Exit codes: 0 every scenario that ran passed, 1 one failed, 2 nothing could be run.`,
		Example: `  mozartosim contract run
  mozartosim contract run --psp TRUST --tags "@webhook and not @slow"
  mozartosim contract run --features ./our-features --format pretty --format junit:out/junit.xml --format html:out/report.html
  mozartosim contract run --target http://localhost:8080 --admin-url http://localhost:8081
  mozartosim contract run --target sandbox --profile contract.yaml --listen :9090 --webhook-url https://hooks.shop.example --keep sandbox.json`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return how.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&how.target, "target", "simulator", "simulator, sandbox, or a base URL")
	flags.StringVar(&how.adminURL, "admin-url", "", "the admin API of the simulator at --target URL")
	flags.StringVar(&how.adminToken, "admin-token", "", "its token (default: MOZARTOSIM_ADMIN_TOKEN)")
	flags.StringVar(&how.profile, "profile", "", "credentials, users and PSPs for a target without admin API (default: contract.yaml, if there is one)")
	observedFlag(flags, &how.observed)
	flags.StringVar(&how.features, "features", "", "a folder of features instead of the built-in ones")
	flags.StringVar(&how.config.Tags, "tags", "", `only these scenarios, such as "@sandbox and not (@slow or @psp:CLEO)"`)
	flags.StringVar(&how.config.PSP, "psp", "", "only scenarios of this provider")
	flags.StringVar(&how.config.Name, "name", "", "only scenarios, features and files whose name matches this regular expression")
	flags.IntVar(&how.config.Parallel, "parallel", 0, "scenarios at once (default: 8 in process, 4 at a simulator's URL, 1 elsewhere)")
	flags.IntVar(&how.config.Retries, "retries", 0, "how often a failed scenario is run again; each try is reported")
	flags.BoolVar(&how.config.FailFast, "fail-fast", false, "start nothing new after the first failure")
	flags.BoolVar(&how.config.DryRun, "dry-run", false, "match the steps without running them; a scenario with an unknown step fails")
	flags.StringVar(&how.listen, "listen", "", "where the receiver of webhooks listens (default: a free port of loopback)")
	flags.StringVar(&how.webhookURL, "webhook-url", "", "the receiver's URL for the target")
	flags.StringVar(&how.callsPerSecond, "calls-per-second", "", "the most calls a second to a target without admin API; 0 is any number (default: 2, any number on this machine)")
	flags.StringVar(&how.patience, "patience", "", "how long a webhook of it is waited for (default: 10m, 1m on this machine)")
	flags.StringVar(&how.quiet, "quiet", "", "how long no webhook must arrive to count as none (default: 30s, 5s on this machine)")
	flags.StringVar(&how.shopper, "shopper", "", "who pays on its pages: none, person (you), or simulated when it pays by itself (default: none)")
	flags.StringArrayVar(&how.formats, "format", nil, formatHelp())
	flags.StringVar(&how.keep, "keep", "", "write the evidence to this file, for contract drift")
	flags.BoolVar(&how.production, production.Flag, false, "run against the vendor's production, where payments are real")
	cli.CompleteFlag(cmd, "target", cli.CompleteWords("simulator", "sandbox"))
	cli.CompleteFlag(cmd, "psp", cli.CompletePSP)
	cli.CompleteFlag(cmd, "shopper", cli.CompleteWords("none", "person", "simulated"))
	cli.CompleteFlag(cmd, "format", cli.CompleteWords(report.Formats()...))
	cli.CompleteFlag(cmd, "tags", cli.CompleteWords("@sandbox", "@control", "@webhook", "@shopper", "@slow"))
	return cmd
}

func (how *runFlags) run(cmd *cobra.Command) error {
	ctx, stop := cli.UntilInterrupted(cmd.Context())
	defer stop()
	out, err := openOutputs(cli.Raw(cmd.OutOrStdout()), how.formats)
	if err != nil {
		return err
	}
	if how.config.Features, err = how.files(); err != nil {
		return err
	}
	target, err := how.open(ctx)
	if err != nil {
		return cli.Usagef("%v", err)
	}
	watch := newWatch(ctx, cli.Raw(cmd.ErrOrStderr()), out.live)
	target.WatchWith(watch.say)
	how.config.Target, how.config.Tool, how.config.Live = target, version(), watch
	seen, err := runner.Run(ctx, how.config)
	watch.end()
	err = errors.Join(err, target.Close())
	if seen != nil {
		err = errors.Join(err, out.finish(seen))
	}
	if seen != nil && how.keep != "" {
		err = errors.Join(err, evidence.WriteFile(how.keep, seen))
	}
	switch {
	case ctx.Err() != nil:
		return cli.Usagef("the run was interrupted; the reports have what ran until then")
	case err != nil:
		return cli.Usagef("%s", target.Mask(err.Error()))
	}
	if how.config.DryRun && seen.Count().Failed == 0 {
		return nil
	}
	return verdict(seen)
}

// files are the features to run.
func (how *runFlags) files() (fs.FS, error) {
	if how.features == "" {
		return features.All(), nil
	}
	info, err := os.Stat(how.features)
	if err != nil || !info.IsDir() {
		return nil, cli.Usagef("--features %q must be a folder", how.features)
	}
	how.config.Folder = filepath.ToSlash(filepath.Clean(how.features))
	return os.DirFS(how.features), nil
}

func (how *runFlags) open(ctx context.Context) (*target.Target, error) {
	switch {
	case how.observed != nil && how.target != "simulator":
		return nil, fmt.Errorf("--observed is for the simulator of this process: a target that runs has observations of its own (mozartosim serve --observed)")
	case how.target == "simulator":
		if how.adminURL+how.adminToken+how.listen+how.webhookURL+how.profile+how.callsPerSecond+how.patience+how.quiet+how.shopper != "" {
			return nil, fmt.Errorf("--admin-url, --admin-token, --listen, --webhook-url, --profile, --calls-per-second, --patience, --quiet and --shopper are for a target that runs elsewhere: set --target URL too")
		}
		return target.Simulator(version(), how.observed...) //nolint:contextcheck // the target outlives the call, until it is closed
	case how.adminURL != "" && how.callsPerSecond+how.patience+how.quiet+how.shopper != "":
		return nil, fmt.Errorf("--calls-per-second, --patience, --quiet and --shopper are for a target without --admin-url: a simulator's clock is moved")
	case how.adminURL != "":
		return how.running(ctx)
	}
	given := map[string]string{
		"--listen": how.listen, "--webhook-url": how.webhookURL, "--calls-per-second": how.callsPerSecond, "--patience": how.patience,
		"--quiet": how.quiet, "--shopper": how.shopper,
	}
	if how.target != "sandbox" {
		given["--base-url"] = how.target
	}
	profile, err := target.ReadProfile(how.profile, os.LookupEnv, given)
	if err != nil {
		return nil, err
	}
	return target.Remote(profile, how.production) //nolint:contextcheck // the target outlives the call, until it is closed
}

// running is the running simulator at --target.
func (how *runFlags) running(ctx context.Context) (*target.Target, error) {
	client, err := cli.NewClient(how.adminURL)
	if err != nil {
		return nil, err
	}
	if _, err := client.Health(ctx); err != nil {
		return nil, cli.Explain(how.adminURL, err)
	}
	token := cmp.Or(how.adminToken, os.Getenv("MOZARTOSIM_ADMIN_TOKEN"))
	return target.Running(ctx, target.RunningConfig{
		URL: how.target, AdminURL: how.adminURL, AdminToken: token, Listen: how.listen, WebhookURL: how.webhookURL, TLS: cli.TLS(),
	})
}

// verdict is the error that gives the exit code: 1 when something failed, 2 when nothing could be run at all.
func verdict(seen *evidence.Run) error {
	count := seen.Count()
	switch {
	case count.Failed > 0:
		return fmt.Errorf("%d of %d scenarios failed", count.Failed, count.Failed+count.Passed)
	case count.Passed == 0:
		return cli.Usagef("none of the %d scenarios could be run: the first %s", count.NotRun, seen.Features[0].Scenarios[0].Reason)
	}
	return nil
}

func formatHelp() string {
	return "NAME or NAME:FILE, may be repeated: " + strings.Join(report.Formats(), ", ") + " (default: pretty on a terminal, else progress)"
}

// output is one format and where it goes; file "" is standard output.
type output struct{ format, file string }

// outputs are all of a run's.
type outputs struct {
	out     io.Writer
	options report.Options
	live    report.Live // writes to standard output during the run; nil = nothing does
	after   []output    // written after it
}

// openOutputs reads --format, so that what can't be written is known before the run.
func openOutputs(out io.Writer, formats []string) (*outputs, error) {
	terminal := cli.IsTerminal(out)
	if len(formats) == 0 {
		formats = []string{"progress"}
		if terminal {
			formats = []string{"pretty"}
		}
	}
	o := &outputs{out: out, options: report.Options{Color: terminal && os.Getenv("NO_COLOR") == "", Width: cli.Width}}
	for _, text := range formats {
		name, file, toFile := strings.Cut(text, ":")
		if !slices.Contains(report.Formats(), name) || toFile && file == "" {
			return nil, cli.Usagef("--format %q must be NAME or NAME:FILE; the names are %s", text, strings.Join(report.Formats(), ", "))
		}
		if toFile {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return nil, cli.Usagef("--format %q: %v", text, err)
			}
		}
		live, can := report.NewLive(name, out, o.options)
		if can && !toFile && o.live == nil {
			o.live = live
			continue
		}
		o.after = append(o.after, output{name, file})
	}
	return o, nil
}

// finish writes what is written after the run.
func (o *outputs) finish(seen *evidence.Run) error {
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

func (o *outputs) write(to output, seen *evidence.Run) error {
	if to.file == "" {
		return report.Write(to.format, o.out, seen, o.options)
	}
	var text bytes.Buffer
	if err := report.Write(to.format, &text, seen, report.Options{Width: cli.Width}); err != nil {
		return err
	}
	return os.WriteFile(to.file, text.Bytes(), 0o644)
}

// watch shows what a run waits for: on a terminal in a line that is written again each second; elsewhere, as in CI, in one
// line for each wait. It shares the terminal with the live report.
type watch struct {
	out      io.Writer
	live     report.Live // nil = none
	terminal bool
	stop     context.CancelFunc
	stopped  chan struct{}

	mu    sync.Mutex
	text  string // what is waited for; "" = nothing
	since time.Time
}

func newWatch(ctx context.Context, out io.Writer, live report.Live) *watch {
	w := &watch{out: out, live: live, terminal: cli.IsTerminal(out), stopped: make(chan struct{})}
	ctx, w.stop = context.WithCancel(ctx)
	go func() {
		defer close(w.stopped)
		for tick := clock.New(); w.terminal; w.draw() {
			if _, err := tick.Hold(ctx, time.Second); err != nil {
				return
			}
		}
	}()
	return w
}

// clearLine removes the terminal's current line.
const clearLine = "\r\x1b[2K"

func (w *watch) say(text string) {
	w.mu.Lock()
	w.text, w.since = text, clock.Wall()
	w.mu.Unlock()
	if !w.terminal {
		fmt.Fprintln(w.out, text)
		return
	}
	w.draw()
}

func (w *watch) draw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.text != "" {
		fmt.Fprintf(w.out, "%s%s (%s)", clearLine, w.text, clock.Wall().Sub(w.since).Truncate(time.Second))
	}
}

func (w *watch) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.text != "" && w.terminal {
		fmt.Fprint(w.out, clearLine)
	}
	w.text = ""
}

// Scenario implements runner.Live: the wait is over.
func (w *watch) Scenario(f evidence.Feature, s evidence.Scenario) {
	w.clear()
	if w.live != nil {
		w.live.Scenario(f, s)
	}
}

// end stops drawing.
func (w *watch) end() {
	w.clear()
	w.stop()
	<-w.stopped
}
