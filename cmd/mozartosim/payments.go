package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
)

func newPayments() *cobra.Command {
	var by adminapi.PaymentQuery
	cmd := &cobra.Command{
		Use:     "payments [ID]",
		Aliases: []string{"payment"},
		Short:   "List payments, or show everything that happened to one",
		Example: `  mozartosim payments --psp payone --status pending
  mozartosim payments 665f1c2ab7e4d93a5c0f1a2d`,
		Args: cli.AtMostOneArg("the id of a payment", "665f1c2ab7e4d93a5c0f1a2d"),
	}
	flags := cmd.Flags()
	flags.StringVar(&by.PSP, "psp", "", "only payments of this provider")
	flags.StringVar(&by.Type, "type", "", "only PAYIN or PAYOUT")
	flags.StringVar(&by.Status, "status", "", "only payments that are pending, approved, declined, …")
	flags.StringVar(&by.UserID, "user", "", "only payments of this user")
	flags.StringVar(&by.MerchantReference, "reference", "", "only payments with this merchantReference")
	cli.Limit(cmd, &by.Page)
	cli.CompleteFlag(cmd, "psp", cli.CompletePSP)
	cli.CompleteFlag(cmd, "type", cli.CompleteWords("PAYIN", "PAYOUT"))
	cli.CompleteFlag(cmd, "status", cli.CompleteWords(statuses()...))
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return listPayments(cmd, api, by)
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.Payment, error) {
			return company.Payment(ctx, args[0])
		}, writePayment)
	}
	return cmd
}

func statuses() (all []string) {
	for _, s := range payment.Statuses() {
		all = append(all, string(s))
	}
	return all
}

func listPayments(cmd *cobra.Command, api *cli.Admin, by adminapi.PaymentQuery) (err error) {
	if by.PSP, by.Type, err = cli.Names(by.PSP, by.Type); err != nil {
		return err
	}
	if by.Status != "" && !slices.Contains(statuses(), by.Status) {
		return cli.OneOf("status", by.Status, statuses())
	}
	return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.PaymentList, error) {
		return company.Payments(ctx, by)
	}, func(_ io.Writer, list adminapi.PaymentList) error {
		now := api.Clock(cmd.Context()).Now
		var rows [][]string
		for _, p := range list.Payments {
			rows = append(rows, []string{p.ID, titleOf(p), p.Status, cli.OrDash(p.MerchantReference), cli.Ago(now, p.Created)})
		}
		return cli.PrintList(cmd, rows, "no payments", list.Next)
	})
}

func writePayment(out io.Writer, p adminapi.Payment) error {
	facts := [][]string{
		{p.ID}, {"payment", titleOf(p.PaymentSummary)}, {"status", statusOf(p)}, {"reference", cli.OrDash(p.MerchantReference)},
		{"user", cli.OrDash(p.UserID)}, {"created", cli.Stamp(p.Created)},
	}
	if err := cli.WrappedTable(out, facts); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out); err != nil {
		return err
	}
	var timeline [][]string
	for _, e := range p.Events {
		timeline = append(timeline, []string{cli.After(p.Created, e.At), indentOf(e) + e.Description()})
	}
	return cli.Table(out, timeline)
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

// titleOf names a payment in few words.
func titleOf(p adminapi.PaymentSummary) string {
	flow := strings.TrimSpace(p.PSP + " " + p.Type + " " + p.Variant)
	amount := p.Amount.String()
	if exact, err := money.Parse(amount, 2); err == nil {
		amount = exact.Fixed(2)
	}
	return fmt.Sprintf("%s %s %s", flow, amount, p.Currency)
}

// statusOf is the payment's status in the simulator's word and, in parentheses, in the merchant's.
func statusOf(p adminapi.Payment) string {
	switch {
	case len(p.Deliveries) > 0:
		return fmt.Sprintf("%s (reported to the merchant as %s)", p.Status, p.TransactionStatus)
	case payment.Status(p.Status).Open() && hasWebhooks(p.PSP):
		return fmt.Sprintf("%s (status %s, no webhook yet)", p.Status, p.TransactionStatus)
	}
	return fmt.Sprintf("%s (status %s, no webhook)", p.Status, p.TransactionStatus)
}
