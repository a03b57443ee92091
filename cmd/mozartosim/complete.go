package main

import (
	"net/http"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
)

// completer offers words to the shell.
type completer = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

// offer completes a flag's values. It fails for a flag that isn't there only, which no test would let pass.
func offer(cmd *cobra.Command, flag string, words completer) {
	if err := cmd.RegisterFlagCompletionFunc(flag, words); err != nil {
		panic(err)
	}
}

func fixed(words ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

func completePSP(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return contract.PSPs(), cobra.ShellCompDirectiveNoFileComp
}

// inTurn completes each argument with words of its own.
func inTurn(each ...completer) completer {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(each) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return each[len(args)](cmd, args, begun)
	}
}

// completeScenario asks the running simulator for the names of scenarios; when there is none, it offers nothing.
func completeScenario(api *admin) completer {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		var list scenarioList
		path, err := api.path(cmd.Context(), "scenarios")
		if err == nil {
			_, err = api.ask(cmd.Context(), http.MethodGet, path, nil, nil, &list)
		}
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, s := range list.Scenarios {
			names = append(names, s.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
