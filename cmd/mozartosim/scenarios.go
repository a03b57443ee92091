package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/openapi"
	"mozartosim/scenarios"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/words"
)

func newScenario() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "scenario",
		Aliases: []string{"scenarios"},
		Short:   "List, check, put and override scenarios: what the simulator shall do",
		Long: `Scenarios say what the simulator shall do to payments. They are YAML files that are loaded with "serve --scenarios DIR", or
put into a running simulator here. "check" works without one.`,
		Example: `  mozartosim scenario check scenarios/
  mozartosim scenario put twice.yaml
  mozartosim scenario override answer-lost     # for the next payment that it matches, once
  mozartosim scenario unset answer-lost        # cancel it again`,
		Args: cli.SubcommandsOnly,
		RunE: cli.ShowHelp,
	}
	cmd.AddCommand(newScenarioList(), newScenarioShow(), newScenarioCheck(), newScenarioPut(), newScenarioDelete(),
		newScenarioOverride(), newScenarioOverrides(), newScenarioUnset())
	return cmd
}

func newScenarioList() *cobra.Command {
	var psp string
	cmd := &cobra.Command{
		Use:   "list [WORD…]",
		Short: "List the scenarios in force, in the order in which they are tried",
		Long: `List the scenarios in force, in the order in which they are tried; with words, only those whose name, file or
description has all of them.`,
		Example: `  mozartosim scenario list
  mozartosim scenario list --psp PAYONE
  mozartosim scenario list webhook late`,
	}
	cmd.Flags().StringVar(&psp, "psp", "", "only scenarios that are limited to this provider, not those for any")
	cli.CompleteFlag(cmd, "psp", cli.CompletePSP)
	return cli.Verb(cmd, func(ctx context.Context, c *cli.Call) error {
		psp, _, err := cli.Names(psp, "")
		if err != nil {
			return err
		}
		found, err := matchingScenarios(ctx, c.Company.Scenarios(), psp, c.Args)
		return c.Print(map[string]any{"scenarios": found}, err, func() {
			if len(found) > 0 && c.IsTerminal() {
				c.Row("scenario", "applied", "from", "what it does")
			}
			for _, s := range found {
				source := "put"
				if s.File != "" {
					source = fmt.Sprintf("%s:%d", s.File, s.Line)
				}
				c.Row(s.Name, strconv.Itoa(s.Applied), source, s.Description)
			}
			switch {
			case len(found) > 0 && c.IsTerminal():
				c.Wrapped()
			case psp != "" || len(c.Args) > 0:
				c.List("no scenario matches", "")
			default:
				c.List("no scenarios: put one, or start with serve --scenarios DIR", "")
			}
		})
	})
}

// matchingScenarios lists the scenarios that have all the words and, if one is asked for, are limited to the provider.
func matchingScenarios(ctx context.Context, api adminapi.Scenarios, psp string, given []string) (found []adminapi.ScenarioSummary, err error) {
	all, err := api.List(ctx)
	found = []adminapi.ScenarioSummary{}
	for _, s := range all {
		if words.HasAll(s.Name+" "+s.File+" "+s.Description, given) && (psp == "" || s.PSP == psp) {
			found = append(found, s)
		}
	}
	return found, err
}

// aboutScenario makes a verb about one scenario of the running simulator; call returns its answer, and what is printed.
func aboutScenario(use, short string, call func(ctx context.Context, api adminapi.Scenarios, name string) (answer any, says string, err error)) *cobra.Command {
	cmd := &cobra.Command{Use: use + " NAME", Short: short, Args: cli.OneArg("the name of a scenario", "answer-lost")}
	api := cli.AdminFlags(cmd)
	cmd.ValidArgsFunction = cli.CompleteInTurn(cli.CompleteScenario(api))
	cmd.RunE = api.Run(func(ctx context.Context, c *cli.Call) error {
		answer, says, err := call(ctx, c.Company.Scenarios(), c.Args[0])
		return c.Print(answer, err, func() { c.Say("%s", says) })
	})
	return cmd
}

func newScenarioShow() *cobra.Command {
	return aboutScenario("show", "Show a scenario in force", func(ctx context.Context, api adminapi.Scenarios, name string) (any, string, error) {
		text, err := api.Scenario(ctx, name)
		return text, words.Indented(string(text)), err
	})
}

func newScenarioDelete() *cobra.Command {
	return aboutScenario("delete", "Delete a scenario from the running simulator", func(ctx context.Context, api adminapi.Scenarios, name string) (any, string, error) {
		deleted, err := api.Delete(ctx, name)
		return deleted, name + " is no longer in force", err
	})
}

func newScenarioOverride() *cobra.Command {
	return aboutScenario("override", "Apply a scenario to the next payment that it matches, once", func(ctx context.Context, api adminapi.Scenarios, name string) (any, string, error) {
		override, err := api.Override(ctx, adminapi.OverrideInput{Name: name})
		return override, warned(name+" applies to the next payment that it matches, once", override.Warnings), err
	})
}

