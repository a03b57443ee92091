package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
)

// pspAndType is the Args of commands about one flow of one provider.
func pspAndType(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return wrong("%s needs a provider and a type, as in: %s PAYONE PAYIN", cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}

// findOperation finds a flow by names as people write them: worldpay for WORLDPAY_EU, pay-in for PAYIN, any case. Errors
// list what would have been right.
func findOperation(c *openapi.Contract, psp, flow, variant string) (*openapi.Operation, error) {
	code, ok := findName(c.PSPs(), psp)
	if !ok {
		return nil, wrong("there is no provider %q: use one of %s", psp, strings.Join(c.PSPs(), ", "))
	}
	own := slices.DeleteFunc(slices.Clone(c.Operations()), func(op *openapi.Operation) bool { return op.PSP != code })
	kind, ok := findName([]string{"PAYIN", "PAYOUT"}, flow)
	if !ok {
		return nil, wrong("there is no type %q: use %s", flow, types(own))
	}
	own = slices.DeleteFunc(own, func(op *openapi.Operation) bool { return op.Type != kind })
	if len(own) == 0 {
		return nil, wrong("%s has no %s: use PAYIN", code, kind)
	}
	if variant == "" {
		return own[0], nil
	}
	variants := make([]string, len(own))
	for i, op := range own {
		variants[i] = op.Variant
	}
	name, ok := findName(variants, variant)
	switch {
	case variants[0] == "":
		return nil, wrong("%s %s has no variants: leave --variant out", code, kind)
	case !ok:
		return nil, wrong("%s %s has no variant %q: use %s", code, kind, variant, strings.Join(variants, " or "))
	}
	return own[slices.Index(variants, name)], nil
}

func types(operations []*openapi.Operation) string {
	var names []string
	for _, op := range operations {
		if !slices.Contains(names, op.Type) {
			names = append(names, op.Type)
		}
	}
	return strings.Join(names, " or ")
}

// findName finds a code by itself, or by its part before the underscore, case and punctuation apart.
func findName(codes []string, name string) (code string, ok bool) {
	for _, code := range codes {
		short, _, _ := strings.Cut(code, "_")
		if plain(name) == plain(code) || plain(name) == plain(short) {
			return code, true
		}
	}
	return "", false
}

// plain keeps letters and digits, in lower case.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// completeOperation offers providers, then their types, to the shell.
func completeOperation(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	switch len(args) {
	case 0:
		return contract.PSPs(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		code, _ := findName(contract.PSPs(), args[0])
		var offered []string
		for _, op := range contract.Operations() {
			if op.PSP == code && !slices.Contains(offered, op.Type) {
				offered = append(offered, op.Type)
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
