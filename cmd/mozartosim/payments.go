package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
)

// paymentShown is a payment as the admin API shows it, in a list or, with its events, by itself.
type paymentShown struct {
	ID                string                 `json:"id"`
	Ordinal           uint64                 `json:"ordinal"`
	PSP               string                 `json:"psp"`
	Type              string                 `json:"type"`
	Variant           string                 `json:"variant"`
	UserID            string                 `json:"userId"`
	Amount            json.Number            `json:"amount"`
	Currency          string                 `json:"currency"`
	MerchantReference string                 `json:"merchantReference"`
	Status            payment.Status         `json:"status"`
	TransactionStatus string                 `json:"transactionStatus"`
	Raw               string                 `json:"raw"`
	Created           time.Time              `json:"created"`
	Notices           []payment.Notification `json:"notifications"`
	Deliveries        []payment.Delivery     `json:"deliveries"`
	Events            []eventShown           `json:"events"`
}

// eventShown is one entry of a payment's timeline.
type eventShown struct {
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	Kind    payment.Kind    `json:"kind"`
	Payment string          `json:"payment"` // in the stream of all events
	Data    json.RawMessage `json:"data"`
}

// title names a payment in few words.
func (p paymentShown) title() string {
	flow := strings.TrimSpace(p.PSP + " " + p.Type + " " + p.Variant)
	amount := p.Amount.String()
	if exact, err := money.Parse(amount, 2); err == nil {
		amount = exact.Fixed(2)
	}
	return fmt.Sprintf("%s %s %s", flow, amount, p.Currency)
}

// standing is the payment's status in the simulator's word and the merchant's, if a webhook tells him.
func (p paymentShown) standing() string {
	switch {
	case len(p.Deliveries) == 0 && p.Status.Open() && hasWebhooks(p.PSP):
		return fmt.Sprintf("%s (status %s, no webhook yet)", p.Status, p.TransactionStatus)
	case len(p.Deliveries) == 0:
		return fmt.Sprintf("%s (status %s, no webhook)", p.Status, p.TransactionStatus)
	}
	return fmt.Sprintf("%s (the merchant is told %s)", p.Status, p.TransactionStatus)
}

// tells says whether a webhook tells the merchant of a notice.
func (p paymentShown) tells(n payment.Notification) bool {
	return slices.ContainsFunc(p.Deliveries, func(d payment.Delivery) bool { return d.Notification == n.N })
}

// answer says how the merchant's call failed, "" when it did not or is not known.
func (p paymentShown) answer() string {
	for _, e := range p.Events {
		var a payment.Answered
		if e.Kind == payment.KindAnswered && json.Unmarshal(e.Data, &a) == nil {
			return howAnswered(a.Status, a.Body, nil)
		}
	}
	return ""
}

// paymentFilters pick payments; --psp is the only one that has to be looked up.
type paymentFilters struct {
	psp, kind, status, user, reference string
	limit                              int
}

func newPayments() *cobra.Command {
	var by paymentFilters
	cmd := &cobra.Command{
		Use:     "payments [ID]",
		Aliases: []string{"payment"},
		Short:   "List payments, or tell everything that happened to one",
		Example: `  mozartosim payments --psp payone --status pending
  mozartosim payments 665f1c2ab7e4d93a5c0f1a2d`,
		Args: atMostOneArg("the id of a payment", "mozartosim payments 665f1c2ab7e4d93a5c0f1a2d"),
	}
	flags := cmd.Flags()
	flags.StringVar(&by.psp, "psp", "", "only this provider's")
	flags.StringVar(&by.kind, "type", "", "only PAYIN or PAYOUT")
	flags.StringVar(&by.status, "status", "", "only those that are pending, approved, declined, …")
	flags.StringVar(&by.user, "user", "", "only this user's")
	flags.StringVar(&by.reference, "reference", "", "only those with this merchantReference")
	flags.IntVar(&by.limit, "limit", 20, "at most so many, the newest first")
	offer(cmd, "psp", completePSP)
	offer(cmd, "type", fixed("PAYIN", "PAYOUT"))
	offer(cmd, "status", fixed(statuses()...))
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return tellPayment(cmd, api, args[0])
		}
		return listPayments(cmd, api, by)
	}
	return cmd
}

