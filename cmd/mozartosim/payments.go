package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

func newRequests() *cobra.Command {
	var by adminapi.RequestQuery
	var refused, har bool
	cmd := &cobra.Command{
		Use:     "requests [ID]",
		Aliases: []string{"request"},
		Short:   "List the calls that came in, refused ones too, or show one",
		Long: `List the calls that came to the Cashier API and the hosted pages, refused ones too, or show one: what came, what was answered,
which stage refused it and why. The id is in the answer's header Mozartosim-Request and in the log. Calls that are refused before a
company is known reach none: those without a valid company token, those to an unknown path or by a wrong method, and those whose body
is no JSON object, which is read before the token is. --unknown lists them. Secrets are masked.`,
		Example: `  mozartosim requests --refused
  mozartosim requests --unknown
  mozartosim requests 9f3c21ab-7
  mozartosim requests --watch
  mozartosim requests --har > calls.har`,
		Args: cli.AtMostOneArg("the id of a call", "9f3c21ab-7"),
	}
	flags := cmd.Flags()
	flags.BoolVar(&by.Unknown, "unknown", false, "the calls that reached no company")
	flags.BoolVar(&refused, "refused", false, "only calls that were refused")
	flags.StringVar(&by.Stage, "stage", "", "only calls that this stage refused: "+strings.Join(adminapi.Stages(), ", "))
	flags.StringVar(&by.Rule, "rule", "", "only calls that broke this rule of the contract")
	flags.IntVar(&by.Status, "status", 0, "only calls that were answered with this HTTP status")
	flags.StringVar(&by.Payment, "payment", "", "only calls that made this payment")
	flags.BoolVar(&har, "har", false, "print an HTTP archive (HAR 1.2), which browsers' developer tools open")
	cli.Limit(cmd, &by.Page)
	api := cli.AdminFlags(cmd)
	flags.BoolVar(&api.Watch, "watch", false, "print calls as they come, until Ctrl-C")
	cmd.RunE = api.Run(func(ctx context.Context, c *cli.Call) error {
		if refused {
			by.Outcome = "refused"
		}
		if stages := adminapi.Stages(); by.Stage != "" && !slices.Contains(stages, by.Stage) {
			return cli.OneOf("stage", by.Stage, stages)
		}
		switch {
		case len(c.Args) == 1 && (har || api.Watch):
			return cli.Usagef("--har and --watch are for all calls: leave the id out")
		case len(c.Args) == 1:
			r, err := c.Company.Requests().Request(ctx, c.Args[0])
			return c.Print(r, err, func() { writeRequest(c, r) })
		case har:
			archive, err := c.Company.Requests().Archive(ctx, by)
			if err != nil {
				return err
			}
			return words.JSON(c, archive, "")
		case api.Watch:
			return watchRequests(ctx, c, by)
		}
		return listRequests(ctx, c, by, flags)
	})
	return cmd
}

func listRequests(ctx context.Context, c *cli.Call, by adminapi.RequestQuery, flags *pflag.FlagSet) error {
	elsewhere, err := c.Company.Requests().Elsewhere(ctx, by)
	if err != nil {
		return err
	}
	list, err := c.Company.Requests().List(ctx, by)
	return c.Print(list, err, func() {
		now := clock.Wall() // by which calls that reached no company are stamped
		if !by.Unknown {
			now = c.Clock(ctx).Now
		}
		for _, r := range list.Requests {
			c.Row(r.ID, words.Ago(now, r.At), strconv.Itoa(r.Status), r.Subject(), cameOf(&r))
		}
		c.List("no calls", list.Next)
		if elsewhere == "" {
			return
		}
		others := "mozartosim requests --refused --unknown"
		flags.Visit(func(f *pflag.Flag) {
			if f.Name == "stage" || f.Name == "rule" || f.Name == "status" {
				others += " --" + f.Name + " " + f.Value.String()
			}
		})
		c.Beside("%s more reached no company: %s", elsewhere, others)
	})
}

// cameOf says what came of a call.
func cameOf(r *adminapi.RequestSummary) string {
	if r.Stage != "" {
		return "refused by " + r.Stage + ": " + words.OneLine(r.Reason)
	}
	if r.Payment != "" {
		return "payment " + r.Payment
	}
	return r.Outcome
}

func watchRequests(ctx context.Context, c *cli.Call, by adminapi.RequestQuery) error {
	calls, err := c.Company.Requests().Events(ctx, by.Unknown, adminapi.FromNow)
	if err != nil {
		return err
	}
	for r, err := range calls {
		if err == nil && by.Matches(&r) {
			err = c.Print(r, nil, func() { c.Say("%s  %d  %s  %s", r.ID, r.Status, r.Subject(), cameOf(&r)) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func writeRequest(c *cli.Call, r adminapi.Request) {
	c.Row("call " + r.ID)
	c.Row("call", r.Method+" "+r.Path)
	c.Row("at", words.Stamp(r.At))
	c.Row("answered", fmt.Sprintf("%d after %g ms", r.Status, r.TookMS))
	c.Fact("outcome", cameOf(&r.RequestSummary))
	c.Fact("rule", r.Rule)
	c.Fact("what would be right", r.Expected)
	if p := r.Provenance; p != nil {
		known := strings.TrimSpace(p.Basis + " " + p.Source)
		if p.Note != "" {
			known += ": " + p.Note
		}
		c.Fact("known", known)
	}
	c.Fact("payment", r.Payment)
	c.Fact("scenario", r.Scenario)
	c.Fact("fault", r.Fault)
	c.Fact("replayed", r.Replayed)
	c.Fact("from", r.Remote)
	c.Row("headers")
	for _, h := range r.Headers {
		c.Row(h.Name, h.Value)
	}
	c.Wrapped()
	if r.Body != "" {
		c.Say("\nbody\n%s", words.Indented(r.Body))
	}
	if r.Answer != "" {
		c.Say("\nanswer\n%s", words.Indented(r.Answer))
	}
}
