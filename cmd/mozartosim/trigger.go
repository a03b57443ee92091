package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/merchant"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/watch"
	"mozartosim/simulator/words"
)

// triggerFlags say which payment, and how it ends.
type triggerFlags struct {
	psp, outcome                                                            string // arguments; "" = not given
	kind, variant, amount, brand, reference, reason, scenario, payment, url string
}

func newTrigger() *cobra.Command {
	var how triggerFlags
	cmd := &cobra.Command{
		Use:   "trigger PSP [OUTCOME]",
		Short: "Make a payment and choose its outcome, so that its webhooks are sent",
		Long: `Make a valid payment and choose its outcome, so that its webhooks are sent: approve, decline, cancel, expire, underpay,
overpay, challenge-fail, abandon, return-first, return-twice, close-tab; for a Gigadat pay-out, which an admin must approve
first, reject too. Without an outcome the simulated shopper decides, or the scenario.`,
		Example: `  mozartosim trigger PAYONE approve
  mozartosim trigger gigadat reject --type payout --reason "limit"
  mozartosim trigger PAYONE --scenario answer-lost
  mozartosim trigger decline --payment 665f1c2ab7e4d93a5c0f1a2d`,
		ValidArgsFunction: cli.CompleteInTurn(cli.CompletePSP, completeOutcome),
	}
	flags := cmd.Flags()
	flags.StringVar(&how.kind, "type", "PAYIN", "PAYIN or PAYOUT")
	cli.VariantFlag(flags, &how.variant)
	flags.StringVar(&how.amount, "amount", "", "the amount, such as 12.50 (default: that of the example)")
	flags.StringVar(&how.brand, "brand", "", "the brandId (default: that of the example)")
	flags.StringVar(&how.reference, "reference", "", "the merchantReference (default: trigger- and a number)")
	flags.StringVar(&how.reason, "reason", "", "why it is declined or rejected, in the provider's own code")
	flags.StringVar(&how.scenario, "scenario", "", "the scenario of the payment (header Mozartosim-Scenario)")
	flags.StringVar(&how.payment, "payment", "", "choose the outcome of this payment instead of a new one")
	flags.StringVar(&how.url, "url", "", "the Cashier API (default MOZARTOSIM_URL, or what the admin API says)")
	api := cli.AdminFlags(cmd)
	api.Timeout = 2 * merchant.CallTimeout
	cli.CompleteFlag(cmd, "type", cli.CompleteWords("PAYIN", "PAYOUT"))
	cli.CompleteFlag(cmd, "variant", cli.CompleteWords("ETO", "ACH"))
	cli.CompleteFlag(cmd, "scenario", cli.CompleteScenario(api))
	cmd.Args = func(_ *cobra.Command, args []string) error { return how.read(args) }
	cmd.RunE = api.Run(how.run)
	return cmd
}

// read reads the arguments, before the simulator is asked for anything.
func (how *triggerFlags) read(args []string) error {
	switch {
	case len(args) > 2 || len(args) == 0:
		return cli.Usagef("mozartosim trigger needs a provider and an outcome, as in: mozartosim trigger PAYONE approve")
	case len(args) == 2:
		how.psp, how.outcome = args[0], args[1]
	case how.payment != "":
		how.outcome = args[0]
	default:
		how.psp = args[0]
	}
	switch {
	case how.payment != "" && how.scenario != "":
		return cli.Usagef("--scenario is for a new payment, --payment for an existing one: use one of them")
	case how.outcome != "" && !slices.Contains(provider.Outcomes(), how.outcome):
		return cli.OneOf("outcome", how.outcome, provider.Outcomes())
	case how.payment != "" && how.psp != "":
		return cli.Usagef("--payment says which payment: leave the provider out, as in: mozartosim trigger %s --payment %s", how.outcome, how.payment)
	}
	return nil
}

// run makes and drives the payment. A new payment is printed even when it can't end as it should.
func (how *triggerFlags) run(ctx context.Context, c *cli.Call) (err error) {
	id, redirect := how.payment, ""
	var made merchant.Call
	if id == "" {
		if made, redirect, err = how.make(ctx, c.Company); err != nil {
			return err
		}
		id = made.Payment
	}
	var undriven error
	if how.outcome != "" {
		undriven = how.drive(ctx, c.Company, id)
	}
	if undriven != nil && (how.payment != "" || !merchant.IsFinal(undriven)) {
		return undriven
	}
	p, err := c.Company.Payment(ctx, id)
	err = c.Print(p, err, func() {
		writeTriggered(c, p, made.Answer.Failure(), redirect, nextOf(p, c.Clock(ctx).Mode == "manual"))
	})
	return cmp.Or(err, undriven)
}

