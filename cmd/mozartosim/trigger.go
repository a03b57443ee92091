package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
	"mozartosim/simulator/payment"
)

// triggerFlags say which payment, and why.
type triggerFlags struct {
	kind, variant, amount, brand, reference, reason, scenario, payment, url string

	found bool // url is what the admin API says, and nobody else
}

func newTrigger() *cobra.Command {
	var how triggerFlags
	cmd := &cobra.Command{
		Use:   "trigger PSP [OUTCOME]",
		Short: "Make a payment and drive it to an outcome, so that its webhooks come",
		Long: `Make a valid payment and drive it to an outcome, so that its webhooks come: approve, decline, cancel, expire, underpay, overpay,
challenge-fail, abandon, return-first, return-twice, close-tab; for a Gigadat pay-out, which an admin must approve
first, reject too. Without an outcome the payment is left to the simulated shopper, or to the scenario.`,
		Example: `  mozartosim trigger PAYONE approve
  mozartosim trigger gigadat reject --type payout --reason "limit"
  mozartosim trigger PAYONE --scenario answer-lost
  mozartosim trigger decline --payment 665f1c2ab7e4d93a5c0f1a2d`,
		ValidArgsFunction: inTurn(completePSP, completeOutcome),
	}
	flags := cmd.Flags()
	flags.StringVar(&how.kind, "type", "PAYIN", "PAYIN or PAYOUT")
	flags.StringVar(&how.variant, "variant", "", "ETO or ACH for Gigadat pay-outs (default: the first)")
	flags.StringVar(&how.amount, "amount", "", "the amount, such as 12.50 (default: the fixture's)")
	flags.StringVar(&how.brand, "brand", "", "the brandId (default: the fixture's)")
	flags.StringVar(&how.reference, "reference", "", "the merchantReference (default: trigger- and a number)")
	flags.StringVar(&how.reason, "reason", "", "why it is declined or rejected, in the provider's own code")
	flags.StringVar(&how.scenario, "scenario", "", "name this scenario for the payment (header Mozartosim-Scenario)")
	flags.StringVar(&how.payment, "payment", "", "drive this payment instead of a new one")
	flags.StringVar(&how.url, "url", "", "the Cashier API (default MOZARTOSIM_URL, or what the admin API says)")
	api := newAdmin(cmd)
	offer(cmd, "type", fixed("PAYIN", "PAYOUT"))
	offer(cmd, "variant", fixed("ETO", "ACH"))
	offer(cmd, "scenario", completeScenario(api))
	cmd.Args = func(_ *cobra.Command, args []string) error { return how.check(args) }
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, stop := untilInterrupted(cmd.Context())
		defer stop()
		return trigger(ctx, cmd.OutOrStdout(), api, how, args)
	}
	return cmd
}

// check makes sure of the arguments before anything is asked of anybody.
func (how triggerFlags) check(args []string) error {
	const as = "mozartosim trigger PAYONE approve"
	if len(args) > 2 || len(args) == 0 {
		return wrong("mozartosim trigger needs a provider and an outcome, as in: %s", as)
	}
	if how.payment != "" && how.scenario != "" {
		return wrong("--scenario is for a new payment, --payment for one that is there: use one of them")
	}
	if outcome := how.outcome(args); outcome != "" && !slices.Contains(outcomes(), outcome) {
		return wrong("there is no outcome %q: use one of %s", outcome, strings.Join(outcomes(), ", "))
	}
	return nil
}

// outcome is the last argument; a new payment needs none.
func (how triggerFlags) outcome(args []string) string {
	if len(args) == 1 && how.payment == "" {
		return ""
	}
	return args[len(args)-1]
}

func trigger(ctx context.Context, out io.Writer, api *admin, how triggerFlags, args []string) error {
	id, made, outcome := how.payment, callAnswer{}, how.outcome(args)
	if id != "" && len(args) == 2 {
		return wrong("--payment says which payment: leave the provider out, as in: mozartosim trigger %s --payment %s", outcome, id)
	}
	if id == "" {
		var err error
		if id, made, err = how.make(ctx, api, args); err != nil {
			return err
		}
	}
	var driven error
	if outcome != "" {
		driven = drive(ctx, api, id, outcome, how.reason)
		if driven != nil && (how.payment != "" || !settled(driven)) {
			return driven
		}
	}
	p, text, err := api.payment(ctx, id)
	if err != nil {
		return cmp.Or(driven, err)
	}
	done, err := api.print(out, text)
	if !done {
		err = writeTriggered(ctx, out, api, p, made)
	}
	return cmp.Or(driven, err)
}

// over is a payment that ended with its own call, so that nobody can decide it any more.
type over struct {
	payment paymentShown
	outcome string
}