func newScenarioOverrides() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:   "overrides",
		Short: "List the overrides that wait for a payment, the next one first",
		Args:  cli.NoArgs,
	}, func(ctx context.Context, c *cli.Call) error {
		found, err := c.Company.Scenarios().Overrides(ctx)
		return c.Print(map[string]any{"overrides": found}, err, func() {
			for _, o := range found {
				c.Row(o.Name, o.Description)
			}
			c.List("no override waits", "")
		})
	})
}

func newScenarioUnset() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "unset [NAME]",
		Short: "Cancel the overrides with a scenario, or all of them",
		Long: `Cancel the overrides that wait for a payment: those with one scenario or, with --all, all of them. An override that has been
applied to a payment is no longer there.`,
		Example: `  mozartosim scenario unset answer-lost
  mozartosim scenario unset --all`,
		Args: cli.AtMostOneArg("the name of a scenario", "answer-lost"),
	}
	cmd.Flags().BoolVar(&all, "all", false, "cancel all overrides")
	api := cli.AdminFlags(cmd)
	cmd.ValidArgsFunction = cli.CompleteInTurn(cli.CompleteScenario(api))
	cmd.RunE = api.Run(func(ctx context.Context, c *cli.Call) error {
		if all == (len(c.Args) == 1) {
			return cli.Usagef("name a scenario or give --all, as in: mozartosim scenario unset answer-lost")
		}
		result, err := c.Company.Scenarios().Unset(ctx, strings.Join(c.Args, ""))
		return c.Print(result, err, func() {
			c.Say("%s cancelled, %d left", words.Count(result.Unset, "override"), result.Waiting)
		})
	})
	return cmd
}

func newScenarioPut() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:     "put FILE",
		Short:   "Put the scenarios of a file into the running simulator",
		Example: "  mozartosim scenario put twice.yaml",
		Args:    cli.OneArg("a file of scenarios", "twice.yaml"),
	}, func(ctx context.Context, c *cli.Call) error {
		contracts, err := backoffice.NewReader()
		if err != nil {
			return err
		}
		found, problems, err := scenario.Reader(contracts).Paths(c.Args)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return problems[0]
		}
		for _, s := range found {
			kept, err := c.Company.Scenarios().Put(ctx, s.Name, s.Source())
			var put struct{ Warnings []string }
			if err == nil {
				err = json.Unmarshal(kept, &put)
			}
			if err := c.Print(kept, err, func() { c.Say("%s", warned(s.Name+" is in force", put.Warnings)) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// scenarioTop is how a valid file may begin.
const scenarioTop = `a scenario file begins with "name: late-answer", and says what happens below it, as in "answer: {delay: 3s}"`

func newScenarioCheck() *cobra.Command {
	return cli.Local(&cobra.Command{
		Use:   "check FILE|DIR…",
		Short: "Check scenario files: what is wrong, where, and what would be right",
		Long: `Check scenario files, without a running simulator: one line for each problem, with file, line and column, and what would
be right. A folder is searched for *.yaml and *.yml. The exit code is 1 when there is a problem.`,
		Example: `  mozartosim scenario check scenarios/
  mozartosim scenario check a.yaml b.yaml`,
		Args: cli.SomeArgs("files or folders", "mozartosim scenario check scenarios/"),
	}, "print JSON: {fine, problems}", func(_ context.Context, out *cli.Output, args []string) error {
		contracts, err := backoffice.NewReader()
		if err != nil {
			return err
		}
		found, problems, err := scenario.Reader(contracts).Paths(args)
		if err != nil {
			return err
		}
		if err := writeRemarks(out, scenario.Reader(contracts), found); err != nil {
			return err
		}
		checked := map[string]any{"fine": len(found), "problems": append([]*openapi.LineError{}, problems...)}
		err = out.Print(checked, nil, func() {
			for _, p := range problems {
				out.Say("%s", p)
			}
			says := "no scenario is"
			if len(found) > 0 {
				says = words.Count(len(found), "scenario is", "scenarios are")
			}
			out.Say("%s fine", says)
		})
		if err == nil && len(problems) > 0 {
			return errors.New(words.Count(len(problems), "problem") + " above; " + scenarioTop)
		}
		return err
	})
}

// writeRemarks names the scenarios that replace a built-in one (the built-in ones themselves don't), and warns of misspelt words.
func writeRemarks(out *cli.Output, reader scenario.Reader, found []*scenario.Scenario) error {
	all, err := reader.Dir(scenarios.Files)
	if err != nil {
		return err
	}
	sources := map[string][]byte{}
	for _, s := range all {
		sources[s.Name] = s.Source()
	}
	for _, s := range found {
		if source, replaces := sources[s.Name]; replaces && !bytes.Equal(source, s.Source()) {
			out.Beside("%s replaces the built-in scenario with that name", s.Name)
		}
		for _, warning := range provider.Misspelt(s) {
			out.Beside("warning: %s", warning)
		}
	}
	return out.Err()
}

// warned is what is said, and each warning on a line below it.
func warned(says string, warnings []string) string {
	return strings.Join(append([]string{says}, warnings...), "\nwarning: ")
}
