package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/mask"
)

// DefaultAdminURL is where serve puts the admin API unless a flag says otherwise.
const DefaultAdminURL = "http://127.0.0.1:8081"

// CallTimeout is how long calls of a verb may take; those that wait for webhooks may take longer.
const CallTimeout = 30 * time.Second

const (
	tokenVariable       = "MOZARTOSIM_ADMIN_TOKEN"
	fingerprintVariable = "MOZARTOSIM_ADMIN_FINGERPRINT" // the SHA-256 that serve --tls-self-signed prints
)

// Admin is the admin API of the running simulator that a verb calls.
type Admin struct {
	URL     string
	Company string        // by name or id; "" = the first
	JSON    bool          // print answers as JSON
	Timeout time.Duration // of the verb's calls
	Watch   bool          // the verb follows what happens, without a timeout
}

// AdminFlags adds the flags of every verb that calls a running simulator.
func AdminFlags(cmd *cobra.Command) *Admin {
	a := &Admin{Timeout: CallTimeout}
	flags := cmd.Flags()
	flags.StringVar(&a.URL, "admin-url", "", "the admin API of the running simulator (default MOZARTOSIM_ADMIN_URL, or "+DefaultAdminURL+")")
	flags.StringVar(&a.Company, "company", "", "the company, by name or id (default MOZARTOSIM_COMPANY, or the first)")
	flags.BoolVar(&a.JSON, "json", false, "print the admin API's answer as JSON")
	return a
}

// AdminURL is a flag's URL of the admin API, else the environment's, else another one.
func AdminURL(flag, otherwise string) string {
	return cmp.Or(flag, os.Getenv("MOZARTOSIM_ADMIN_URL"), otherwise)
}

// Connect returns the client of the company.
func (a *Admin) Connect() (*adminapi.CompanyClient, error) {
	a.URL = AdminURL(a.URL, DefaultAdminURL)
	a.Company = cmp.Or(a.Company, os.Getenv("MOZARTOSIM_COMPANY"))
	client, err := NewClient(a.URL)
	if err != nil {
		return nil, err
	}
	return client.Company(a.Company), nil
}

// NewClient makes a client with the token and the fingerprint of the environment.
func NewClient(adminURL string) (*adminapi.Client, error) {
	if _, err := WebURL("the admin URL", adminURL, DefaultAdminURL); err != nil {
		return nil, err
	}
	return adminapi.New(adminURL, os.Getenv(tokenVariable), adminapi.WithHTTPClient(HTTPClient())), nil
}

// HTTPClient calls the listeners of a running simulator, which share one certificate.
func HTTPClient() *http.Client {
	trust := TLS()
	if trust == nil {
		return http.DefaultClient
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = trust
	return &http.Client{Transport: transport}
}

// TLS trusts the certificate of the environment's fingerprint and no other; nil when there is none.
func TLS() *tls.Config {
	if fingerprint := os.Getenv(fingerprintVariable); fingerprint != "" {
		return adminapi.TrustFingerprint(fingerprint)
	}
	return nil
}

// Call is a run of a verb that asks a running simulator.
type Call struct {
	*Output
	Admin   *Admin
	Company *adminapi.CompanyClient // that was asked for
	Args    []string
}

// Verb adds the flags of a running simulator to a verb, and lets it run.
func Verb(cmd *cobra.Command, run func(context.Context, *Call) error) *cobra.Command {
	cmd.RunE = AdminFlags(cmd).Run(run)
	return cmd
}

// Run is the RunE of a verb that asks a running simulator. Its context ends with Ctrl-C, and with the timeout unless it watches.
func (a *Admin) Run(run func(context.Context, *Call) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		company, err := a.Connect()
		if err != nil {
			return err
		}
		ctx, stop := UntilInterrupted(cmd.Context())
		defer stop()
		if !a.Watch {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, a.Timeout)
			defer cancel()
		}
		c := &Call{&Output{cmd: cmd, json: &a.JSON}, a, company, args}
		return cmp.Or(run(ctx, c), c.err)
	}
}

