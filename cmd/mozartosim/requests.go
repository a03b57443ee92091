package main

import (
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
	"mozartosim/simulator/words"
)

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
	c.Row("answered", fmt.Sprintf("%d, ready after %g ms", r.Status, r.TookMS))
	c.Fact("outcome", cameOf(&r.RequestSummary))
	c.Fact("rule", r.Rule)
	c.Fact("what would be right", r.Expected)
	if p := r.Provenance; p != nil {
		known := strings.TrimSpace(string(p.Basis) + " " + p.Source)
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
