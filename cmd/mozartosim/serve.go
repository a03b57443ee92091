package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/fixtures"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/doctor"
	"mozartosim/simulator/heap"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/merchant"
	"mozartosim/simulator/tracing"
)

// newServe is `mozartosim serve`: the main job. Every flag can be set by an environment variable too.
func newServe() *cobra.Command {
	config := simulator.Default()
	var jsonLogs, verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the simulator: the Cashier API, the hosted pages and the admin API",
		Long: `Run the simulator. Without any flag it listens on loopback and has a demo company with every provider.

Every flag can be set in the environment too: --public-addr is MOZARTOSIM_PUBLIC_ADDR, and so on; a flag wins.`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			warnOfPassword(cmd, config.Data)
			if err := cli.FromEnvironment(cmd.Flags()); err != nil {
				return err
			}
			config.Log = mask.NewLogger(cmd.ErrOrStderr(), jsonLogs, verbose)
			warnOfVariables(config.Log, cmd.Flags())
			config.Version = version()
			var err error
			if config.Traces.Environment, err = tracing.Wanted(os.Getenv); err != nil {
				return cli.Usagef("%v", err)
			}
			config.Agents.Steps = stepsText
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
	limitFlags(flags, config)
	flags.StringVar(&config.PublicAddr, "public-addr", config.PublicAddr, "where the Cashier API and the hosted pages listen")
	flags.StringVar(&config.AdminAddr, "admin-addr", config.AdminAddr, `where the admin API listens; "" switches it off`)
	flags.StringVar(&config.PublicURL, "public-url", "", "the public listener's URL for merchants and browsers (default: the one by which each call has reached it)")
	flags.BoolVar(&config.TrustProxy, "trust-proxy", false, "without --public-url, believe X-Forwarded-Host and X-Forwarded-Proto")
	flags.StringVar(&config.AdminPublicURL, "admin-public-url", "", "the admin listener's URL for browsers (default http:// and its address)")
	flags.StringVar(&config.AdminToken, "admin-token", "", "the token of the admin API (default: none on loopback, else a generated one)")
	flags.StringVar(&config.ConfigFile, "config", "", "companies in YAML (default: the demo company)")
	observedFlag(flags, &config.Observed)
	flags.StringVar(&config.WebhookURL, "webhook-url", config.WebhookURL, "where the demo company's webhooks go (default: the built-in inbox)")
	flags.StringVar(&config.WebhookSecret, "webhook-secret", "", "the secret that the demo company's webhooks carry in Authorization: isWebhookSecured and webhookSecret of its providers (default: none)")
	flags.Uint64Var(&config.Seed, "seed", config.Seed, "the seed of everything that looks random")
	flags.IntVar(&config.EventClients, "event-clients", 2000, "clients that may follow /v1/events at the same time")
	flags.BoolVar(&config.ValidateAnswers, "validate-answers", false, "validate every answer by the contract before it is sent")
	flags.StringVar(&config.WebhookAuthorization, "webhook-authorization", config.WebhookAuthorization, "the Authorization header of secured webhooks, with {secret} for the shared secret")
	flags.DurationVar(&config.GatewayTimeout, "gateway-timeout", config.GatewayTimeout, "how long a call with an undecodable x-user-token hangs before its 504")
	flags.DurationVar(&config.VerifyTimeout, "verify-timeout", config.VerifyTimeout, "how long verify-user may take")
}

// timeFlags are about what happens after the answer: clocks, the shopper, scenarios, webhooks.
func timeFlags(flags *pflag.FlagSet, config *simulator.Config) {
	flags.StringVar((*string)(&config.Clock), "clock", string(config.Clock), "how companies' clocks move: real, scaled or manual (by \"mozartosim clock advance\")")
	flags.Float64Var(&config.ClockFactor, "clock-factor", config.ClockFactor, "how many times as fast a scaled clock goes")
	flags.TimeVar(&config.ClockStart, "clock-start", time.Time{}, []string{time.RFC3339}, "the time of manual clocks at the start, such as 2026-05-01T12:00:00Z (default: now)")
	flags.StringVar((*string)(&config.Shopper), "shopper", string(config.Shopper), "who decides on hosted pages: auto (a simulated shopper) or manual (you)")
	flags.DurationVar(&config.ShopperAfter, "shopper-after", config.ShopperAfter, "how long the simulated shopper takes")
	flags.StringVar(&config.AnswersFrom, "answers-from", "", "a folder of recordings (mozartosim record) that answer the calls they match; the simulator answers the others")
	flags.StringVar(&config.ScenariosDir, "scenarios", "", "a folder of scenarios in YAML, besides the built-in ones; read again when it changes")
	flags.DurationVar(&config.WebhookTimeout, "webhook-timeout", config.WebhookTimeout, "how long a webhook's receiver may take")
	flags.StringSliceVar(&config.WebhookAllow, "webhook-allow", nil, "where webhooks may go: host, host:port, *.suffix or CIDR; may be repeated (default: anywhere except link-local and metadata addresses)")
}

