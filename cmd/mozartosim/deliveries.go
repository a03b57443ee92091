package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/words"
)

func newDeliveries() *cobra.Command {
	var by adminapi.DeliveryQuery
	cmd := &cobra.Command{
		Use:     "deliveries [ID]",
		Aliases: []string{"delivery"},
		Short:   "List webhooks, or show one with its attempts; resend and cancel them",
		Example: `  mozartosim deliveries --state exhausted
  mozartosim deliveries 665f1c2ab7e4d93a5c0f1a2d-1
  mozartosim deliveries resend 665f1c2ab7e4d93a5c0f1a2d-1`,
		Args: cli.AtMostOneArg("the id of a delivery", "665f1c2ab7e4d93a5c0f1a2d-1"),
	}
	flags := cmd.Flags()
	flags.StringVar(&by.Payment, "payment", "", "only webhooks of this payment")
	flags.StringVar(&by.State, "state", "", "only webhooks that are pending, retrying, delivered, exhausted or dropped")
	cli.Limit(cmd, &by.Page)
	cli.CompleteFlag(cmd, "state", cli.CompleteWords(adminapi.DeliveryStates()...))
	cmd.AddCommand(newResend(), newCancel())
	return cli.Verb(cmd, func(ctx context.Context, c *cli.Call) error {
		if len(c.Args) > 0 {
			d, err := c.Company.Delivery(ctx, c.Args[0])
			return c.Print(d, err, func() { writeDelivery(c, d) })
		}
		if by.State != "" && !slices.Contains(adminapi.DeliveryStates(), by.State) {
			return cli.OneOf("state", by.State, adminapi.DeliveryStates())
		}
		list, err := c.Company.Deliveries(ctx, by)
		return c.Print(list, err, func() {
			now := c.Clock(ctx).Now
			for _, d := range list.Deliveries {
				c.Row(d.ID, d.State, d.Target(), attemptsOf(d), timeOf(now, d))
			}
			c.List("no deliveries", list.Next)
		})
	})
}

// attemptsOf counts attempts and says how the last one went.
func attemptsOf(d adminapi.Delivery) string {
	n := len(d.Attempts)
	if n == 0 {
		return "not tried yet"
	}
	last := d.Attempts[n-1]
	return words.Count(n, "attempt") + ": " + cmp.Or(last.Error, fmt.Sprintf("answered %d", last.Status))
}

func timeOf(now time.Time, d adminapi.Delivery) string {
	if d.Open() {
		return "due " + words.Ago(now, d.Next)
	}
	return words.Ago(now, d.Updated)
}

// writeDelivery shows what is sent, and the result of each attempt.
func writeDelivery(c *cli.Call, d adminapi.Delivery) {
	c.Row(d.ID)
	c.Row("to", d.Target())
	c.Row("state", d.State)
	c.Row("created", words.Stamp(d.Created))
	if !d.Next.IsZero() {
		c.Row("next", words.Stamp(d.Next))
	}
	c.Wrapped()
	c.Say("\nBody\n%s", words.Indented(d.Body))
	for i, a := range d.Attempts {
		if i+1 < len(d.Attempts) { // a container's webhook client adds its hint to each attempt: the last one shows it
			a.Error, _, _ = strings.Cut(a.Error, " (from inside a container ")
		}
		c.Row(fmt.Sprintf("Attempt %d: %s", a.N, a.Result()))
		if a.Verdict != "" && a.Verdict != "not-asked-for" {
			c.Row("inbox", secretIs(a.Verdict))
		}
		for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
			c.Row("sent", name, a.Headers[name])
		}
		for _, name := range slices.Sorted(maps.Keys(a.Answer)) {
			c.Row("answered", name, a.Answer[name])
		}
		c.Wrapped()
		if a.Body != "" {
			c.Say("  %s", mask.Line(a.Body))
		}
	}
}

