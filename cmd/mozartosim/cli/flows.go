package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/openapi"
)

// FlowArgs is the Args of commands about one flow of one provider.
func FlowArgs() cobra.PositionalArgs { return TwoArgs("a provider and a type", "PAYONE PAYIN") }

// VariantFlag adds --variant, the flow's where there are several.
func VariantFlag(flags *pflag.FlagSet, variant *string) {
	flags.StringVar(variant, "variant", "", "ETO or ACH for Gigadat pay-outs (default: the first)")
}

// Names finds a provider and a type by names as people write them: worldpay for WORLDPAY_EU, pay-in for PAYIN, any case;
// "" stays "".
func Names(psp, kind string) (code, flow string, err error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return "", "", err
	}
	if psp != "" {
		code, err = openapi.FindPSP(contract, psp)
	}
	if kind != "" && err == nil {
		flow, err = openapi.FindType(kind)
	}
	if err != nil {
		return "", "", Usagef("%v", err)
	}
	return code, flow, nil
}

// Operation finds a flow by names as people write them. Errors list what would have been right.
func Operation(c *openapi.Contract, psp, kind, variant string) (*openapi.Operation, error) {
	op, err := openapi.FindFlow(c, psp, kind, variant)
	if err != nil {
		return nil, Usagef("%v", err)
	}
	return op, nil
}

// CompleteFlow completes a provider, then one of its types.
func CompleteFlow(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	switch len(args) {
	case 0:
		return contract.PSPs(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		code, _ := openapi.FindPSP(contract, args[0]) // an unknown one has no types
		var types []string
		for _, op := range contract.Operations() {
			if op.PSP == code {
				types = append(types, op.Type)
			}
		}
		return slices.Compact(types), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// CompletePSP completes a provider.
func CompletePSP(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	return CompleteFlow(cmd, nil, begun)
}

// CompleteWords completes fixed words.
func CompleteWords(words ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// CompleteInTurn completes each argument with words of its own.
func CompleteInTurn(each ...cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(each) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return each[len(args)](cmd, args, begun)
	}
}

// CompleteFlag completes a flag's values. It fails only for a flag that does not exist, which no test would let pass.
func CompleteFlag(cmd *cobra.Command, flag string, words cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, words); err != nil {
		panic(err)
	}
}