// limitFlags are about where everything is stored, what is accepted, and how much of it.
func limitFlags(flags *pflag.FlagSet, config *simulator.Config) {
	flags.StringVar(&config.Data, "data", "", "where everything is stored: a file, or postgres://user@host/database for several processes, with the password in PGPASSWORD or PGPASSFILE (default: in memory, until the process ends)")
	flags.StringVar(&config.DataKey, "data-key", "", "the key that encrypts companies' secrets in --data (default: a key file beside the data file)")
	flags.IntVar(&config.MaxRequests, "max-requests", config.MaxRequests, "calls stored for each company, refused ones too; the oldest are dropped first; 0 = none")
	flags.IntVar(&config.MaxRequestBytes, "max-request-bytes", config.MaxRequestBytes, "bytes of the calls stored for each company")
	flags.IntVar(&config.MaxPayments, "max-payments", config.MaxPayments, "payments stored for each company; the oldest are dropped first")
	flags.IntVar(&config.MaxBytes, "max-bytes", 0, "bytes that the payments of each company take, as they are kept (default: as many as --max-total-bytes allows)")
	flags.IntVar(&config.MaxTotalPayments, "max-total-payments", 0, "payments stored for all companies together (default: any number)")
	flags.IntVar(&config.MaxTotalBytes, "max-total-bytes", 0, "bytes that the payments of all companies take together; the largest company's are dropped first (default: a third of the memory that the process may use, at most 1 GiB; 16 GiB with --data)")
	flags.IntVar(&config.MaxCompanies, "max-companies", config.MaxCompanies, "the most companies")
	flags.IntVar(&config.MaxConnections, "max-connections", config.MaxConnections, "the most connections to each listener at the same time; 0 is any number")
	flags.Int64Var(&config.MaxBody, "max-body", config.MaxBody, "the most bytes of a call's body")
	flags.IntVar(&config.MaxHeader, "max-header", config.MaxHeader, "the most bytes of a call's header")
	flags.DurationVar(&config.BodyTimeout, "body-timeout", config.BodyTimeout, "how long a call's header, and its body, may take to arrive")
	flags.DurationVar(&config.WriteTimeout, "write-timeout", config.WriteTimeout, "how long a client may take over 16 KiB of an answer")
	flags.DurationVar(&config.IdleTimeout, "idle-timeout", config.IdleTimeout, "how long a connection may stay idle")
	flags.StringVar(&config.TLSCert, "tls-cert", "", "a certificate in PEM; both listeners then speak TLS")
	flags.StringVar(&config.TLSKey, "tls-key", "", "its private key in PEM")
	flags.BoolVar(&config.TLSSelfSigned, "tls-self-signed", false, "TLS with a certificate made at the start; its fingerprint is printed")
	flags.BoolVar(&config.Trace, "trace", false, "log the stages of every call, and every scheduled job")
	flags.BoolVar(&config.Agents.ReadOnly, "mcp-read-only", false, "offer agents at /mcp of the admin listener only tools that change nothing")
	flags.StringVar(&config.Traces.Endpoint, "otlp-endpoint", "", "export traces to this OpenTelemetry collector (OTLP over HTTP), such as http://localhost:4318 (default: as the variables OTEL_… say, else nowhere)")
	flags.BoolVar(&config.Traces.Webhooks, "trace-webhooks", false, "send traceparent with webhooks, so that the handler's spans belong to the trace of the merchant's call")
}

// serve runs until SIGINT or SIGTERM.
func serve(cmd *cobra.Command, config simulator.Config) error {
	if os.Getenv("GOGC") == "" {
		heap.KeepHeadroom()
	}
	if config.Data != "" && os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2) // with one, a call that waits for the disk would stop all others
	}
	heap.KeepToLimit()
	ctx, stop := cli.UntilInterrupted(cmd.Context())
	defer stop()
	s, err := simulator.New(config)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; set --public-addr and --admin-addr to free ports, such as 127.0.0.1:18080 and 127.0.0.1:18081, or see who is there: mozartosim doctor", err)
	}
	if err != nil {
		return err
	}
	if err := welcome(cmd.OutOrStdout(), s, config.AdminToken != ""); err != nil {
		return err
	}
	return s.Run(ctx)
}