func (e *over) Error() string {
	says := fmt.Sprintf("payment %s is %s and needs no decision, so it can't end with %s", e.payment.ID, e.payment.Status, e.outcome)
	if answer := e.payment.answer(); answer != "" {
		says += ": its call was answered " + answer
	}
	return says
}

// settled says whether there is a payment to show, which can't be driven where it should go.
func settled(err error) bool {
	var ended *over
	return errors.As(err, &ended) || status(err) == http.StatusConflict
}

// drive makes the payment end as it should: by an admin's word where it waits for one, and by the shopper's.
func drive(ctx context.Context, api *admin, id, outcome, reason string) error {
	p, _, err := api.payment(ctx, id)
	if err != nil {
		return err
	}
	if err := fits(outcome, p.PSP, p.Type); err != nil {
		return err
	}
	if p.Status == payment.AwaitingApproval || outcome == "reject" {
		act, in := "approve", map[string]any(nil)
		if outcome == "reject" {
			act, in = "reject", reasoned(map[string]any{}, reason)
		}
		if err := api.act(ctx, id, act, in); err != nil || outcome == "reject" {
			return err
		}
	}
	if reached(outcome, p.Status) {
		return nil
	}
	if p.Status == payment.Failed || !p.Status.Open() && p.answer() != "" && len(p.Notices) == 0 {
		return &over{p, outcome}
	}
	return api.act(ctx, id, "decide", reasoned(map[string]any{"action": outcome}, reason))
}

func reasoned(in map[string]any, reason string) map[string]any {
	if reason != "" {
		in["reason"] = reason
	}
	return in
}

// reached says whether a payment is where it should be: some providers' answers are final.
func reached(outcome string, s payment.Status) bool {
	return outcome == "approve" && s == payment.Approved || outcome == "decline" && s == payment.Declined
}

// act decides, approves or rejects.
func (a *admin) act(ctx context.Context, id, act string, in map[string]any) error {
	var body any
	if in != nil {
		body = in
	}
	_, err := a.ask(ctx, http.MethodPost, join("v1", "payments", id, act), a.of(query()), body, nil)
	return err
}

func writeTriggered(ctx context.Context, out io.Writer, api *admin, p paymentShown, made callAnswer) error {
	rows := [][]string{{"payment", p.ID + ", " + p.title()}}
	if made.says != "" {
		rows = append(rows, []string{"answer", made.says})
	}
	if made.redirect != "" {
		rows = append(rows, []string{"redirect", made.redirect})
	}
	rows = append(rows, []string{"status", p.standing()})
	for _, n := range p.Notices {
		if p.tells(n) {
			rows = append(rows, []string{"told", inShort(n, n.TransactionStatus)})
		} else {
			rows = append(rows, []string{"notice", inShort(n, "status "+n.TransactionStatus+", no webhook")})
		}
	}
	if then := api.then(ctx, p); then != "" {
		rows = append(rows, []string{"then", then})
	}
	return writeLines(out, rows)
}

// then says what a payment waits for; nothing when its time goes on by itself and no webhook is on the way.
func (a *admin) then(ctx context.Context, p paymentShown) string {
	open := 0
	for _, d := range p.Deliveries {
		if d.State.Open() {
			open++
		}
	}
	switch still := a.standsStill(ctx); {
	case p.Status == payment.AwaitingApproval:
		return "an admin must approve it: mozartosim trigger approve --payment " + p.ID
	case open > 0 && still:
		return counted(open, "webhook waits", "webhooks wait") + forTheClock
	case open > 0:
		return counted(open, "webhook is", "webhooks are") + " on the way"
	case p.Status.Open() && still:
		return "what follows waits" + forTheClock
	}
	return ""
}

// forTheClock is what everything that is due waits for on a manual clock.
const forTheClock = ` for "mozartosim clock advance", because the clock is manual`

// standsStill says whether the company's clock is manual.
func (a *admin) standsStill(ctx context.Context) bool {
	shown, err := a.clock(ctx)
	return err == nil && shown.Mode == "manual"
}

// inShort is a notice in few words: the provider's, and what becomes of it.
func inShort(n payment.Notification, means string) string {
	text := fmt.Sprintf("%s (%s)", n.Raw, means)
	if n.Message != "" {
		text += ": " + n.Message
	}
	return text
}

// redirectOf finds the redirect URL in an answer, by the contract's dotted path.
func redirectOf(op *openapi.Operation, body []byte) string {
	doc, err := openapi.Decode(json.RawMessage(body))
	if err != nil || op.Redirect == "" {
		return ""
	}
	return doc.Text(op.Redirect)
}
