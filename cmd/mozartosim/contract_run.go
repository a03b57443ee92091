package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/production"
	"mozartosim/features/report"
	"mozartosim/features/runner"
)

// runFlags are those of `mozartosim contract run`.
type runFlags struct {
	target, adminURL, adminToken, profile, features, keep string
	listen, webhookURL                                    string
	formats                                               []string
	production                                            bool
	config                                                runner.Config
}

func newContractRun() *cobra.Command {
	var how runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Hold a target against the contract: run the features",
		Long: `Run the features against a target and say which of them hold.

  --target simulator   starts a simulator in this process, on standing clocks (default)
  --target sandbox     the vendor's Sandbox, or whatever the profile names; @sandbox scenarios only
  --target URL         any other; with --admin-url a running simulator, all scenarios

What can't be run against the target (no control API, no receiver for webhooks, a provider that is not configured) is
reported as not run, with the reason, and never as held.

Exit codes: 0 all that ran held, 1 something failed, 2 it could not be run.`,
		Example: `  mozartosim contract run
  mozartosim contract run --psp TRUST --tags "@webhook and not @slow"
  mozartosim contract run --features ./our-features --format pretty --format junit:out/junit.xml --format html:out/report.html
  mozartosim contract run --target http://localhost:8080 --admin-url http://localhost:8081
  mozartosim contract run --target sandbox --profile contract.yaml --listen :9090 --webhook-url https://hooks.shop.example --keep sandbox.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return how.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&how.target, "target", "simulator", "simulator, sandbox, or a base URL")
	flags.StringVar(&how.adminURL, "admin-url", "", "the admin API of the simulator at --target URL")
	flags.StringVar(&how.adminToken, "admin-token", "", "its token (default: MOZARTOSIM_ADMIN_TOKEN)")
	flags.StringVar(&how.profile, "profile", "", "credentials, users and PSPs for a target without control API (default: contract.yaml, if there is one)")
	flags.StringVar(&how.features, "features", "", "a folder of features instead of the built-in ones")
	flags.StringVar(&how.config.Tags, "tags", "", `only these scenarios, such as "@sandbox and not (@slow or @psp:CLEO)"`)
	flags.StringVar(&how.config.PSP, "psp", "", "only scenarios of this provider")
	flags.StringVar(&how.config.Name, "name", "", "only scenarios, features and files whose name matches this regular expression")
	flags.IntVar(&how.config.Parallel, "parallel", 0, "scenarios at once (default: 8 in process, 4 at a simulator's URL, 1 elsewhere)")
	flags.IntVar(&how.config.Retries, "retries", 0, "how often a scenario that failed is tried again; each try is reported")
	flags.BoolVar(&how.config.FailFast, "fail-fast", false, "start nothing new after the first failure")
	flags.BoolVar(&how.config.DryRun, "dry-run", false, "only match the steps: send nothing, and fail what has a step that is not known")
	flags.StringVar(&how.listen, "listen", "", "where the receiver of webhooks listens (default: a free port of loopback)")
	flags.StringVar(&how.webhookURL, "webhook-url", "", "the receiver's address as the target reaches it")
	flags.StringArrayVar(&how.formats, "format", nil, formatHelp())
	flags.StringVar(&how.keep, "keep", "", "write what was seen to this file, for contract drift")
	flags.BoolVar(&how.production, production.Flag, false, "run against the vendor's production, where payments are real")
	offer(cmd, "target", fixed("simulator", "sandbox"))
	offer(cmd, "psp", completePSP)
	offer(cmd, "format", fixed(report.Formats()...))
	offer(cmd, "tags", fixed("@sandbox", "@control", "@webhook", "@shopper", "@slow"))
	return cmd
}

func (how *runFlags) run(cmd *cobra.Command) error {
	ctx, stop := untilInterrupted(cmd.Context())
	defer stop()
	out, err := openOutputs(cmd.OutOrStdout(), how.formats)
	if err != nil {
		return err
	}
	if how.config.Features, err = how.files(); err != nil {
		return err
	}
	target, err := how.open(ctx)
	if err != nil {
		return wrong("%v", err)
	}
	watch := newWatch(ctx, cmd.ErrOrStderr())
	target.WatchWith(watch.say)
	how.config.Target, how.config.Tool, how.config.Live = target, version(), watch.around(out.live)
	seen, err := runner.Run(ctx, how.config)
	watch.end()
	err = errors.Join(err, target.Close())
	if seen != nil {
		err = errors.Join(err, out.finish(seen), how.save(seen))
	}
	switch {
	case ctx.Err() != nil:
		return wrong("the run was interrupted; the reports tell what was seen until then")
	case err != nil:
		return wrong("%s", target.Mask(err.Error()))
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
		return nil, wrong("--features %q must be a folder", how.features)
	}
	how.config.Folder = filepath.ToSlash(filepath.Clean(how.features))
	return os.DirFS(how.features), nil
}

func (how *runFlags) open(ctx context.Context) (*runner.Target, error) {
	switch {
	case how.target == "simulator":
		if how.adminURL+how.adminToken+how.listen+how.webhookURL+how.profile != "" {
			return nil, fmt.Errorf("--admin-url, --admin-token, --listen, --webhook-url and --profile are for a target that runs elsewhere: give --target URL, too")
		}
		return runner.Simulator(version())
	case how.adminURL != "":
		token := how.adminToken
		if token == "" {
			token = os.Getenv("MOZARTOSIM_ADMIN_TOKEN")
		}
		target, err := runner.Running(ctx, runner.RunningConfig{
			URL: how.target, AdminURL: how.adminURL, AdminToken: token, Listen: how.listen, WebhookURL: how.webhookURL,
			TLS: pinnedTLS(),
		})
		if trouble := certificateTrouble(how.adminURL, err); trouble != nil {
			return nil, trouble
		}
		if err != nil && strings.Contains(err.Error(), overTLS) {
			return nil, tryTLS(how.adminURL, http.StatusBadRequest, []byte(overTLS))
		}
		return target, err
	}
	profile, err := runner.ReadProfile(how.profile, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	if how.target != "sandbox" {
		profile.BaseURL = how.target
	}
	if how.listen != "" {
		profile.Listen = how.listen
	}
	if how.webhookURL != "" {
		profile.WebhookURL = how.webhookURL
	}
	return runner.Remote(profile, how.production)
}

func (how *runFlags) save(seen *evidence.Run) error {
	if how.keep == "" {
		return nil
	}
	return evidence.WriteFile(how.keep, seen)
}

// verdict is the error that gives the exit code: 1 when something failed, 2 when nothing could be run at all.
func verdict(seen *evidence.Run) error {
	count := seen.Count()
	switch {
	case count.Failed > 0:
		return fmt.Errorf("%d of %d scenarios failed", count.Failed, count.Failed+count.Passed)
	case count.Passed == 0:
		return wrong("none of the %d scenarios could be run: the first %s", count.NotRun, seen.Features[0].Scenarios[0].Reason)
	}
	return nil
}
