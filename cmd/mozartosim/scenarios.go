package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/openapi"
	"mozartosim/scenarios"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
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
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, words []string) error {
		psp, _, err := cli.Names(psp, "")
		if err != nil {
			return err
		}
		none := "no scenarios: put one, or start with serve --scenarios DIR"
		if psp != "" || len(words) > 0 {
			none = "no scenario matches"
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (map[string][]adminapi.ScenarioSummary, error) {
			found, err := matchingScenarios(ctx, company.Scenarios(), psp, words)
			return map[string][]adminapi.ScenarioSummary{"scenarios": found}, err
		}, func(out cli.Output, list map[string][]adminapi.ScenarioSummary) error {
			return writeScenarios(out, list["scenarios"], none)
		})
	}
	return cmd
}

// matchingScenarios lists the scenarios that have all the words and, if one is asked for, are limited to the provider.
func matchingScenarios(ctx context.Context, api adminapi.Scenarios, psp string, words []string) (found []adminapi.ScenarioSummary, err error) {
	all, err := api.List(ctx)
	found = []adminapi.ScenarioSummary{}
	for _, s := range all {
		if cli.HasAll(s.Name+" "+s.File+" "+s.Description, words) && (psp == "" || s.PSP == psp) {
			found = append(found, s)
		}
	}
	return found, err
}

func writeScenarios(out cli.Output, list []adminapi.ScenarioSummary, none string) error {
	var rows [][]string
	for _, s := range list {
		source := "put"
		if s.File != "" {
			source = fmt.Sprintf("%s:%d", s.File, s.Line)
		}
		rows = append(rows, []string{s.Name, strconv.Itoa(s.Applied), source, s.Description})
	}
	if len(rows) > 0 && cli.IsTerminal(out.Writer) {
		return cli.WrappedTable(out, append([][]string{{"scenario", "applied", "from", "what it does"}}, rows...))
	}
	return out.List(rows, none, "")
}

// aboutScenario makes a verb about one scenario of the running simulator; call returns its answer, and what is printed.
func aboutScenario(use, short string, call func(ctx context.Context, api adminapi.Scenarios, name string) (answer any, says string, err error)) *cobra.Command {
	cmd := &cobra.Command{Use: use + " NAME", Short: short, Args: cli.OneArg("the name of a scenario", "answer-lost")}
	api := cli.AdminFlags(cmd)
	cmd.ValidArgsFunction = cli.CompleteInTurn(cli.CompleteScenario(api))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		says := ""
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (answer any, err error) {
			answer, says, err = call(ctx, company.Scenarios(), args[0])
			return answer, err
		}, func(out cli.Output, _ any) error { return out.Says(says) })
	}
	return cmd
}

func newScenarioShow() *cobra.Command {
	return aboutScenario("show", "Show a scenario in force", func(ctx context.Context, api adminapi.Scenarios, name string) (any, string, error) {
		text, err := api.Scenario(ctx, name)
		return text, cli.Indented(string(text)), err
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
		return override, cli.Warned(name+" applies to the next payment that it matches, once", override.Warnings), err
	})
}

func newScenarioOverrides() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:   "overrides",
		Short: "List the overrides that wait for a payment, the next one first",
		Args:  cli.NoArgs,
	}, func(ctx context.Context, company *adminapi.CompanyClient, _ []string) (map[string][]adminapi.Override, error) {
		found, err := company.Scenarios().Overrides(ctx)
		return map[string][]adminapi.Override{"overrides": found}, err
	}, func(out cli.Output, list map[string][]adminapi.Override) error {
		var rows [][]string
		for _, o := range list["overrides"] {
			rows = append(rows, []string{o.Name, o.Description})
		}
		return out.List(rows, "no override waits", "")
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
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if all == (len(args) == 1) {
			return cli.Usagef("name a scenario or give --all, as in: mozartosim scenario unset answer-lost")
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.UnsetResult, error) {
			return company.Scenarios().Unset(ctx, strings.Join(args, ""))
		}, func(out cli.Output, result adminapi.UnsetResult) error {
			return out.Says(fmt.Sprintf("%s cancelled, %d left", cli.Counted(result.Unset, "override", "overrides"), result.Waiting))
		})
	}
	return cmd
}