func statuses() []string {
	var all []string
	for _, s := range payment.Statuses() {
		all = append(all, string(s))
	}
	return all
}

func listPayments(cmd *cobra.Command, api *admin, by paymentFilters) error {
	psp, kind, err := namesOf(by.psp, by.kind)
	if err != nil {
		return err
	}
	if by.status != "" && !slices.Contains(statuses(), by.status) {
		return oneOf("status", by.status, statuses())
	}
	if err := withinLimit(by.limit); err != nil {
		return err
	}
	q := api.of(query("psp", psp, "type", kind, "status", by.status, "userId", by.user, "merchantReference", by.reference,
		"limit", strconv.Itoa(by.limit)))
	var list struct {
		Payments []paymentShown `json:"payments"`
		Next     string         `json:"next"`
	}
	text, err := api.ask(cmd.Context(), http.MethodGet, "/v1/payments", q, nil, &list)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if done, err := api.print(out, text); done {
		return err
	}
	if len(list.Payments) == 0 {
		_, err := fmt.Fprintln(out, "no payments")
		return err
	}
	now := api.now(cmd.Context())
	var rows [][]string
	for _, p := range list.Payments {
		rows = append(rows, []string{p.ID, p.title(), string(p.Status), orDash(p.MerchantReference), from(now, p.Created)})
	}
	if err := writeLines(out, rows); err != nil || list.Next == "" {
		return err
	}
	return more(cmd, by.limit)
}

// mostListed is the most that the admin API lists at once.
const mostListed = 500

// withinLimit refuses a --limit that the admin API does not take.
func withinLimit(limit int) error {
	if limit < 1 || limit > mostListed {
		return wrong("--limit %d must be a number from 1 to %d", limit, mostListed)
	}
	return nil
}

// more says that a list was cut, beside the output, so that scripts get the list only.
func more(cmd *cobra.Command, limit int) error {
	_, err := fmt.Fprintf(cmd.ErrOrStderr(), "there are more than %d: --limit shows them\n", limit)
	return err
}

// now is the company's time, zero when it can't be had: then times are written out.
func (a *admin) now(ctx context.Context) time.Time {
	shown, err := a.clock(ctx)
	if err != nil {
		return time.Time{}
	}
	return shown.Now
}

// clock reads the company's clock.
func (a *admin) clock(ctx context.Context) (shown clockShown, err error) {
	path, err := a.path(ctx, "clock")
	if err != nil {
		return shown, err
	}
	_, err = a.ask(ctx, http.MethodGet, path, nil, nil, &shown)
	return shown, err
}

// payment reads one payment.
func (a *admin) payment(ctx context.Context, id string) (p paymentShown, text json.RawMessage, err error) {
	text, err = a.ask(ctx, http.MethodGet, join("v1", "payments", id), a.of(query()), nil, &p)
	return p, text, err
}

func tellPayment(cmd *cobra.Command, api *admin, id string) error {
	p, text, err := api.payment(cmd.Context(), id)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if done, err := api.print(out, text); done {
		return err
	}
	facts := [][]string{
		{p.ID}, {"payment", p.title()}, {"status", p.standing()}, {"reference", orDash(p.MerchantReference)},
		{"user", orDash(p.UserID)}, {"created", stamp(p.Created)},
	}
	if err := writeColumns(out, facts); err != nil {
		return err
	}
	return writeTimeline(out, p)
}

// writeTimeline tells the payment's events in words, one line each; times count from its creation.
func writeTimeline(out io.Writer, p paymentShown) error {
	if _, err := fmt.Fprintln(out); err != nil {
		return err
	}
	rows := make([][]string, len(p.Events))
	teller := teller{payment: p.ID}
	for i, e := range p.Events {
		rows[i] = []string{after(p.Created, e.At), teller.tell(e)}
	}
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	for _, row := range rows { // not writeColumns: indentation tells what belongs to what
		if _, err := fmt.Fprintf(out, "  %-*s  %s\n", width, row[0], row[1]); err != nil {
			return err
		}
	}
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// atMostOneArg is the Args of commands that list everything or show one.
func atMostOneArg(what, as string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return wrong("%s takes %s at most, as in: %s", cmd.CommandPath(), what, as)
		}
		return nil
	}
}
