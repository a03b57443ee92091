package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
)

func newPayments() *cobra.Command {
	var by adminapi.PaymentQuery
	var next, watch bool
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
	flags.BoolVar(&watch, "watch", false, "print payments as they come and as their status changes, until Ctrl-C")
	cli.Limit(cmd, &by.Page)
	cli.CompleteFlag(cmd, "psp", cli.CompletePSP)
	cli.CompleteFlag(cmd, "type", cli.CompleteWords("PAYIN", "PAYOUT"))
	cli.CompleteFlag(cmd, "status", cli.CompleteWords(adminapi.PaymentStatuses()...))
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case next && len(args) == 0:
			return cli.Usagef("--next needs the id of a payment, as in: mozartosim payments 665f1c2ab7e4d93a5c0f1a2d --next")
		case watch && len(args) > 0:
			return cli.Usagef("--watch is for all payments: leave the id out")
		case len(args) == 0:
			return listPayments(cmd, api, by, watch)
		case next:
			return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.PaymentNext, error) {
				return company.Next(ctx, args[0])
			}, writeNext)
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.Payment, error) {
			return company.Payment(ctx, args[0])
		}, writePayment)
	}
	return cmd
}

func listPayments(cmd *cobra.Command, api *cli.Admin, by adminapi.PaymentQuery, watch bool) (err error) {
	if by.PSP, by.Type, err = cli.Names(by.PSP, by.Type); err != nil {
		return err
	}
	if by.Status != "" && !slices.Contains(adminapi.PaymentStatuses(), by.Status) {
		return cli.OneOf("status", by.Status, adminapi.PaymentStatuses())
	}
	if watch {
		return watchPayments(cmd, api, by)
	}
	return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.PaymentList, error) {
		return company.Payments(ctx, by)
	}, func(out cli.Output, list adminapi.PaymentList) error {
		now := out.Clock().Now
		var rows [][]string
		for _, p := range list.Payments {
			rows = append(rows, []string{p.ID, titleOf(p), p.Status, cli.OrDash(p.MerchantReference), cli.Ago(now, p.Created)})
		}
		return out.List(rows, "no payments", list.Next)
	})
}

func writePayment(out cli.Output, p adminapi.Payment) error {
	facts := [][]string{
		{p.ID}, {"payment", titleOf(p.PaymentSummary)}, {"status", statusOf(p)}, {"reference", cli.OrDash(p.MerchantReference)},
		{"user", cli.OrDash(p.UserID)}, {"created", cli.Stamp(p.Created)},
	}
	if p.Scenario != nil {
		facts = append(facts, []string{"scenario", strings.TrimSuffix(p.Scenario.Name+", "+p.Scenario.Reason(), ", ")})
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

// writeNext shows what can happen to a payment next.
func writeNext(out cli.Output, n adminapi.PaymentNext) error {
	var rows [][]string
	switch {
	case n.Approval:
		rows = append(rows, []string{"decide", "it waits to be approved or rejected"})
	case len(n.Actions) > 0:
		rows = append(rows, []string{"decide", strings.Join(n.Actions, ", ")})
	case n.Final:
		rows = append(rows, []string{"final", "its status does not change any more"})
	default:
		rows = append(rows, []string{"decided", "a job below may still change its status"})
	}
	for _, j := range n.Jobs {
		rows = append(rows, []string{"job", cli.Stamp(j.At), j.Description()})
	}
	for _, r := range n.Retries {
		rows = append(rows, []string{"retry", cli.Stamp(r.At), fmt.Sprintf("delivery %s, attempt %d, if those before it fail", r.Delivery, r.N)})
	}
	return cli.Table(out, rows)
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

// requestsFlags are the flags of requests.
type requestsFlags struct {
	by             adminapi.RequestQuery
	refused, watch bool
	har            bool
}

func newRequests() *cobra.Command {
	var how requestsFlags
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
	flags.BoolVar(&how.by.Unknown, "unknown", false, "the calls that reached no company")
	flags.BoolVar(&how.refused, "refused", false, "only calls that were refused")
	flags.StringVar(&how.by.Stage, "stage", "", "only calls that this stage refused: "+strings.Join(adminapi.Stages(), ", "))
	flags.StringVar(&how.by.Rule, "rule", "", "only calls that broke this rule of the contract")
	flags.IntVar(&how.by.Status, "status", 0, "only calls that were answered with this HTTP status")
	flags.StringVar(&how.by.Payment, "payment", "", "only calls that made this payment")
	flags.BoolVar(&how.watch, "watch", false, "print calls as they come, until Ctrl-C")
	flags.BoolVar(&how.har, "har", false, "print an HTTP archive (HAR 1.2), which browsers' developer tools open")
	cli.Limit(cmd, &how.by.Page)
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if how.refused {
			how.by.Outcome = "refused"
		}
		if stages := adminapi.Stages(); how.by.Stage != "" && !slices.Contains(stages, how.by.Stage) {
			return cli.OneOf("stage", how.by.Stage, stages)
		}
		if len(args) == 1 && (how.har || how.watch) {
			return cli.Usagef("--har and --watch are for all calls: leave the id out")
		}
		switch {
		case len(args) == 1:
			return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.Request, error) {
				return company.Requests().Request(ctx, args[0])
			}, writeRequest)
		case how.har:
			api.JSON = true
			return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (json.RawMessage, error) {
				return company.Requests().Archive(ctx, how.by)
			}, nil)
		case how.watch:
			return watchRequests(cmd, api, how.by)
		}
		return listRequests(cmd, api, how.by)
	}
	return cmd
}

