package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/watch"
	"mozartosim/simulator/words"
)

func newPayments() *cobra.Command {
	var by adminapi.PaymentQuery
	var next bool
	cmd := &cobra.Command{
		Use:     "payments [ID]",
		Aliases: []string{"payment"},
		Short:   "List payments, or show everything that happened to one",
		Example: `  mozartosim payments --psp payone --status pending
  mozartosim payments 665f1c2ab7e4d93a5c0f1a2d
  mozartosim payments 665f1c2ab7e4d93a5c0f1a2d --next
  mozartosim payments --watch --psp payone`,
		Args: cli.AtMostOneArg("the id of a payment", "665f1c2ab7e4d93a5c0f1a2d"),
	}
	flags := cmd.Flags()
	flags.StringVar(&by.PSP, "psp", "", "only payments of this provider")
	flags.StringVar(&by.Type, "type", "", "only PAYIN or PAYOUT")
	flags.StringVar(&by.Status, "status", "", "only payments that are pending, approved, declined, …")
	flags.StringVar(&by.UserID, "user", "", "only payments of this user")
	flags.StringVar(&by.MerchantReference, "reference", "", "only payments with this merchantReference")
	flags.BoolVar(&next, "next", false, "what can happen to this payment next: outcomes to decide, jobs, retries")
	cli.Limit(cmd, &by.Page)
	cli.CompleteFlag(cmd, "psp", cli.CompletePSP)
	cli.CompleteFlag(cmd, "type", cli.CompleteWords("PAYIN", "PAYOUT"))
	cli.CompleteFlag(cmd, "status", cli.CompleteWords(adminapi.PaymentStatuses()...))
	api := cli.AdminFlags(cmd)
	flags.BoolVar(&api.Watch, "watch", false, "print payments as they come and as their status changes, until Ctrl-C")
	cmd.RunE = api.Run(func(ctx context.Context, c *cli.Call) error {
		switch {
		case next && len(c.Args) == 0:
			return cli.Usagef("--next needs the id of a payment, as in: mozartosim payments 665f1c2ab7e4d93a5c0f1a2d --next")
		case api.Watch && len(c.Args) > 0:
			return cli.Usagef("--watch is for all payments: leave the id out")
		case len(c.Args) == 0:
			return listPayments(ctx, cmd, c, by)
		case next:
			n, err := c.Company.Next(ctx, c.Args[0])
			return c.Print(n, err, func() { writeNext(c, n) })
		}
		p, err := c.Company.Payment(ctx, c.Args[0])
		return c.Print(p, err, func() { writePayment(c, p) })
	})
	return cmd
}

func listPayments(ctx context.Context, cmd *cobra.Command, c *cli.Call, by adminapi.PaymentQuery) (err error) {
	if by.PSP, by.Type, err = cli.Names(by.PSP, by.Type); err != nil {
		return err
	}
	if by.Status != "" && !slices.Contains(adminapi.PaymentStatuses(), by.Status) {
		return cli.OneOf("status", by.Status, adminapi.PaymentStatuses())
	}
	if c.Admin.Watch {
		l := watch.Listener{
			Company: c.Company, Out: cmd.OutOrStdout(), ErrOut: cmd.ErrOrStderr(), JSON: c.Admin.JSON, Clock: clock.New(), Since: adminapi.FromNow,
			Hello: "watching payments at " + c.Admin.URL + "; Ctrl-C ends it",
		}
		return l.Payments(ctx, by)
	}
	list, err := c.Company.Payments(ctx, by)
	return c.Print(list, err, func() {
		now := c.Clock(ctx).Now
		for _, p := range list.Payments {
			c.Row(p.ID, watch.Title(p), p.Status, cmp.Or(p.MerchantReference, "-"), words.Ago(now, p.Created))
		}
		c.List("no payments", list.Next)
	})
}

func writePayment(c *cli.Call, p adminapi.Payment) {
	c.Row(p.ID)
	c.Row("payment", watch.Title(p.PaymentSummary))
	c.Row("status", statusOf(p))
	c.Row("reference", cmp.Or(p.MerchantReference, "-"))
	c.Row("user", cmp.Or(p.UserID, "-"))
	c.Row("created", words.Stamp(p.Created))
	if p.Scenario != nil {
		c.Row("scenario", strings.TrimSuffix(p.Scenario.Name+", "+p.Scenario.Reason(), ", "))
	}
	c.Wrapped()
	c.Say("")
	for _, e := range p.Events {
		c.Row(words.After(p.Created, e.At), indentOf(e)+e.Description())
	}
	c.Table()
}

// writeNext shows what can happen to a payment next.
func writeNext(c *cli.Call, n adminapi.PaymentNext) {
	switch {
	case n.Approval:
		c.Row("decide", "it waits to be approved or rejected")
	case len(n.Actions) > 0:
		c.Row("decide", strings.Join(n.Actions, ", "))
	case n.Final:
		c.Row("final", "its status does not change any more")
	default:
		c.Row("decided", "a job below may still change its status")
	}
	for _, j := range n.Jobs {
		c.Row("job", words.Stamp(j.At), j.Description())
	}
	for _, r := range n.Retries {
		c.Row("retry", words.Stamp(r.At), fmt.Sprintf("delivery %s, attempt %d, if those before it fail", r.Delivery, r.N))
	}
	c.Table()
}

// indentOf shows to which webhook an attempt belongs.
func indentOf(e adminapi.Event) string {
	switch payment.Kind(e.Kind) {
	case payment.KindDeliveryOpened, payment.KindDeliveryCancelled:
		return "  "
	case payment.KindDeliveryAttempted:
		return "    "
	}
	return ""
}

// statusOf is the payment's status in the simulator's word and, in parentheses, in the merchant's.
func statusOf(p adminapi.Payment) string {
	known, _ := provider.Find(p.PSP)
	switch {
	case len(p.Deliveries) > 0:
		return fmt.Sprintf("%s (reported to the merchant as %s)", p.Status, p.TransactionStatus)
	case payment.Status(p.Status).Open() && known.Webhook:
		return fmt.Sprintf("%s (status %s, no webhook yet)", p.Status, p.TransactionStatus)
	}
	return fmt.Sprintf("%s (status %s, no webhook)", p.Status, p.TransactionStatus)
}
