package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"
)

// scenarioList is what the admin API lists.
type scenarioList struct {
	Scenarios []scenarioListed `json:"scenarios"`
}

type scenarioListed struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	File        string `json:"file"`
	Line        int    `json:"line"`
	Matched     int    `json:"matched"`
	Applied     int    `json:"applied"`
}

func newScenario() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "scenario",
		Aliases: []string{"scenarios"},
		Short:   "Say what shall happen: list, check, put and override scenarios",
		Long: `Say what shall happen to payments: scenarios are YAML files that are loaded with "serve --scenarios DIR", or put into a
running simulator here. "check" works without one.`,
		Example: `  mozartosim scenario check scenarios/
  mozartosim scenario put twice.yaml
  mozartosim scenario override answer-lost     # for the next payment that it fits, once`,
		Args: noSuchCommand,
		RunE: showHelp,
	}
	cmd.AddCommand(newScenarioList(), newScenarioShow(), newScenarioCheck(), newScenarioPut(), newScenarioDelete(), newScenarioOverride())
	return cmd
}

func newScenarioList() *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:   "list [WORD…]",
		Short: "List the scenarios in force, in the order in which they are tried",
		Long: `List the scenarios in force, in the order in which they are tried; with words, only those whose name, file or
description has all of them.`,
		Example: `  mozartosim scenario list
  mozartosim scenario list --psp PAYONE
  mozartosim scenario list webhook late`,
	}
	cmd.Flags().StringVar(&of, "psp", "", "only those that name this provider; those for any provider are left out")
	offer(cmd, "psp", completePSP)
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		psp, _, err := namesOf(of, "")
		if err != nil {
			return err
		}
		var list scenarioList
		text, err := api.scenario(cmd, http.MethodGet, nil, &list)
		if err != nil {
			return err
		}
		if psp != "" || len(args) > 0 {
			if list, err = api.pickScenarios(cmd, list, psp, args); err != nil {
				return err
			}
			if text, err = json.Marshal(list); err != nil {
				return err
			}
		}
		out := cmd.OutOrStdout()
		if done, err := api.print(out, text); done {
			return err
		}
		if len(list.Scenarios) == 0 && (psp != "" || len(args) > 0) {
			_, err := fmt.Fprintln(out, "no scenario fits")
			return err
		}
		if len(list.Scenarios) == 0 {
			_, err := fmt.Fprintln(out, "no scenarios: put one, or start with serve --scenarios DIR")
			return err
		}
		var rows [][]string
		for _, s := range list.Scenarios {
			from := "put"
			if s.File != "" {
				from = s.File + ":" + strconv.Itoa(s.Line)
			}
			rows = append(rows, []string{s.Name, strconv.Itoa(s.Applied), from, s.Description})
		}
		if !isTerminal(out) {
			return writeLines(out, rows) // one line for each scenario, as scripts like it
		}
		return writeColumns(out, append([][]string{{"scenario", "applied", "from", "what it does"}}, rows...))
	}
	return cmd
}

// pickScenarios leaves the scenarios that have all the words and, if one is asked for, name the provider, which only a
// scenario by itself tells.
func (a *admin) pickScenarios(cmd *cobra.Command, all scenarioList, psp string, words []string) (scenarioList, error) {
	left := scenarioList{Scenarios: []scenarioListed{}}
	for _, s := range all.Scenarios {
		if !hasAll(s.Name+" "+s.File+" "+s.Description, words) {
			continue
		}
		if psp != "" {
			text, err := a.scenario(cmd, http.MethodGet, nil, nil, s.Name)
			if err != nil {
				return left, err
			}
			if !bytes.Contains(text, quoted(psp)) {
				continue
			}
		}
		left.Scenarios = append(left.Scenarios, s)
	}
	return left, nil
}

// scenario calls a path below the company's scenarios.
func (a *admin) scenario(cmd *cobra.Command, method string, in, out any, parts ...string) (json.RawMessage, error) {
	path, err := a.path(cmd.Context(), append([]string{"scenarios"}, parts...)...)
	if err != nil {
		return nil, err
	}
	return a.ask(cmd.Context(), method, path, nil, in, out)
}

// named makes a verb about one scenario of the running simulator.
func named(use, short string, run func(cmd *cobra.Command, api *admin, name string) error) *cobra.Command {
	cmd := &cobra.Command{Use: use + " NAME", Short: short, Args: oneArg("the name of a scenario", "mozartosim scenario "+use+" answer-lost")}
	api := newAdmin(cmd)
	cmd.ValidArgsFunction = inTurn(completeScenario(api))
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return run(cmd, api, args[0]) }
	return cmd
}

func newScenarioShow() *cobra.Command {
	return named("show", "Show a scenario in force", func(cmd *cobra.Command, api *admin, name string) error {
		text, err := api.scenario(cmd, http.MethodGet, nil, nil, name)
		if err != nil {
			return err
		}
		if done, err := api.print(cmd.OutOrStdout(), text); done {
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), indented(string(text)))
		return err
	})
}

func newScenarioDelete() *cobra.Command {
	return named("delete", "Take a scenario out of force", func(cmd *cobra.Command, api *admin, name string) error {
		return api.report(cmd, http.MethodDelete, nil, name+" is out of force", name)
	})
}

func newScenarioOverride() *cobra.Command {
	return named("override", "Let a scenario apply to the next payment that it fits, once", func(cmd *cobra.Command, api *admin, name string) error {
		return api.report(cmd, http.MethodPost, map[string]any{"name": name}, name+" applies to the next payment that it fits, once", "override")
	})
}

// report calls a path below the company's scenarios and says that it is done.
func (a *admin) report(cmd *cobra.Command, method string, in any, done string, parts ...string) error {
	text, err := a.scenario(cmd, method, in, nil, parts...)
	if err != nil {
		return err
	}
	if printed, err := a.print(cmd.OutOrStdout(), text); printed {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), done)
	return err
}
