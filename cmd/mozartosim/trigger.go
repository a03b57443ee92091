package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
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
	flags.StringVar(&how.variant, "variant", "", "ETO or ACH for Gigadat pay-outs (default: the first)")
	flags.StringVar(&how.amount, "amount", "", "the amount, such as 12.50 (default: that of the example)")
	flags.StringVar(&how.brand, "brand", "", "the brandId (default: that of the example)")
	flags.StringVar(&how.reference, "reference", "", "the merchantReference (default: trigger- and a number)")
	flags.StringVar(&how.reason, "reason", "", "why it is declined or rejected, in the provider's own code")
	flags.StringVar(&how.scenario, "scenario", "", "the scenario of the payment (header Mozartosim-Scenario)")
	flags.StringVar(&how.payment, "payment", "", "choose the outcome of this payment instead of a new one")
	flags.StringVar(&how.url, "url", "", "the Cashier API (default MOZARTOSIM_URL, or what the admin API says)")
	api := cli.AdminFlags(cmd)
	api.Timeout = 2 * callTimeout
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
	id := how.payment
	var made called
	if id == "" {
		if id, made, err = how.make(ctx, c.Company); err != nil {
			return err
		}
	}
	var undriven error
	if how.outcome != "" {
		undriven = how.drive(ctx, c.Company, id)
	}
	if undriven != nil && (how.payment != "" || !isFinal(undriven)) {
		return undriven
	}
	p, err := c.Company.Payment(ctx, id)
	err = c.Print(p, err, func() { writeTriggered(c, p, made, nextOf(p, c.Clock(ctx).Mode == "manual")) })
	return cmp.Or(err, undriven)
}

// finalError says that a payment ended with its own call, so that its outcome can't be chosen any more.
type finalError struct{ error }

func newFinalError(p adminapi.Payment, outcome string) error {
	says := fmt.Sprintf("payment %s is %s and needs no decision, so it can't end with %s", p.ID, p.Status, outcome)
	if answer := p.Failure(); answer != "" {
		says += ": its call was answered " + answer
	}
	return finalError{errors.New(says)}
}

// isFinal says whether there is a payment to print although its outcome can't be chosen.
func isFinal(err error) bool {
	var final finalError
	return errors.As(err, &final) || adminapi.StatusOf(err) == http.StatusConflict
}

// drive chooses the payment's outcome: an admin's approval where it waits for one, then the shopper's decision.
func (how *triggerFlags) drive(ctx context.Context, company *adminapi.CompanyClient, id string) error {
	p, err := company.Payment(ctx, id)
	if err != nil {
		return err
	}
	if err := checkOutcome(how.outcome, p.PSP, p.Type); err != nil {
		return err
	}
	if how.outcome == "reject" {
		_, err := company.Reject(ctx, id, how.reason)
		return err
	}
	if p.Status == string(payment.AwaitingApproval) {
		if p, err = company.Approve(ctx, id); err != nil {
			return err
		}
	}
	status := payment.Status(p.Status)
	switch {
	case how.outcome == "approve" && status == payment.Approved, how.outcome == "decline" && status == payment.Declined:
		return nil // some providers' answers are final
	case status == payment.Failed, !status.Open() && p.Failure() != "" && len(p.Notifications) == 0:
		return newFinalError(p, how.outcome)
	}
	_, err = company.Decide(ctx, id, adminapi.DecisionInput{Action: how.outcome, Reason: how.reason})
	return err
}

func writeTriggered(c *cli.Call, p adminapi.Payment, made called, next string) {
	c.Row("payment", p.ID+", "+watch.Title(p.PaymentSummary))
	c.Fact("answer", made.answer.Failure())
	c.Fact("redirect", made.redirect)
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

// make makes a payment by a valid call of the Cashier API. It finds the payment by its reference, so that it is found even
// when the answer is lost or malformed.
func (how *triggerFlags) make(ctx context.Context, company *adminapi.CompanyClient) (id string, made called, err error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return "", made, err
	}
	op, err := cli.Operation(contract, how.psp, how.kind, how.variant)
	if err != nil {
		return "", made, err
	}
	if err := checkOutcome(how.outcome, op.PSP, op.Type); err != nil {
		return "", made, err
	}
	before, err := newest(ctx, company, "")
	if err != nil {
		return "", made, err
	}
	if how.reference == "" {
		how.reference = fmt.Sprintf("trigger-%d", before.Ordinal+1)
	}
	wanted := fixtures.Wanted{Outcome: how.outcome, Reason: how.reason, Reference: how.reference, Brand: how.brand}
	if how.amount != "" {
		amount, err := money.Parse(how.amount, 2)
		if err != nil {
			return "", made, cli.Usagef("--amount %q must be a number with at most two decimals, such as 12.50", how.amount)
		}
		wanted.Amount = amount.Fixed(2)
	}
	body, err := wanted.Request(op)
	if err != nil {
		return "", made, cli.Usagef("%v", err)
	}
	tokens, err := company.Tokens(ctx, "")
	if err != nil {
		return "", made, err
	}
	made, err = callCashier(ctx, how.url, tokens, body, how.scenario)
	if err != nil {
		return "", made, err
	}
	if doc, err := openapi.Decode(made.answer.Body); err == nil && op.Redirect != "" {
		made.redirect = doc.Text(op.Redirect)
	}
	after, err := newest(ctx, company, how.reference)
	switch {
	case err != nil:
		return "", made, err
	case after.ID == "" || after.Ordinal <= before.Ordinal:
		return "", made, made.refusal()
	}
	return after.ID, made, nil
}

// newest returns the company's newest payment, or the newest with a reference; a zero value when there is none.
func newest(ctx context.Context, company *adminapi.CompanyClient, reference string) (p adminapi.PaymentSummary, err error) {
	list, err := company.Payments(ctx, adminapi.PaymentQuery{MerchantReference: reference, Page: adminapi.Page{Limit: 1}})
	if err != nil || len(list.Payments) == 0 {
		return p, err
	}
	return list.Payments[0], nil
}

// callTimeout bounds a call of the Cashier API: longer than any delay that the simulator simulates.
const callTimeout = 2 * time.Minute
