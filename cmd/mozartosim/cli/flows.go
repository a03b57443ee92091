package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
)

// FlowArgs is the Args of commands about one flow of one provider.
func FlowArgs(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return Usagef("%s needs a provider and a type, as in: %s PAYONE PAYIN", cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}

// Names finds a provider and a type by names as people write them: worldpay for WORLDPAY_EU, pay-in for PAYIN, any case;
// "" stays "".
func Names(psp, kind string) (code, flow string, err error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return "", "", err
	}
	if psp != "" {
		if code, err = find("provider", psp, contract.PSPs()); err != nil {
			return "", "", err
		}
	}
	if kind != "" {
		flow, err = find("type", kind, flows())
	}
	return code, flow, err
}

func flows() []string { return []string{"PAYIN", "PAYOUT"} }

// Operation finds a flow by names as people write them. Errors list what would have been right.
func Operation(c *openapi.Contract, psp, kind, variant string) (*openapi.Operation, error) {
	code, err := find("provider", psp, c.PSPs())
	if err != nil {
		return nil, err
	}
	types, _ := flowsOf(c, code, "")
	flow, err := find("type", kind, flows())
	if err != nil {
		return nil, OneOf("type", kind, types)
	}
	if !slices.Contains(types, flow) {
		return nil, Usagef("%s has no %s: use PAYIN", code, flow)
	}
	if op, ok := c.Operation(code, flow, strings.ToUpper(variant)); ok {
		return op, nil
	}
	if _, variants := flowsOf(c, code, flow); variants[0] != "" {
		return nil, Usagef("%s %s has no variant %q: use one of %s", code, flow, variant, strings.Join(variants, ", "))
	}
	return nil, Usagef("%s %s has no variants: leave --variant out", code, flow)
}

// flowsOf are the types of a provider's flows, and the variants of one type.
func flowsOf(c *openapi.Contract, psp, flow string) (types, variants []string) {
	for _, op := range c.Operations() {
		if op.PSP == psp && !slices.Contains(types, op.Type) {
			types = append(types, op.Type)
		}
		if op.PSP == psp && op.Type == flow {
			variants = append(variants, op.Variant)
		}
	}
	return types, variants
}

// find finds a code by its name or by the part before the underscore.
func find(what, name string, codes []string) (string, error) {
	for _, code := range codes {
		if short, _, _ := strings.Cut(code, "_"); same(name, code) || same(name, short) {
			return code, nil
		}
	}
	return "", OneOf(what, name, codes)
}

// same compares letters and digits in any case.
func same(a, b string) bool {
	plain := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}
	return strings.Map(plain, strings.ToLower(a)) == strings.Map(plain, strings.ToLower(b))
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
		code, _ := find("provider", args[0], contract.PSPs()) // an unknown one has no types
		types, _ := flowsOf(contract, code, "")
		return types, cobra.ShellCompDirectiveNoFileComp
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
