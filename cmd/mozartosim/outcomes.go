package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/simulator/provider"
)

// outcomes are what a payment can be driven to, whatever its provider.
func outcomes() []string {
	return []string{
		"approve", "decline", "cancel", "expire", "abandon", "underpay", "overpay", "challenge-fail",
		"return-first", "return-twice", "close-tab", "reject",
	}
}

// outcomesOf are those that a provider's flow can have.
func outcomesOf(p provider.Provider, flow string) []string {
	paged := p.Redirect != "" && flow == "PAYIN"
	return slices.DeleteFunc(outcomes(), func(outcome string) bool {
		switch outcome {
		case "approve", "decline":
			return false
		case "reject": // what an admin can say, where one is asked
			return flow != "PAYOUT" || p.Words.Rejected == ""
		case "underpay", "overpay":
			return !paged || p.Page != provider.CryptoPage
		case "challenge-fail":
			return !paged || p.Page != provider.CardPage && p.Page != provider.StepUpPage
		case "return-first", "return-twice", "close-tab":
			return !paged
		}
		return p.Voucher && !p.Webhook // its answer is final
	})
}

// hasWebhooks says whether a provider has any at all.
func hasWebhooks(psp string) bool {
	return slices.ContainsFunc(provider.All(), func(p provider.Provider) bool { return p.Code == psp && p.Webhook })
}

// fits makes sure that a provider's flow can end so; before a payment is made in vain.
func fits(outcome, psp, flow string) error {
	all := provider.All()
	i := slices.IndexFunc(all, func(p provider.Provider) bool { return p.Code == psp })
	if outcome == "" || i < 0 {
		return nil
	}
	if known := outcomesOf(all[i], flow); !slices.Contains(known, outcome) {
		return wrong("%s %s can't end with %s: use one of %s", psp, flow, outcome, strings.Join(known, ", "))
	}
	return nil
}

// completeOutcome offers what the provider's flow can end with.
func completeOutcome(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	psp, flow, err := namesOf(args[0], cmd.Flag("type").Value.String())
	if err == nil {
		for _, p := range provider.All() {
			if p.Code == psp {
				return outcomesOf(p, flow), cobra.ShellCompDirectiveNoFileComp
			}
		}
	}
	return outcomes(), cobra.ShellCompDirectiveNoFileComp
}