// drive chooses the payment's outcome, if it can end so.
func (how *triggerFlags) drive(ctx context.Context, company *adminapi.CompanyClient, id string) error {
	p, err := company.Payment(ctx, id)
	if err != nil {
		return err
	}
	if err := checkOutcome(how.outcome, p.PSP, p.Type); err != nil {
		return err
	}
	return merchant.Drive(ctx, company, p, how.outcome, how.reason)
}

func writeTriggered(c *cli.Call, p adminapi.Payment, answer, redirect, next string) {
	c.Row("payment", p.ID+", "+watch.Title(p.PaymentSummary))
	c.Fact("answer", answer)
	c.Fact("redirect", redirect)
	c.Fact("status", statusOf(p))
	for _, n := range p.Notifications {
		means := n.TransactionStatus
		if !slices.ContainsFunc(p.Deliveries, func(d adminapi.Delivery) bool { return d.Notification == n.N }) {
			means = "status " + means + ", no webhook"
		}
		text := fmt.Sprintf("%s (%s)", n.Raw, means)
		if n.Message != "" {
			text += ": " + n.Message
		}
		c.Fact("notification", text)
	}
	c.Fact("next", next)
	c.Table()
}

// nextOf says what a payment waits for; nothing when its time goes on by itself and no webhook is on the way.
func nextOf(p adminapi.Payment, manual bool) string {
	open := p.OpenDeliveries()
	switch status := payment.Status(p.Status); {
	case status == payment.AwaitingApproval:
		return "an admin must approve it: mozartosim trigger approve --payment " + p.ID
	case open > 0 && manual:
		return words.Count(open, "webhook waits", "webhooks wait") + forTheClock
	case open > 0:
		return words.Count(open, "webhook is", "webhooks are") + " on the way"
	case status.Open() && manual:
		return "what follows waits" + forTheClock
	}
	return ""
}

// checkOutcome makes sure that a provider's flow can end so, before a payment is made in vain.
func checkOutcome(outcome, psp, flow string) error {
	p, ok := provider.Find(psp)
	if known := p.Outcomes(flow); ok && outcome != "" && !slices.Contains(known, outcome) {
		return cli.Usagef("%s %s can't end with %s: use one of %s", psp, flow, outcome, strings.Join(known, ", "))
	}
	return nil
}

// completeOutcome completes what the provider's flow can end with.
func completeOutcome(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	psp, flow, err := cli.Names(args[0], cmd.Flag("type").Value.String())
	if p, ok := provider.Find(psp); ok && err == nil {
		return p.Outcomes(flow), cobra.ShellCompDirectiveNoFileComp
	}
	return provider.Outcomes(), cobra.ShellCompDirectiveNoFileComp
}

// make makes a payment by a valid call of the Cashier API, and returns where its answer redirects the shopper to.
func (how *triggerFlags) make(ctx context.Context, company *adminapi.CompanyClient) (made merchant.Call, redirect string, err error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return made, "", err
	}
	op, err := cli.Operation(contract, how.psp, how.kind, how.variant)
	if err != nil {
		return made, "", err
	}
	if err := checkOutcome(how.outcome, op.PSP, op.Type); err != nil {
		return made, "", err
	}
	wanted := fixtures.Wanted{Outcome: how.outcome, Reason: how.reason, Reference: how.reference, Brand: how.brand}
	if wanted.Reference == "" {
		before, err := merchant.Newest(ctx, company)
		if err != nil {
			return made, "", err
		}
		wanted.Reference = fmt.Sprintf("trigger-%d", before.Ordinal+1)
	}
	if how.amount != "" {
		amount, err := money.Parse(how.amount, 2)
		if err != nil {
			return made, "", cli.Usagef("--amount %q must be a number with at most two decimals, such as 12.50", how.amount)
		}
		wanted.Amount = amount.Fixed(2)
	}
	order := merchant.Order{Scenario: how.scenario, URL: cmp.Or(how.url, os.Getenv("MOZARTOSIM_URL")), Within: merchant.CallTimeout, Follow: true}
	if order.Body, err = wanted.Request(op.PSP, op.Type, op.Variant); err != nil {
		return made, "", cli.Usagef("%v", err)
	}
	made, err = order.Send(ctx, cli.HTTPClient().Transport, company) // both listeners have the same certificate
	switch {
	case errors.Is(err, merchant.ErrURL):
		err = cli.Usagef("--url must be an http or https URL, such as %s", merchant.DefaultURL)
	case err == nil && made.Payment == "":
		err = made.Refusal()
	}
	if doc, err := openapi.Decode(made.Answer.Body); err == nil && op.Redirect != "" {
		redirect = doc.Text(op.Redirect)
	}
	return made, redirect, err
}
