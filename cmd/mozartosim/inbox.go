package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// received is a webhook that the built-in inbox received.
type received struct {
	At       time.Time `json:"at"`
	Delivery string    `json:"delivery"`
	Payment  string    `json:"payment"`
	N        int       `json:"n"`
	Body     string    `json:"body"`
	Status   int       `json:"status"` // what it answered
	Error    string    `json:"error"`  // why it did not
}

// reply is how the inbox answers.
type reply struct {
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	Delay  span   `json:"delay,omitempty"`
	HangUp bool   `json:"hangUp,omitempty"`
	Times  int    `json:"times,omitempty"`
}

func newInbox() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "inbox",
		Short: "List what the built-in inbox received, and say how it shall answer",
		Long: `List what the built-in inbox received, the newest first. Every company without a webhookUrl delivers there, so that
webhooks can be tried out with no code at all.`,
		Example: `  mozartosim inbox
  mozartosim inbox reply 500,500,200     # two failures, then it works
  mozartosim inbox reply --hang-up`,
		Args: noSuchCommand,
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "at most so many")
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var list struct {
			Received []received `json:"received"`
			Next     string     `json:"next"`
		}
		if err := withinLimit(limit); err != nil {
			return err
		}
		text, err := api.ask(cmd.Context(), http.MethodGet, "/v1/inbox", api.of(query("limit", strconv.Itoa(limit))), nil, &list)
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		if done, err := api.print(out, text); done {
			return err
		}
		if len(list.Received) == 0 {
			_, err := fmt.Fprintln(out, "the inbox is empty")
			return err
		}
		now := api.now(cmd.Context())
		var rows [][]string
		for _, r := range list.Received {
			rows = append(rows, []string{from(now, r.At), r.Delivery, "attempt " + strconv.Itoa(r.N), r.reaction(), oneLine(r.Body)})
		}
		return writeLines(out, rows)
	}
	cmd.AddCommand(newInboxReply())
	return cmd
}

// reaction says what the inbox did.
func (r received) reaction() string {
	if r.Error != "" {
		return r.Error
	}
	return "answered " + strconv.Itoa(r.Status)
}

// oneLine keeps the beginning of a text.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}

func newInboxReply() *cobra.Command {
	var how reply
	var clear bool
	cmd := &cobra.Command{
		Use:   "reply [STATUS,STATUS,…]",
		Short: "Say how the inbox answers the next webhooks; without anything, show what it was told",
		Long: `Say how the inbox answers the next webhooks, in place of what it was told before. When the replies are used up it
answers everything with 200. --delay, --hang-up and --body go for each of them.`,
		Example: `  mozartosim inbox reply 500,500,200
  mozartosim inbox reply 503 --times 10
  mozartosim inbox reply --delay 12s         # beyond the time-out
  mozartosim inbox reply --hang-up
  mozartosim inbox reply --clear`,
		Args: atMostOneArg("statuses", "mozartosim inbox reply 500,500,200"),
	}
	flags := cmd.Flags()
	flags.Var(&how.Delay, "delay", "answer after this time of the company's clock, such as 2s")
	flags.BoolVar(&how.HangUp, "hang-up", false, "close the connection without an answer")
	flags.StringVar(&how.Body, "body", "", "answer with this text")
	flags.IntVar(&how.Times, "times", 1, "how many webhooks each reply is for")
	flags.BoolVar(&clear, "clear", false, "forget what it was told")
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		program, err := how.program(cmd, args, clear)
		if err != nil {
			return err
		}
		return programInbox(cmd, api, program)
	}
	return cmd
}

// program makes the replies of flags and statuses; nil means that nothing was asked for.
func (r reply) program(cmd *cobra.Command, args []string, clear bool) ([]reply, error) {
	given := len(args) > 0
	for _, flag := range []string{"delay", "hang-up", "body", "times"} {
		given = given || cmd.Flags().Changed(flag)
	}
	switch {
	case clear && given:
		return nil, wrong("--clear stands alone: it forgets every reply")
	case clear:
		return []reply{}, nil
	case !given:
		return nil, nil
	case r.Times < 1:
		return nil, wrong("--times %d must be at least 1", r.Times)
	case len(args) == 0:
		return []reply{r}, nil
	}
	var program []reply
	for _, text := range strings.Split(args[0], ",") {
		status, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || status < 200 || status > 599 {
			return nil, wrong("the status %q must be a number from 200 to 599, as in: mozartosim inbox reply 500,500,200", text)
		}
		one := r
		one.Status = status
		program = append(program, one)
	}
	return program, nil
}

func programInbox(cmd *cobra.Command, api *admin, program []reply) error {
	path, err := api.path(cmd.Context(), "inbox")
	if err != nil {
		return err
	}
	method, in := http.MethodGet, any(nil)
	if program != nil {
		method, in = http.MethodPut, map[string]any{"replies": program}
	}
	var kept struct {
		Replies []reply `json:"replies"`
	}
	text, err := api.ask(cmd.Context(), method, path, nil, in, &kept)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if done, err := api.print(out, text); done {
		return err
	}
	for _, r := range kept.Replies {
		if _, err := fmt.Fprintln(out, r); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(out, "then everything is answered with 200")
	return err
}

// String says what the inbox will do.
func (r reply) String() string {
	how := "200"
	switch {
	case r.HangUp:
		how = "a closed connection"
	case r.Status > 0:
		how = strconv.Itoa(r.Status)
	}
	if r.Delay != "" && r.Delay != "0s" {
		how += " after " + string(r.Delay)
	}
	if r.Times > 1 {
		return fmt.Sprintf("%d webhooks are answered with %s", r.Times, how)
	}
	return "a webhook is answered with " + how
}