// secretIs words the inbox's verdict on a webhook's secret.
func secretIs(verdict string) string { return "secret " + strings.ReplaceAll(verdict, "-", " ") }

func newResend() *cobra.Command {
	var file string
	cmd := cli.Verb(&cobra.Command{
		Use:   "resend ID",
		Short: "Send a webhook again, with the same body or another one",
		Example: `  mozartosim deliveries resend 665f1c2ab7e4d93a5c0f1a2d-1
  mozartosim deliveries resend 665f1c2ab7e4d93a5c0f1a2d-1 --body changed.json`,
		Args: cli.OneArg("the id of a delivery", "665f1c2ab7e4d93a5c0f1a2d-1"),
	}, func(ctx context.Context, c *cli.Call) error {
		var body *string
		if file != "" {
			text, err := fileOrInput(file)
			if err != nil {
				return err
			}
			body = &text
		}
		d, err := c.Company.Resend(ctx, c.Args[0], body)
		return c.Print(d, err, func() { writeState(ctx, c, d) })
	})
	cmd.Flags().StringVar(&file, "body", "", "send the text of this file instead (- is the standard input)")
	return cmd
}

func newCancel() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:     "cancel ID",
		Short:   "Cancel a webhook that is still pending or retrying",
		Example: `  mozartosim deliveries cancel 665f1c2ab7e4d93a5c0f1a2d-1`,
		Args:    cli.OneArg("the id of a delivery", "665f1c2ab7e4d93a5c0f1a2d-1"),
	}, func(ctx context.Context, c *cli.Call) error {
		d, err := c.Company.CancelDelivery(ctx, c.Args[0])
		return c.Print(d, err, func() { writeState(ctx, c, d) })
	})
}

// writeState says in which state a delivery is now.
func writeState(ctx context.Context, c *cli.Call, d adminapi.Delivery) {
	waits := ""
	if d.Open() && c.Clock(ctx).Mode == "manual" {
		waits = "; it waits" + forTheClock
	}
	c.Say("%s is %s%s", d.ID, d.State, waits)
}

// forTheClock is what every job waits for on a manual clock.
const forTheClock = ` for "mozartosim clock advance", because the clock is manual`

// fileOrInput reads a file, or the standard input for "-".
func fileOrInput(name string) (string, error) {
	file, err := cli.Open(name)
	if err != nil {
		return "", fmt.Errorf("%w: name a file that can be read, or - for the standard input", err)
	}
	defer file.Close() //nolint:errcheck // it is only read
	text, err := io.ReadAll(file)
	return string(text), err
}

func newInbox() *cobra.Command {
	var page adminapi.Page
	cmd := cli.Verb(&cobra.Command{
		Use:   "inbox",
		Short: "List what the built-in inbox received, and set how it answers",
		Long: `List what the built-in inbox received, the newest first. Providers without a webhookUrl deliver there, so that webhooks
can be tried out without any code. Of each webhook it says what it makes of the secret: right, wrong, missing, old or not asked for.`,
		Example: `  mozartosim inbox
  mozartosim inbox reply 500,500,200     # two failures, then success
  mozartosim inbox reply --hang-up`,
		Args: cli.SubcommandsOnly,
	}, func(ctx context.Context, c *cli.Call) error {
		list, err := c.Company.Scenarios().Received(ctx, page)
		return c.Print(list, err, func() { writeReceived(c, list, c.Clock(ctx).Now) })
	})
	cli.Limit(cmd, &page)
	cmd.AddCommand(newInboxReply())
	return cmd
}

func writeReceived(c *cli.Call, list adminapi.ReceivedList, now time.Time) {
	for _, r := range list.Received {
		result := cmp.Or(r.Error, fmt.Sprintf("answered %d", r.Status))
		c.Row(words.Ago(now, r.At), r.Delivery, fmt.Sprintf("attempt %d", r.N), result, inboxSays(r), words.OneLine(r.Body))
	}
	c.List("the inbox is empty", list.Next)
	if slices.ContainsFunc(list.Received, notAskedFor) {
		c.Beside("secrets are asked for with isWebhookSecured and a webhookSecret in the provider's configuration; for the demo company: serve --webhook-secret SECRET")
	}
}