// welcome prints what a newcomer needs: addresses, tokens, and a line that works when pasted. A configured admin token is not shown.
func welcome(out io.Writer, s *simulator.Simulator, configured bool) error {
	fmt.Fprintf(out, "mozartosim %s: a simulator for tests, never for production\n\n", version())
	fmt.Fprintf(out, "  Cashier API  %s\n", s.PublicURL())
	if admin := s.AdminURL(); admin != "" {
		fmt.Fprintf(out, "  Admin API    %s\n  Console      %s\n", admin, s.ConsoleURL())
	}
	if fingerprint := s.Fingerprint(); fingerprint != "" {
		fmt.Fprintf(out, "  Certificate  SHA-256 %s\n", fingerprint)
	}
	switch token := s.AdminToken(); {
	case configured:
		fmt.Fprintln(out, "  Admin token  the configured one")
	case token != "":
		fmt.Fprintf(out, "  Admin token  %s\n", token)
	}
	company, ok := s.Company("")
	if !ok {
		_, err := fmt.Fprintln(out, "\nNo company yet: create one by the admin API.")
		return err
	}
	tokens, err := merchant.Tokens(company)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nCompany %s\n  Company JWT  %s\n  User JWT     %s\n", company.Name, tokens.Company, tokens.User)
	if n := s.CompanyCount(); n > 1 {
		fmt.Fprintf(out, "\n%d more: mozartosim token company --company NAME\n", n-1)
	}
	return tryIt(out, s, company, tokens)
}

// warnOfVariables warns of variables that look like settings and are none.
func warnOfVariables(log *slog.Logger, flags *pflag.FlagSet) {
	var known []string
	flags.VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	for _, f := range doctor.Unknown(os.Environ(), known) {
		log.Warn(f.Description, "fix", f.Fix)
	}
}

// tryIt prints a line that works when pasted: a Payone pay-in, or the first call that the company's rules allow.
func tryIt(out io.Writer, s *simulator.Simulator, company *backoffice.Company, tokens adminapi.Tokens) error {
	for _, psp := range append([]string{"PAYONE"}, slices.Sorted(maps.Keys(company.PSPs))...) {
		if _, err := company.Route(psp, ""); err != nil {
			continue
		}
		request, err := fixtures.Example(psp, "PAYIN", "", "minimal") // not the contract's, which takes time to read
		if err != nil {
			return err
		}
		line, err := merchant.Curl(s.PublicURL(), tokens, request)
		if err != nil {
			return err
		}
		if s.Fingerprint() != "" { // no authority has signed the certificate
			line = strings.Replace(line, "curl ", "curl --insecure ", 1)
		}
		_, err = fmt.Fprintf(out, "\nTry it:\n\n%s\n\n", line)
		return err
	}
	_, err := fmt.Fprintln(out, "\nThe company can't take a call without a brandId: no active rule leads to a complete configuration of a provider. See `mozartosim doctor`.")
	return err
}

func newHealth() *cobra.Command {
	var at string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running simulator whether it is ready (for HEALTHCHECK)",
		Long: `Ask a running simulator whether it is ready: exit code 0 if it is, 1 if not.

In a Dockerfile: HEALTHCHECK CMD ["/mozartosim", "health"]`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at = cli.AdminURL(at, ownAdminURL())
			client, err := cli.NewClient(at)
			if err != nil {
				return err
			}
			if u, err := url.Parse(at); err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost") {
				client = trusting(at)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 5*time.Second)
			defer cancel()
			if err := client.Ready(ctx); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "ready")
			return err
		},
	}
	cmd.Flags().StringVar(&at, "url", "", "the admin API (default MOZARTOSIM_ADMIN_URL, or the port of MOZARTOSIM_ADMIN_ADDR, or "+cli.DefaultAdminURL+")")
	return cmd
}

// trusting is a client that accepts any certificate, for this very machine: it sends no token.
func trusting(adminURL string) *adminapi.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12} //nolint:gosec // this very machine, and no token is sent
	return adminapi.New(adminURL, "", adminapi.WithHTTPClient(&http.Client{Transport: transport}))
}

// ownAdminURL is where the simulator of the same environment serves its admin API, as seen from beside it: for a
// container's health check, which knows no more than the container's variables.
func ownAdminURL() string {
	_, port, err := net.SplitHostPort(os.Getenv("MOZARTOSIM_ADMIN_ADDR"))
	if err != nil {
		return cli.DefaultAdminURL
	}
	scheme := "http://"
	if os.Getenv("MOZARTOSIM_TLS_CERT") != "" || os.Getenv("MOZARTOSIM_TLS_SELF_SIGNED") == "true" {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort("127.0.0.1", port)
}
