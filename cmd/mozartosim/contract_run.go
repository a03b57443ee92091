package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/production"
	"mozartosim/features/report"
	"mozartosim/features/sandbox"
	"mozartosim/features/target"
	"mozartosim/simulator/words"
)

// runFlags are those of `mozartosim contract run`.
type runFlags struct {
	target, adminURL, adminToken, profile, features string
	listen, webhookURL                              string
	callsPerSecond, patience, quiet, shopper        string
	formats, observed                               []string
	production                                      bool
	preflight, yes                                  bool
	session                                         sandbox.Session
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

To a target on another machine nothing is sent before its plan (how many calls, how much money, how long) is agreed on, at
the terminal or by --yes, and a pre-flight has found no problem. Ctrl-C starts nothing more and writes what has been seen;
--resume continues it, and sends no payment twice without saying so.

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
	flags.StringVar(&how.session.Tags, "tags", "", `only these scenarios, such as "@sandbox and not (@slow or @psp:CLEO)"`)
	flags.StringVar(&how.session.PSP, "psp", "", "only scenarios of this provider")
	flags.StringVar(&how.session.Name, "name", "", "only scenarios, features and files whose name matches this regular expression")
	flags.StringVar(&how.session.Shard, "shard", "", "only this part of the scenarios, such as 2/5: the second of five; together the parts are the whole")
	flags.StringArrayVar(&how.session.Reruns, "rerun", nil, "only what failed in the run that --keep wrote to this file; may be repeated, for the files of shards")
	flags.IntVar(&how.session.Parallel, "parallel", 0, "scenarios at once (default: 8 in process, 4 at a simulator's URL, 1 elsewhere)")
	flags.IntVar(&how.session.Retries, "retries", 0, "how often a failed scenario is run again; each try is reported")
	flags.BoolVar(&how.session.FailFast, "fail-fast", false, "start nothing new after the first failure")
	flags.BoolVar(&how.session.DryRun, "dry-run", false, "match the steps without running them; a scenario with an unknown step fails")
	flags.StringVar(&how.listen, "listen", "", "where the receiver of webhooks listens (default: a free port of loopback)")
	flags.StringVar(&how.webhookURL, "webhook-url", "", "the receiver's URL for the target")
	flags.StringVar(&how.callsPerSecond, "calls-per-second", "", "the most calls a second to a target without admin API; 0 is any number (default: 2, any number on this machine)")
	flags.StringVar(&how.patience, "patience", "", "how long a webhook of it is waited for (default: 10m, 1m on this machine)")
	flags.StringVar(&how.quiet, "quiet", "", "how long no webhook must arrive to count as none (default: 30s, 5s on this machine)")
	flags.StringVar(&how.shopper, "shopper", "", "who pays on its pages: none, person (you), or simulated when it pays by itself (default: none)")
	flags.StringArrayVar(&how.formats, "format", nil, report.FormatHelp())
	flags.StringVar(&how.session.Keep, "keep", "", "write the evidence to this file, for contract drift")
	how.addCare(flags)
	cli.CompleteFlag(cmd, "target", cli.CompleteWords("simulator", "sandbox"))
	cli.CompleteFlag(cmd, "psp", cli.CompletePSP)
	cli.CompleteFlag(cmd, "shopper", cli.CompleteWords("none", "person", "simulated"))
	cli.CompleteFlag(cmd, "format", cli.CompleteWords(report.Formats()...))
	cli.CompleteFlag(cmd, "tags", cli.CompleteWords("@sandbox", "@control", "@webhook", "@shopper", "@slow"))
	return cmd
}

// addCare adds the flags that are about somebody else's target.
func (how *runFlags) addCare(flags *pflag.FlagSet) {
	flags.StringVar(&how.session.Resume, "resume", "", "continue the stopped run of this evidence file: scenarios that have ended are not sent again")
	flags.StringVar(&how.session.Bundle, "bundle", "", "write run, report, observations and plan to this zip file, without secrets and personal data")
	flags.BoolVar(&how.preflight, "preflight", false, "show the plan and check the target by calls that can't become payments; run nothing")
	flags.BoolVar(&how.yes, "yes", false, "send the plan without being asked, as in CI")
	flags.BoolVar(&how.production, production.Flag, false, "run against the vendor's production, where payments are real")
}