func notAskedFor(r adminapi.Received) bool { return r.Verdict == "not-asked-for" }

// inboxSays is the inbox's verdict on a webhook's secret and, when it asks for none, why.
func inboxSays(r adminapi.Received) string {
	says := secretIs(r.Verdict)
	if notAskedFor(r) && r.PSP != "" {
		says += ": " + r.PSP + "'s isWebhookSecured is off, or has no webhookSecret"
	}
	return says
}

func newInboxReply() *cobra.Command {
	var reply adminapi.InboxReply
	var delay cli.Duration
	var forget bool
	cmd := &cobra.Command{
		Use:   "reply [STATUS,STATUS,…]",
		Short: "Set how the inbox answers the next webhooks, or show what is set",
		Long: `Set how the inbox answers the next webhooks, in place of what was set before. When the replies are used up it answers
every webhook with 200. --delay, --hang-up, --body and --times apply to each of them.`,
		Example: `  mozartosim inbox reply 500,500,200
  mozartosim inbox reply 503 --times 10
  mozartosim inbox reply --delay 12s         # longer than the time-out
  mozartosim inbox reply --hang-up
  mozartosim inbox reply --clear`,
		Args: cli.AtMostOneArg("one list of statuses", "500,500,200"),
	}
	flags := cmd.Flags()
	flags.Var(&delay, "delay", "answer after this `duration` of the company's clock, such as 2s")
	flags.BoolVar(&reply.HangUp, "hang-up", false, "close the connection without an answer")
	flags.StringVar(&reply.Body, "body", "", "answer with this text")
	flags.IntVar(&reply.Times, "times", 1, "how many webhooks each reply is for")
	flags.BoolVar(&forget, "clear", false, "forget all replies")
	return cli.Verb(cmd, func(ctx context.Context, c *cli.Call) (err error) {
		reply.Delay = delay.Given()
		given := len(c.Args) > 0 || slices.ContainsFunc([]string{"delay", "hang-up", "body", "times"}, flags.Changed)
		var set adminapi.InboxReplies
		switch {
		case forget && given:
			return cli.Usagef("--clear stands alone: it forgets every reply")
		case !forget && !given:
			set.Replies, err = c.Company.Scenarios().InboxReplies(ctx)
		default:
			var replies []adminapi.InboxReply
			if given {
				if replies, err = repliesOf(reply, c.Args); err != nil {
					return err
				}
			}
			set.Replies, err = c.Company.Scenarios().SetInboxReplies(ctx, replies...)
		}
		return c.Print(set, err, func() { writeReplies(c, set) })
	})
}

// repliesOf makes a reply for each status of the argument, if there is one.
func repliesOf(reply adminapi.InboxReply, args []string) (replies []adminapi.InboxReply, err error) {
	if reply.Times < 1 {
		return nil, cli.Usagef("--times %d must be at least 1", reply.Times)
	}
	if len(args) == 0 {
		return []adminapi.InboxReply{reply}, nil
	}
	for text := range strings.SplitSeq(args[0], ",") {
		reply.Status, err = strconv.Atoi(strings.TrimSpace(text))
		if err != nil || reply.Status < 200 || reply.Status > 599 {
			return nil, cli.Usagef("the status %q must be a number from 200 to 599, as in: mozartosim inbox reply 500,500,200", text)
		}
		replies = append(replies, reply)
	}
	return replies, nil
}

func writeReplies(c *cli.Call, set adminapi.InboxReplies) {
	for _, r := range set.Replies {
		c.Say("%s answered with %s", words.Count(max(r.Times, 1), "webhook is", "webhooks are"), r.Description())
	}
	c.Say("then every webhook is answered with 200")
}
