package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/simulator/payment"
)

// deliveryShown is a delivery as the admin API shows it.
type deliveryShown struct {
	payment.Delivery
	Payment string `json:"payment"`
}

// deliveryStates are the states that --state takes.
func deliveryStates() []string {
	return []string{"pending", "retrying", "delivered", "exhausted", "dropped"}
}

func newDeliveries() *cobra.Command {
	var of, state string
	var limit int
	cmd := &cobra.Command{
		Use:     "deliveries [ID]",
		Aliases: []string{"delivery"},
		Short:   "List webhooks, or show one with its attempts; resend and cancel them",
		Example: `  mozartosim deliveries --state exhausted
  mozartosim deliveries 665f1c2ab7e4d93a5c0f1a2d-1
  mozartosim deliveries resend 665f1c2ab7e4d93a5c0f1a2d-1`,
		Args: atMostOneArg("the id of a delivery", "mozartosim deliveries 665f1c2ab7e4d93a5c0f1a2d-1"),
	}
	flags := cmd.Flags()
	flags.StringVar(&of, "payment", "", "only this payment's")
	flags.StringVar(&state, "state", "", "only those that are pending, retrying, delivered, exhausted or dropped")
	flags.IntVar(&limit, "limit", 20, "at most so many, the newest first")
	offer(cmd, "state", fixed(deliveryStates()...))
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return showDelivery(cmd, api, args[0])
		}
		if state != "" && !slices.Contains(deliveryStates(), state) {
			return oneOf("state", state, deliveryStates())
		}
		if err := withinLimit(limit); err != nil {
			return err
		}
		return listDeliveries(cmd, api, query("payment", of, "state", state, "limit", strconv.Itoa(limit)), limit)
	}
	cmd.AddCommand(newResend(), newCancel())
	return cmd
}

func listDeliveries(cmd *cobra.Command, api *admin, filter url.Values, limit int) error {
	var list struct {
		Deliveries []deliveryShown `json:"deliveries"`
		Next       string          `json:"next"`
	}
	text, err := api.ask(cmd.Context(), http.MethodGet, "/v1/deliveries", api.of(filter), nil, &list)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if done, err := api.print(out, text); done {
		return err
	}
	if len(list.Deliveries) == 0 {
		_, err := fmt.Fprintln(out, "no deliveries")
		return err
	}
	now := api.now(cmd.Context())
	var rows [][]string
	for _, d := range list.Deliveries {
		rows = append(rows, []string{d.ID, string(d.State), target(d.URL), attempts(d), when(now, d)})
	}
	if err := writeLines(out, rows); err != nil || list.Next == "" {
		return err
	}
	return more(cmd, limit)
}

// attempts counts them, and says how the last went.
func attempts(d deliveryShown) string {
	n := len(d.Attempts)
	if n == 0 {
		return "not tried yet"
	}
	last := d.Attempts[n-1]
	text := last.Error
	if text == "" {
		text = fmt.Sprintf("answered %d", last.Status)
	}
	if n == 1 {
		return "1 attempt: " + text
	}
	return fmt.Sprintf("%d attempts: %s", n, text)
}

func when(now time.Time, d deliveryShown) string {
	if d.State.Open() {
		return "due " + from(now, d.Next)
	}
	return from(now, d.Updated)
}

func showDelivery(cmd *cobra.Command, api *admin, id string) error {
	var d deliveryShown
	text, err := api.ask(cmd.Context(), http.MethodGet, join("v1", "deliveries", id), api.of(query()), nil, &d)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if done, err := api.print(out, text); done {
		return err
	}
	return writeDelivery(out, d)
}

// writeDelivery shows all of a delivery: what is sent, and for each attempt what came of it.
func writeDelivery(out io.Writer, d deliveryShown) error {
	facts := [][]string{{d.ID}, {"to", target(d.URL)}, {"state", string(d.State)}, {"created", stamp(d.Created)}}
	if !d.Next.IsZero() {
		facts = append(facts, []string{"next", stamp(d.Next)})
	}
	if err := writeColumns(out, facts); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "\nBody\n%s\n", indented(d.Body)); err != nil {
		return err
	}
	for i, a := range d.Attempts {
		if i+1 < len(d.Attempts) {
			a.Error = withoutHint(a.Error)
		}
		rows := [][]string{{fmt.Sprintf("Attempt %d: %s", a.N, outcome(a))}}
		rows = append(rows, headers("sent", a.Headers)...)
		rows = append(rows, headers("answered", a.Answer)...)
		if err := writeColumns(out, rows); err != nil {
			return err
		}
		if a.Body != "" {
			if _, err := fmt.Fprintf(out, "  %s\n", a.Body); err != nil {
				return err
			}
		}
	}
	return nil
}

// withoutHint leaves out what a container's webhook client adds to each of its attempts: once, with the last, will do.
func withoutHint(says string) string {
	before, _, _ := strings.Cut(says, " (from inside a container ")
	return before
}

// headers lists headers by name.
func headers(side string, of map[string]string) (rows [][]string) {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		rows = append(rows, []string{side, name, of[name]})
	}
	return rows
}

// indented makes JSON readable and leaves anything else as it is.
func indented(text string) string {
	var value json.RawMessage
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	pretty, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return text
	}
	return string(pretty)
}

func newResend() *cobra.Command {
	var body string
	cmd := &cobra.Command{
		Use:   "resend ID",
		Short: "Send a webhook once more, the same or with another body",
		Example: `  mozartosim deliveries resend 665f1c2ab7e4d93a5c0f1a2d-1
  mozartosim deliveries resend 665f1c2ab7e4d93a5c0f1a2d-1 --body changed.json`,
		Args: oneArg("the id of a delivery", "mozartosim deliveries resend 665f1c2ab7e4d93a5c0f1a2d-1"),
	}
	cmd.Flags().StringVar(&body, "body", "", "send this file's text instead (- is the standard input)")
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in := map[string]any{}
		if body != "" {
			text, err := fileOrInput(cmd, body)
			if err != nil {
				return err
			}
			in["body"] = string(text)
		}
		return actOnDelivery(cmd, api, args[0], "resend", in)
	}
	return cmd
}

func newCancel() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "cancel ID",
		Short:   "Give a webhook up that is still pending or retrying",
		Example: `  mozartosim deliveries cancel 665f1c2ab7e4d93a5c0f1a2d-1`,
		Args:    oneArg("the id of a delivery", "mozartosim deliveries cancel 665f1c2ab7e4d93a5c0f1a2d-1"),
	}
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return actOnDelivery(cmd, api, args[0], "cancel", nil)
	}
	return cmd
}

// actOnDelivery resends or cancels one, and says where it stands.
func actOnDelivery(cmd *cobra.Command, api *admin, id, act string, in any) error {
	var d deliveryShown
	text, err := api.ask(cmd.Context(), http.MethodPost, join("v1", "deliveries", id, act), api.of(query()), in, &d)
	if err != nil {
		return err
	}
	if done, err := api.print(cmd.OutOrStdout(), text); done {
		return err
	}
	waits := ""
	if d.State.Open() && api.standsStill(cmd.Context()) {
		waits = "; it waits" + forTheClock
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s%s\n", d.ID, d.State, waits)
	return err
}

// fileOrInput reads a file, or the standard input for "-".
func fileOrInput(cmd *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(cmd.InOrStdin())
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w: name a file that can be read, or - for the standard input", err)
	}
	return text, nil
}
