package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/steps"
	"mozartosim/simulator"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/mcp"
)

// agentFlags are those of `mozartosim mcp`: what agents may reach besides the simulator.
type agentFlags struct {
	adminURL, company                string
	target, profile, certify, folder string
	readOnly                         bool
}

func newMCP() *cobra.Command {
	var how agentFlags
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Let agents use a running simulator (Model Context Protocol, on standard input and output)",
		Long: `Let agents use a running simulator by the Model Context Protocol, on standard input and output: tools to make, explain and
decide payments, move the clock, script scenarios and outages, read contract and ledger, and run features. The admin listener
serves the same by streamable HTTP at /mcp, behind the admin token.

No tool takes a URL or a path. Features run against a simulator of their own unless --target says otherwise; certify needs
--certify-config, and runs are kept for learn in --dir.`,
		Example: `  mozartosim mcp
  mozartosim mcp --read-only
  mozartosim mcp --certify-config certify.yaml --dir runs
  claude mcp add mozartosim -- mozartosim mcp`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return how.serve(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&how.adminURL, "admin-url", "", "the admin API of the running simulator (default MOZARTOSIM_ADMIN_URL, or "+cli.DefaultAdminURL+")")
	flags.StringVar(&how.company, "company", "", "the company of tools that name none, by name or id (default MOZARTOSIM_COMPANY, or the first)")
	flags.BoolVar(&how.readOnly, "read-only", false, "offer only tools that change nothing")
	flags.StringVar(&how.target, "target", "simulator", "what features run against: simulator, or sandbox, whose plan is then sent without being asked")
	flags.StringVar(&how.profile, "profile", "", "credentials, users and PSPs of the sandbox (default: contract.yaml, if there is one)")
	flags.StringVar(&how.certify, "certify-config", "", "how the merchant's system is called and what is checked, for certify (default: it is not offered)")
	flags.StringVar(&how.folder, "dir", "", "where runs and observed.yaml are kept, for learn (default: nowhere)")
	cli.CompleteFlag(cmd, "target", cli.CompleteWords("simulator", "sandbox"))
	return cmd
}

func (how *agentFlags) serve(cmd *cobra.Command) error {
	if how.target != "simulator" && how.target != "sandbox" {
		return cli.OneOf("target", how.target, []string{"simulator", "sandbox"})
	}
	client, err := cli.NewClient(cli.AdminURL(how.adminURL, cli.DefaultAdminURL))
	if err != nil {
		return err
	}
	guides, err := simulator.Guides()
	if err != nil {
		return err
	}
	server := mcp.New(mcp.Config{
		Operator: mcp.Operator{ReadOnly: how.readOnly, Harness: how.harness(), Steps: stepsText}, Admin: client,
		Company: cmp.Or(how.company, os.Getenv("MOZARTOSIM_COMPANY")), Cashier: cli.HTTPClient().Transport,
		Guides: guides, Version: version(),
	})
	ctx, stop := cli.UntilInterrupted(cmd.Context())
	defer stop()
	err = server.Run(ctx, &sdk.StdioTransport{})
	if ctx.Err() != nil { // interrupted
		return nil
	}
	return err
}

// harness runs features and checks against what the operator named.
func (how *agentFlags) harness() *mcp.Harness {
	h := &mcp.Harness{Run: func(ctx context.Context, psp, tags, name, keep string) (string, error) {
		features := runFlags{target: how.target, formats: []string{"pretty"}}
		if how.target != "simulator" {
			features.yes, features.profile = true, how.profile
		}
		features.session.PSP, features.session.Tags, features.session.Name = psp, tags, name
		switch {
		case keep != "" && how.folder == "":
			return "", errors.New("keep: nothing is kept here: leave it out, or have the operator start mozartosim mcp with --dir")
		case keep != "":
			features.session.Keep = how.file(keep + ".json")
		}
		return reported(ctx, features.run)
	}}
	if how.folder != "" {
		h.Learn = func(ctx context.Context, runs []string) (string, error) {
			var files []string
			for _, name := range runs {
				files = append(files, how.file(name+".json"))
			}
			learning := learnFlags{to: how.file("observed.yaml"), format: learnFormats()[0]}
			return reported(ctx, func(cmd *cobra.Command) error { return learning.run(cmd, files) }) //nolint:contextcheck // a simulator outlives the call that starts it, until it is closed
		}
	}
	if how.certify != "" {
		h.Certify = func(ctx context.Context, capability string) (string, error) {
			checks := certifyFlags{config: how.certify}
			if capability != "" {
				checks.capabilities = []string{capability}
			}
			return reported(ctx, checks.run)
		}
	}
	return h
}

func (how *agentFlags) file(name string) string { return filepath.Join(how.folder, name) }

// reported returns what was printed of a run.
func reported(ctx context.Context, run func(*cobra.Command) error) (string, error) {
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetContext(ctx)
	cmd.SetOut(mask.Terminal(&out))
	cmd.SetErr(io.Discard)
	err := run(cmd)
	if err != nil {
		err = errors.New(cli.ErrorText(err))
	}
	return out.String(), err
}

// stepsText lists the steps of features.
func stepsText() string {
	var out strings.Builder
	steps.WriteList(&out, steps.List(nil))
	return out.String()
}
