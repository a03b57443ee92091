package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/openapi"
)

// outageShown is a provider that is out of order.
type outageShown struct {
	PSP   string    `json:"psp"`
	Kind  string    `json:"kind"`
	Until time.Time `json:"until"`
	Delay any       `json:"delay"`
}

func outageKinds() []string {
	return []string{"down", "slow", "rate-limited", "bad-credentials", "flapping"}
}

func newOutage() *cobra.Command {
	var lasts, delay span
	cmd := &cobra.Command{
		Use:     "outage [PSP down|slow|rate-limited|bad-credentials|flapping|off]",
		Aliases: []string{"outages"},
		Short:   "Put a provider out of order for a while, or list those that are",
		Example: `  mozartosim outage
  mozartosim outage PAYONE down --for 10m
  mozartosim outage gigadat slow --delay 2s
  mozartosim outage PAYONE off`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 0 && len(args) != 2 {
				return wrong("%s needs a provider and what is wrong with it, as in: mozartosim outage PAYONE down", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: inTurn(completePSP, fixed(append(outageKinds(), "off")...)),
	}
	cmd.Flags().Var(&lasts, "for", "for this time of the company's clock, such as 10m (default: until it is switched off)")
	cmd.Flags().Var(&delay, "delay", "how late a slow provider answers, such as 2s")
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return listOutages(cmd, api)
		}
		psp, _, err := namesOf(args[0], "")
		if err != nil {
			return err
		}
		kinds := append(outageKinds(), "off")
		switch kind := args[1]; {
		case !slices.Contains(kinds, kind):
			return oneOf("outage", kind, kinds)
		case delay != "" && kind != "slow":
			return wrong("--delay goes with slow only, as in: mozartosim outage %s slow --delay 2s", psp)
		case delay == "" && kind == "slow":
			return wrong("slow needs --delay, how late the provider answers, as in: mozartosim outage %s slow --delay 2s", psp)
		case lasts != "" && kind == "off":
			return wrong("--for does not go with off")
		}
		return setOutage(cmd, api, psp, args[1], lasts, delay)
	}
	return cmd
}

func setOutage(cmd *cobra.Command, api *admin, psp, kind string, lasts, delay span) error {
	path, err := api.path(cmd.Context(), "outages", psp)
	if err != nil {
		return err
	}
	method, in := http.MethodDelete, any(nil)
	if kind != "off" {
		body := map[string]any{"kind": kind}
		if lasts != "" {
			body["for"] = lasts
		}
		if delay != "" {
			body["delay"] = delay
		}
		method, in = http.MethodPut, body
	}
	text, err := api.ask(cmd.Context(), method, path, nil, in, nil)
	if kind == "off" && status(err) == http.StatusNotFound && strings.HasPrefix(err.Error(), psp+" is in order") {
		_, err := fmt.Fprintf(cmd.ErrOrStderr(), "%s was in order already: nothing was switched off\n", psp)
		return err
	}
	if err != nil {
		return err
	}
	if done, err := api.print(cmd.OutOrStdout(), text); done {
		return err
	}
	says := psp + " is in order again"
	if kind != "off" {
		says = psp + " is " + kind
		if lasts != "" {
			says += " for " + string(lasts)
		}
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), says)
	return err
}

func listOutages(cmd *cobra.Command, api *admin) error {
	path, err := api.path(cmd.Context(), "outages")
	if err != nil {
		return err
	}
	var list struct {
		Outages []outageShown `json:"outages"`
	}
	text, err := api.ask(cmd.Context(), http.MethodGet, path, nil, nil, &list)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if done, err := api.print(out, text); done {
		return err
	}
	if len(list.Outages) == 0 {
		_, err := fmt.Fprintln(out, "no provider is out of order")
		return err
	}
	now := api.now(cmd.Context())
	var rows [][]string
	for _, o := range list.Outages {
		until := "until it is switched off"
		if !o.Until.IsZero() {
			until = "ends " + from(now, o.Until)
		}
		rows = append(rows, []string{o.PSP, o.Kind, until})
	}
	return writeLines(out, rows)
}

// namesOf finds a provider and a type by names as people write them; "" stays "".
func namesOf(psp, kind string) (code, flow string, err error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return "", "", err
	}
	if psp != "" {
		var ok bool
		if code, ok = findName(contract.PSPs(), psp); !ok {
			return "", "", oneOf("provider", psp, contract.PSPs())
		}
	}
	if kind != "" {
		var ok bool
		if flow, ok = findName([]string{"PAYIN", "PAYOUT"}, kind); !ok {
			return "", "", wrong("there is no type %q: use PAYIN or PAYOUT", kind)
		}
	}
	return code, flow, nil
}
