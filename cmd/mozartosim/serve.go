package main

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/doctor"
	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
)

// newServe is `mozartosim serve`: the main job. Every flag can be set by an environment variable too.
func newServe() *cobra.Command {
	config := simulator.Default()
	var jsonLogs, verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the simulator: the Cashier API, the hosted pages and the admin API",
		Long: `Run the simulator. Without any flag it listens on loopback, and a demo company with all ten providers is there.

Every flag can be set in the environment too: --public-addr is MOZARTOSIM_PUBLIC_ADDR, and so on; a flag wins.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd.Flags()); err != nil {
				return err
			}
			config.Log = newLogger(cmd.ErrOrStderr(), jsonLogs, verbose)
			warnOfVariables(config.Log, cmd.Flags())
			config.Version = version()
			return serve(cmd, config)
		},
	}
	serveFlags(cmd.Flags(), &config)
	flags := cmd.Flags()
	flags.BoolVar(&jsonLogs, "json-logs", false, "log in JSON")
	flags.BoolVar(&verbose, "verbose", false, "log debug messages too")
	return cmd
}

// serveFlags are all but those about the log.
func serveFlags(flags *pflag.FlagSet, config *simulator.Config) {
	timeFlags(flags, config)
	storeFlags(flags, config)
	flags.StringVar(&config.PublicAddr, "public-addr", config.PublicAddr, "where the Cashier API and the hosted pages listen")
	flags.StringVar(&config.AdminAddr, "admin-addr", config.AdminAddr, `where the admin API listens; "" switches it off`)
	flags.StringVar(&config.PublicURL, "public-url", "", "the public listener's URL as merchants and browsers reach it (default http:// and its address)")
	flags.StringVar(&config.AdminToken, "admin-token", "", "what the admin API asks for (default: nothing on loopback, else a generated one)")
	flags.StringVar(&config.ConfigFile, "config", "", "companies in YAML (default: the demo company)")
	flags.StringVar(&config.WebhookURL, "webhook-url", config.WebhookURL, "where the demo company's webhooks go (default: the built-in inbox)")
	flags.Uint64Var(&config.Seed, "seed", config.Seed, "the seed of everything that looks random")
	flags.IntVar(&config.EventClients, "event-clients", 2000, "clients that may follow /v1/events at a time")
	flags.BoolVar(&config.ValidateAnswers, "validate-answers", false, "hold every answer against the contract before it leaves")
	flags.StringVar(&config.WebhookAuthorization, "webhook-authorization", config.WebhookAuthorization, "the Authorization header of secured webhooks, with {secret} for the shared secret")
	flags.DurationVar(&config.GatewayTimeout, "gateway-timeout", config.GatewayTimeout, "how long an undecodable x-user-token hangs before its 504")
	flags.DurationVar(&config.VerifyTimeout, "verify-timeout", config.VerifyTimeout, "how long verify-user may take")
}

// timeFlags are about what happens after the answer: clocks, the shopper, scenarios, webhooks.
func timeFlags(flags *pflag.FlagSet, config *simulator.Config) {
	flags.StringVar((*string)(&config.Clock), "clock", string(config.Clock), "how companies' clocks move: real, scaled or manual (by \"mozartosim clock advance\")")
	flags.Float64Var(&config.ClockFactor, "clock-factor", config.ClockFactor, "how many times as fast a scaled clock goes")
	flags.Var((*instant)(&config.ClockStart), "clock-start", "where manual clocks stand, such as 2026-05-01T12:00:00Z (default: now)")
	flags.StringVar((*string)(&config.Shopper), "shopper", string(config.Shopper), "who decides on hosted pages: auto (a simulated shopper) or manual (you)")
	flags.DurationVar(&config.ShopperAfter, "shopper-after", config.ShopperAfter, "how long the simulated shopper takes")
	flags.StringVar(&config.AnswersFrom, "answers-from", "", "a folder of recordings (mozartosim record) that answer the calls they fit; the simulator answers the rest")
	flags.StringVar(&config.ScenariosDir, "scenarios", "", "a folder of scenarios in YAML beside the built-in ones; read again when it changes")
	flags.DurationVar(&config.WebhookTimeout, "webhook-timeout", config.WebhookTimeout, "how long a webhook's receiver may take")
	flags.StringSliceVar(&config.WebhookAllow, "webhook-allow", nil, "where webhooks may go: host, host:port, *.suffix or CIDR; may be repeated (default: anywhere but link-local and metadata addresses)")
}

func newLogger(out io.Writer, json, verbose bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if verbose {
		options.Level = slog.LevelDebug
	}
	if json {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

// serve runs until SIGINT or SIGTERM.
func serve(cmd *cobra.Command, config simulator.Config) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // a journal is mostly live: collecting half as often costs memory that is there to be had
	}
	if config.Data != "" && os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2) // with one, everybody would stand still while somebody waits for the disk
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	s, err := simulator.New(config)
	if err != nil {
		return err
	}
	if err := welcome(cmd.OutOrStdout(), s); err != nil {
		return err
	}
	return s.Run(ctx)
}

// welcome prints what a newcomer needs: addresses, tokens, and a line that works when pasted.
func welcome(out io.Writer, s *simulator.Simulator) error {
	fmt.Fprintf(out, "mozartosim %s: a simulator for tests, never for production\n\n", version())
	fmt.Fprintf(out, "  Cashier API  %s\n", s.PublicURL())
	if admin := s.AdminURL(); admin != "" {
		fmt.Fprintf(out, "  Admin API    %s\n  Console      %s\n", admin, s.ConsoleURL())
	}
	if print := s.Fingerprint(); print != "" {
		fmt.Fprintf(out, "  Certificate  SHA-256 %s\n", print)
	}
	if token := s.AdminToken(); token != "" {
		fmt.Fprintf(out, "  Admin token  %s\n", token)
	}
	company, ok := s.Company("")
	if !ok {
		_, err := fmt.Fprintln(out, "\nNo company yet: make one by the admin API.")
		return err
	}
	tokens, err := mintBoth(company)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nCompany %s\n  Company JWT  %s\n  User JWT     %s\n", company.Name, tokens.company, tokens.user)
	if n := s.CompanyCount(); n > 1 {
		fmt.Fprintf(out, "\n%d more: mozartosim token company --company NAME\n", n-1)
	}
	return tryIt(out, s, company, tokens)
}

// warnOfVariables tells of variables that look like settings and are none.
func warnOfVariables(log *slog.Logger, flags *pflag.FlagSet) {
	var known []string
	flags.VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	for _, f := range doctor.Unknown(os.Environ(), known) {
		log.Warn(f.Says, "mend", f.Mend)
	}
}

// tryIt prints a line that works when pasted: a Payone pay-in, or the first call that the company's rules let through.
func tryIt(out io.Writer, s *simulator.Simulator, company *backoffice.Company, t tokens) error {
	for _, psp := range append([]string{"PAYONE"}, slices.Sorted(maps.Keys(company.PSPs))...) {
		if _, err := company.Route(psp, ""); err != nil {
			continue
		}
		line, err := curlLine(s.PublicURL(), t, psp, "PAYIN", "")
		if err != nil {
			return err
		}
		if s.Fingerprint() != "" { // nobody has signed the certificate
			line = strings.Replace(line, "curl ", "curl --insecure ", 1)
		}
		_, err = fmt.Fprintf(out, "\nTry it:\n\n%s\n\n", line)
		return err
	}
	_, err := fmt.Fprintln(out, "\nNo rule of the company lets a call through that names no brandId.")
	return err
}
