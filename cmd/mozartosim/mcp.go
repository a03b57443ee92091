package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/steps"
	"mozartosim/simulator"
	"mozartosim/simulator/mcp"
)

// agentFlags are those of `mozartosim mcp`: what agents may reach besides the simulator.
type agentFlags struct {
	adminURL, company                string
	target, profile, certify, folder string
	readOnly                         bool
	verb                             runVerb // for tools that are verbs
}

// runVerb runs a command line of this program and returns its exit code.
type runVerb func(ctx context.Context, args []string, out, errOut io.Writer) int

func newMCP(run runVerb) *cobra.Command {
	how := agentFlags{verb: run}
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
	at := cmp.Or(how.adminURL, cli.Environment("MOZARTOSIM_ADMIN_URL", cli.DefaultAdminURL))
	client, err := cli.NewClient(at)
	if err != nil {
		return err
	}
	guides, err := simulator.Guides()
	if err != nil {
		return err
	}
	server := mcp.New(mcp.Config{
		Operator: mcp.Operator{ReadOnly: how.readOnly, Harness: how.harness(), Steps: stepsText}, Admin: client,
		Company: cmp.Or(how.company, os.Getenv("MOZARTOSIM_COMPANY")), Cashier: cmp.Or(cli.HTTPClient().Transport, http.DefaultTransport),
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

// harness runs the verbs of the contract against what the operator named.
func (how *agentFlags) harness() *mcp.Harness {
	h := &mcp.Harness{Run: func(ctx context.Context, psp, tags, name, keep string) (string, error) {
		args := []string{"contract", "run", "--format", "pretty", "--target", how.target, "--psp=" + psp, "--tags=" + tags, "--name=" + name}
		if how.target != "simulator" {
			args = append(args, "--yes", "--profile="+how.profile)
		}
		switch {
		case keep != "" && how.folder == "":
			return "", errors.New("keep: nothing is kept here: leave it out, or have the operator start mozartosim mcp with --dir")
		case keep != "":
			args = append(args, "--keep", how.file(keep+".json"))
		}
		return how.run(ctx, args...)
	}}
	if how.folder != "" {
		h.Learn = func(ctx context.Context, runs []string) (string, error) {
			args := []string{"contract", "learn", "--to", how.file("observed.yaml")}
			for _, name := range runs {
				args = append(args, how.file(name+".json"))
			}
			return how.run(ctx, args...)
		}
	}
	if how.certify != "" {
		h.Certify = func(ctx context.Context, capability string) (string, error) {
			args := []string{"certify", "--config", how.certify}
			if capability != "" {
				args = append(args, "--capability="+capability)
			}
			return how.run(ctx, args...)
		}
	}
	return h
}

func (how *agentFlags) file(name string) string { return filepath.Join(how.folder, name) }

// run runs a verb of this program and returns what it printed. The error is its last line.
func (how *agentFlags) run(ctx context.Context, args ...string) (string, error) {
	var out, errOut bytes.Buffer
	if how.verb(ctx, args, &out, &errOut) == 0 {
		return out.String(), nil
	}
	lines := strings.Split(strings.TrimSpace(errOut.String()), "\n")
	return out.String(), errors.New(strings.TrimPrefix(lines[len(lines)-1], "mozartosim: "))
}

// stepsText lists the steps of features.
func stepsText() (string, error) {
	vocabulary, err := steps.New()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = writeSteps(&out, foundSteps(vocabulary, nil))
	return out.String(), err
}