func listRequests(cmd *cobra.Command, api *cli.Admin, by adminapi.RequestQuery) error {
	var elsewhere string
	return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (list adminapi.RequestList, err error) {
		if elsewhere, err = company.Requests().Elsewhere(ctx, by); err != nil {
			return list, err
		}
		return company.Requests().List(ctx, by)
	}, func(out cli.Output, list adminapi.RequestList) error {
		now := clock.Wall() // by which calls that reached no company are stamped
		if !by.Unknown {
			now = out.Clock().Now
		}
		var rows [][]string
		for _, r := range list.Requests {
			rows = append(rows, []string{r.ID, cli.Ago(now, r.At), strconv.Itoa(r.Status), callOf(&r), cameOf(&r)})
		}
		if err := out.List(rows, "no calls", list.Next); err != nil || elsewhere == "" {
			return err
		}
		others := "mozartosim requests --refused --unknown"
		cmd.Flags().Visit(func(f *pflag.Flag) {
			if f.Name == "stage" || f.Name == "rule" || f.Name == "status" {
				others += " --" + f.Name + " " + f.Value.String()
			}
		})
		return out.Beside("%s more reached no company: %s", elsewhere, others)
	})
}

// callOf names a call in few words.
func callOf(r *adminapi.RequestSummary) string {
	if r.PSP != "" {
		return r.PSP + " " + r.Type
	}
	return r.Method + " " + r.Path
}

// cameOf says what came of a call.
func cameOf(r *adminapi.RequestSummary) string {
	if r.Stage != "" {
		return "refused by " + r.Stage + ": " + cli.OneLine(r.Reason)
	}
	if r.Payment != "" {
		return "payment " + r.Payment
	}
	return r.Outcome
}

func watchRequests(cmd *cobra.Command, api *cli.Admin, by adminapi.RequestQuery) error {
	company, err := api.Connect()
	if err != nil {
		return err
	}
	ctx, stop := cli.UntilInterrupted(cmd.Context())
	defer stop()
	calls, err := company.Requests().Events(ctx, by.Unknown, adminapi.FromNow)
	if err != nil {
		return api.Explain(err)
	}
	for r, err := range calls {
		switch {
		case err != nil:
			return api.Explain(err)
		case by.Outcome != "" && r.Outcome != by.Outcome, by.Stage != "" && r.Stage != by.Stage, by.Rule != "" && r.Rule != by.Rule,
			by.Status != 0 && r.Status != by.Status, by.Payment != "" && r.Payment != by.Payment:
			continue
		case api.JSON:
			err = cli.CompactJSON(cmd.OutOrStdout(), r)
		default:
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %d  %s  %s\n", r.ID, r.Status, callOf(&r), cameOf(&r))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func writeRequest(out cli.Output, r adminapi.Request) error {
	facts := [][]string{
		{"call " + r.ID}, {"call", r.Method + " " + r.Path}, {"at", cli.Stamp(r.At)}, {"answered", fmt.Sprintf("%d after %g ms", r.Status, r.TookMS)},
		{"outcome", cameOf(&r.RequestSummary)}, {"rule", r.Rule}, {"what would be right", r.Expected},
	}
	if p := r.Provenance; p != nil {
		known := strings.TrimSpace(p.Basis + " " + p.Source)
		if p.Note != "" {
			known += ": " + p.Note
		}
		facts = append(facts, []string{"known", known})
	}
	for _, fact := range [][2]string{{"payment", r.Payment}, {"scenario", r.Scenario}, {"fault", r.Fault}, {"replayed", r.Replayed}, {"from", r.Remote}} {
		facts = append(facts, fact[:])
	}
	facts = slices.DeleteFunc(facts, func(row []string) bool { return len(row) == 2 && row[1] == "" })
	facts = append(facts, []string{"headers"})
	for _, h := range r.Headers {
		facts = append(facts, []string{h.Name, h.Value})
	}
	if err := cli.WrappedTable(out, facts); err != nil {
		return err
	}
	for _, part := range [][2]string{{"body", r.Body}, {"answer", r.Answer}} {
		if part[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(out, "\n%s\n%s\n", part[0], cli.Indented(part[1])); err != nil {
			return err
		}
	}
	return nil
}
