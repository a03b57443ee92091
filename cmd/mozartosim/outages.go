package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
)

func outageKinds() []string {
	return []string{"down", "slow", "rate-limited", "bad-credentials", "flapping"}
}

func newOutage() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "outage",
		Aliases: []string{"outages"},
		Short:   "Simulate a provider outage, or list those in force",
		Example: `  mozartosim outage
  mozartosim outage start PAYONE down --for 10m
  mozartosim outage end PAYONE`,
		Args: cli.SubcommandsOnly,
	}
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (list adminapi.OutageList, err error) {
			list.Outages, err = company.Scenarios().Outages(ctx)
			return list, err
		}, func(_ io.Writer, list adminapi.OutageList) error {
			now := api.Clock(cmd.Context()).Now
			var rows [][]string
			for _, o := range list.Outages {
				until := `until "mozartosim outage end ` + o.PSP + `"`
				if !o.Until.IsZero() {
					until = "ends " + cli.Ago(now, o.Until)
				}
				rows = append(rows, []string{o.PSP, o.Kind, until})
			}
			return cli.PrintList(cmd, rows, "no provider has an outage", "")
		})
	}
	cmd.AddCommand(newOutageStart(), newOutageEnd())
	return cmd
}

func newOutageStart() *cobra.Command {
	var lasts, delay cli.Duration
	cmd := &cobra.Command{
		Use:   "start PSP " + strings.Join(outageKinds(), "|"),
		Short: "Make a provider unavailable, for a while or until its outage is ended",
		Example: `  mozartosim outage start PAYONE down --for 10m
  mozartosim outage start gigadat slow --delay 2s`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return cli.Usagef("%s needs a provider and a kind of outage, as in: mozartosim outage start PAYONE down", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: cli.CompleteInTurn(cli.CompletePSP, cli.CompleteWords(outageKinds()...)),
	}
	cmd.Flags().Var(&lasts, "for", "how long, by the company's clock, such as 10m (default: until it is ended)")
	cmd.Flags().Var(&delay, "delay", "how late a slow provider answers, such as 2s")
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		psp, _, err := cli.Names(args[0], "")
		if err != nil {
			return err
		}
		in := adminapi.OutageInput{Kind: args[1]}
		switch {
		case !slices.Contains(outageKinds(), in.Kind):
			return cli.OneOf("outage", in.Kind, outageKinds())
		case delay > 0 && in.Kind != "slow":
			return cli.Usagef("--delay goes with slow only, as in: mozartosim outage start %s slow --delay 2s", psp)
		case delay == 0 && in.Kind == "slow":
			return cli.Usagef("slow needs --delay, how late the provider answers, as in: mozartosim outage start %s slow --delay 2s", psp)
		}
		says := psp + " is " + in.Kind
		if lasts > 0 {
			in.For = lasts.String()
			says += " for " + in.For
		}
		if delay > 0 {
			in.Delay = delay.String()
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.Outage, error) {
			return company.Scenarios().StartOutage(ctx, psp, in)
		}, func(out io.Writer, _ adminapi.Outage) error {
			_, err := fmt.Fprintln(out, says)
			return err
		})
	}
	return cmd
}

func newOutageEnd() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "end PSP",
		Short:             "Make a provider available again",
		Example:           "  mozartosim outage end PAYONE",
		Args:              cli.OneArg("a provider", "PAYONE"),
		ValidArgsFunction: cli.CompleteInTurn(cli.CompletePSP),
	}
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		psp, _, err := cli.Names(args[0], "")
		if err != nil {
			return err
		}
		err = cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.Deleted, error) {
			return company.Scenarios().EndOutage(ctx, psp)
		}, func(out io.Writer, _ adminapi.Deleted) error {
			_, err := fmt.Fprintln(out, psp+" is available again")
			return err
		})
		if cli.StatusOf(err) == http.StatusNotFound && strings.Contains(err.Error(), "no outage") {
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%s has no outage: nothing was ended\n", psp)
		}
		return err
	}
	return cmd
}