func newScenarioPut() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "put FILE",
		Short:   "Put the scenarios of a file into the running simulator",
		Example: "  mozartosim scenario put twice.yaml",
		Args:    cli.OneArg("a file of scenarios", "twice.yaml"),
	}
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		found, problems, err := readScenarios(args)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return errors.New(problems[0].String())
		}
		for _, s := range found {
			err := cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (json.RawMessage, error) {
				return company.Scenarios().Put(ctx, s.Name, s.Source())
			}, func(out cli.Output, kept json.RawMessage) error {
				var warned struct{ Warnings []string }
				if err := json.Unmarshal(kept, &warned); err != nil {
					return err
				}
				return out.Says(cli.Warned(s.Name+" is in force", warned.Warnings))
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// checkResult is what `scenario check --json` prints.
type checkResult struct {
	Fine     int       `json:"fine"`
	Problems []problem `json:"problems"`
}

// problem is something wrong at a place in a file.
type problem struct {
	File string `json:"file"`
	adminapi.LineProblem
}

func (p problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Description)
}

// scenarioTop is how a valid file may begin.
const scenarioTop = `a scenario file begins with "name: late-answer", and says what happens below it, as in "answer: {delay: 3s}"`

func newScenarioCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check FILE|DIR…",
		Short: "Check scenario files: what is wrong, where, and what would be right",
		Long: `Check scenario files, without a running simulator: one line for each problem, with file, line and column, and what would
be right. A folder is searched for *.yaml and *.yml. The exit code is 1 when there is a problem.`,
		Example: `  mozartosim scenario check scenarios/
  mozartosim scenario check a.yaml b.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Usagef("%s needs files or folders, as in: mozartosim scenario check scenarios/", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, problems, err := readScenarios(args)
			if err != nil {
				return err
			}
			if err := writeRemarks(cmd.ErrOrStderr(), found); err != nil {
				return err
			}
			if asJSON {
				err = cli.JSON(cmd.OutOrStdout(), checkResult{len(found), append([]problem{}, problems...)})
			} else {
				err = writeChecked(cmd.OutOrStdout(), len(found), problems)
			}
			if err == nil && len(problems) > 0 {
				return errors.New(cli.Counted(len(problems), "problem", "problems") + " above; " + scenarioTop)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: {fine, problems}")
	return cmd
}

func writeChecked(out io.Writer, fine int, problems []problem) error {
	for _, p := range problems {
		if _, err := fmt.Fprintln(out, p); err != nil {
			return err
		}
	}
	says := cli.Counted(fine, "scenario is", "scenarios are")
	if fine == 0 {
		says = "no scenario is"
	}
	_, err := fmt.Fprintf(out, "%s fine\n", says)
	return err
}

// writeRemarks names the scenarios that replace a built-in one (the built-in ones themselves don't), and warns of misspelt words.
func writeRemarks(out io.Writer, found []*scenario.Scenario) error {
	contracts, err := readContracts()
	if err != nil {
		return err
	}
	all, err := scenario.Reader(contracts).Dir(scenarios.Files)
	if err != nil {
		return err
	}
	sources := map[string][]byte{}
	for _, s := range all {
		sources[s.Name] = s.Source()
	}
	for _, s := range found {
		var remarks string
		if source, replaces := sources[s.Name]; replaces && !bytes.Equal(source, s.Source()) {
			remarks = s.Name + " replaces the built-in scenario with that name\n"
		}
		for _, warning := range provider.Misspelt(s) {
			remarks += "warning: " + warning + "\n"
		}
		if _, err := io.WriteString(out, remarks); err != nil {
			return err
		}
	}
	return nil
}

// readScenarios reads files and folders; names must be unique across all of them.
func readScenarios(paths []string) (found []*scenario.Scenario, problems []problem, err error) {
	contracts, err := readContracts()
	if err != nil {
		return nil, nil, err
	}
	first := map[string]*scenario.Scenario{}
	for _, path := range paths {
		read, failed, err := readScenarioPath(scenario.Reader(contracts), path)
		if err != nil {
			return nil, nil, err
		}
		if len(read)+len(failed) == 0 {
			return nil, nil, fmt.Errorf("%s has no scenario: name a file or a folder with *.yaml or *.yml in it", path)
		}
		problems = append(problems, failed...)
		for _, s := range read {
			if other := first[s.Name]; other != nil {
				says := fmt.Sprintf("name must not be that of %s:%d too: %s", other.File, other.Line, s.Name)
				problems = append(problems, problem{s.File, adminapi.LineProblem{Line: s.Line, Column: 1, Description: says}})
				continue
			}
			first[s.Name] = s
			found = append(found, s)
		}
	}
	return found, problems, nil
}

// readScenarioPath reads a file or a folder; places name the file as it can be opened from here.
func readScenarioPath(reader scenario.Reader, path string) (found []*scenario.Scenario, problems []problem, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: name a file or a folder of scenarios", err)
	}
	folder := ""
	if ext := filepath.Ext(path); info.IsDir() {
		folder = path
		found, err = reader.Dir(os.DirFS(path))
	} else if ext != ".yaml" && ext != ".yml" {
		return nil, nil, fmt.Errorf("%s is no scenario file: its name must end in .yaml or .yml", path)
	} else if text, failed := os.ReadFile(path); failed != nil {
		return nil, nil, failed
	} else {
		found, err = reader.File(path, text)
	}
	for _, s := range found {
		s.File = filepath.Join(folder, s.File)
	}
	lines, ok := openapi.Lines(err)
	if !ok {
		return nil, nil, err
	}
	for _, at := range lines {
		problems = append(problems, problem{filepath.Join(folder, at.File), adminapi.LineProblem{Line: at.Line, Column: at.Column, Description: at.Reason}})
	}
	return found, problems, nil
}