// Clock returns the company's clock, a zero one when it can't be had.
func (c *Call) Clock(ctx context.Context) adminapi.Clock {
	clock, _ := c.Company.Clock(ctx)
	return clock
}

// Limit adds --limit for a list of the admin API.
func Limit(cmd *cobra.Command, page *adminapi.Page) {
	cmd.Flags().IntVar(&page.Limit, "limit", 20, "at most this many, the newest first")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if page.Limit < 1 || page.Limit > 500 {
			return Usagef("--limit %d must be a number from 1 to 500", page.Limit)
		}
		return nil
	}
}

// UntilInterrupted ends with Ctrl-C or SIGTERM, so that a long call is given up in order; before that, one Ctrl-C each calls the functions
// that are given, if any. One more ends the process at once.
func UntilInterrupted(ctx context.Context, first ...func()) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	signals, over := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	first = append(first, cancel)
	go func() {
		for {
			select {
			case s := <-signals:
				if len(first) == 0 {
					os.Exit(128 + int(s.(syscall.Signal))) // as a shell has it
				}
				first[0]()
				first = first[1:]
			case <-over:
				return
			}
		}
	}()
	return ctx, sync.OnceFunc(func() {
		signal.Stop(signals)
		close(over)
		cancel()
	})
}

// UntilUnread is UntilInterrupted for what must be put in order at its end: ctx ends too when nobody reads out any more, as
// with `| head`, instead of the program at once.
func UntilUnread(ctx context.Context, out io.Writer) (context.Context, io.Writer, context.CancelFunc) {
	signal.Ignore(syscall.SIGPIPE) // a write is an error then
	ctx, stop := UntilInterrupted(ctx)
	ctx, cancel := context.WithCancel(ctx)
	if !IsTerminal(out) {
		out = &pipe{out, cancel}
	}
	return ctx, out, func() { cancel(); stop(); signal.Reset(syscall.SIGPIPE) }
}

// pipe ends a context when it can't be written to.
type pipe struct {
	io.Writer
	cancel context.CancelFunc
}

func (p *pipe) Write(text []byte) (int, error) {
	n, err := p.Writer.Write(text)
	if err != nil {
		p.cancel()
	}
	return n, err
}

// ErrorText is what is printed of an error, its secrets masked: of one of the admin API's client what to do about it, where that is known;
// what the admin API itself says is one line, whatever it repeats of a merchant's words.
func ErrorText(err error) string {
	var unreachable *adminapi.UnreachableError
	var refused *adminapi.Error
	hasToken := os.Getenv(tokenVariable) != ""
	says := err.Error()
	switch {
	case errors.As(err, &unreachable) && errors.Is(err, adminapi.ErrCertificate):
		says = fmt.Sprintf("the simulator at %s has a certificate that is not trusted here: set %s to the SHA-256 that serve printed (%v)",
			unreachable.URL, fingerprintVariable, unreachable.Err)
	case unreachable != nil:
		says = fmt.Sprintf("no simulator answers at %s: start one with \"mozartosim serve\", or say where it is (%v)", unreachable.URL, unreachable.Err)
	case !errors.As(err, &refused):
	case refused.Status == http.StatusUnauthorized && hasToken:
		says = fmt.Sprintf("the simulator at %s has another admin token: %s is set, but wrong; set it to what serve printed or was started with", refused.URL, tokenVariable)
	case refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden && refused.Code == "":
		says = fmt.Sprintf("the simulator at %s asks for its admin token: set %s to what serve printed or was started with", refused.URL, tokenVariable)
	case refused.Status == http.StatusTooManyRequests && hasToken:
		says = fmt.Sprintf("the admin token was wrong too often for the simulator at %s: wait a minute, then try again with what serve printed or was started with", refused.URL)
	default:
		return mask.Line(mask.Text(says))
	}
	return mask.Text(says)
}

// CompleteScenario completes the name of a scenario of the running simulator; without one there is nothing to offer.
func CompleteScenario(a *Admin) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) (names []string, _ cobra.ShellCompDirective) {
		company, err := a.Connect()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		list, _ := company.Scenarios().List(cmd.Context()) // an error leaves nothing to offer
		for _, s := range list {
			names = append(names, s.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