func (how *runFlags) run(cmd *cobra.Command) error {
	if how.session.Parallel < 0 || how.session.Retries < 0 {
		return cli.Usagef("--parallel and --retries must not be negative")
	}
	stop := make(chan struct{})
	ctx, release := cli.UntilInterrupted(cmd.Context(), func() {
		close(stop)
		fmt.Fprintln(cmd.ErrOrStderr(), "stopping: nothing more is started, and what runs comes to its end; Ctrl-C again stops at once")
	})
	defer release()
	out, err := openOutputs(cli.Raw(cmd.OutOrStdout()), how.formats)
	if err != nil {
		return err
	}
	s := &how.session
	if s.Features, err = how.files(); err != nil {
		return err
	}
	if s.Target, err = how.open(ctx); err != nil {
		return cli.Usagef("%v", err)
	}
	s.Tool, s.Stop = version(), stop
	seen, err := how.runIt(ctx, cmd, out)
	if err = errors.Join(err, s.Target.Close()); err != nil {
		return cli.Usagef("%s", s.Target.Mask(err.Error()))
	}
	switch {
	case seen == nil || s.DryRun && seen.Count().Failed == 0:
		return nil
	case seen.Stopped:
		return cli.Usagef("the run was stopped; the reports have what ran until then%s", s.Further())
	}
	return verdict(seen)
}

// runIt makes the run once what it sends to somebody else's target is agreed on; without a run nothing went wrong.
func (how *runFlags) runIt(ctx context.Context, cmd *cobra.Command, out *report.Outputs) (*evidence.Run, error) {
	s := &how.session
	if s.Target.Foreign && !s.DryRun || how.preflight {
		if agreed, err := how.agree(ctx, cmd); err != nil || !agreed {
			return nil, err
		}
	}
	errOut := cli.Raw(cmd.ErrOrStderr())
	watch := report.NewWatch(ctx, errOut, cli.IsTerminal(errOut), out.Live())
	s.Target.WatchWith(watch.Say)
	s.Live = watch.Scenario
	seen, err := s.Run(ctx)
	watch.End()
	if seen == nil {
		return nil, err
	}
	return seen, errors.Join(err, out.Finish(seen))
}

// agree shows the plan, checks the target by calls without payments, and asks whether the plan is to be sent.
func (how *runFlags) agree(ctx context.Context, cmd *cobra.Command) (bool, error) {
	s, out := &how.session, cmd.ErrOrStderr()
	if how.preflight {
		out = cmd.OutOrStdout()
	}
	if s.Target.Environment.Fixed == nil {
		return false, errors.New("--preflight is for a target without admin API: --target sandbox, or a URL without --admin-url")
	}
	plan, err := s.Rehearse(ctx)
	if err != nil {
		return false, err
	}
	if err := plan.Write(out); err != nil {
		return false, err
	}
	if !how.yes && !how.preflight && !cli.Interactive(cmd) {
		return false, errors.New("nothing was sent: there is no terminal to ask whether the plan above may be sent; --yes agrees to it")
	}
	fmt.Fprintln(out, "Pre-flight, by calls that can't become payments")
	found := s.Preflight(ctx)
	if err := words.Findings(out, found); err != nil {
		return false, err
	}
	if n := words.Problems(found); n > 0 {
		return false, fmt.Errorf("%s above: no payment was sent", words.Count(n, "problem"))
	}
	if how.preflight || how.yes {
		return how.yes && !how.preflight, nil
	}
	return cli.Agreed(s.Stop, cmd, "Send this to "+s.Profile.BaseURL+"?")
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
	how.session.Folder = filepath.ToSlash(filepath.Clean(how.features))
	return os.DirFS(how.features), nil
}

func (how *runFlags) open(ctx context.Context) (_ *target.Target, err error) {
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
	if how.session.Profile, err = target.ReadProfile(how.profile, os.LookupEnv, given); err != nil {
		return nil, err
	}
	return target.Remote(how.session.Profile, how.production) //nolint:contextcheck // the target outlives the call, until it is closed
}

// running is the running simulator at --target.
func (how *runFlags) running(ctx context.Context) (*target.Target, error) {
	client, err := cli.NewClient(how.adminURL)
	if err != nil {
		return nil, err
	}
	if err := client.Health(ctx); err != nil {
		return nil, errors.New(cli.ErrorText(err))
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

// openOutputs reads --format for a run whose standard output is out.
func openOutputs(out io.Writer, formats []string) (*report.Outputs, error) {
	o, err := report.OpenOutputs(out, cli.IsTerminal(out), formats)
	if err != nil {
		return nil, cli.Usagef("%v", err)
	}
	return o, nil
}
