package simulator

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/mcp"
	"mozartosim/simulator/tracing"
	"mozartosim/simulator/webhook"
)

// Config is all that can be set on a simulator. Default fills it; Validate says what is wrong with it.
type Config struct {
	PublicAddr     string // where the Cashier API and the hosted pages listen
	AdminAddr      string // where the admin API listens; "" = nowhere
	PublicURL      string // the public listener as merchants and browsers reach it; "" = as each call has reached it
	TrustProxy     bool   // X-Forwarded-Host and X-Forwarded-Proto say how a call has reached the public listener
	AdminPublicURL string // the admin listener as browsers reach it; "" = as it is reached from its own machine
	AdminToken     string // "" = none on loopback, a generated one elsewhere, where it has at least 16 characters

	TLSCert, TLSKey string // files in PEM, for both listeners; "" = plain HTTP
	TLSSelfSigned   bool   // TLS with a certificate that is made at the start

	ConfigFile string   // companies in YAML; "" = the demo company
	Observed   []string // files of observations, applied in their order, after those that ConfigFile names
	WebhookURL string   // the demo company's webhookUrl
	// WebhookSecret is the webhookSecret of the demo company's providers; "" = its webhooks aren't secured.
	WebhookSecret string
	Seed          uint64

	Clock       clock.Mode // how companies' clocks move
	ClockFactor float64    // for scaled clocks
	ClockStart  time.Time  // where manual clocks stand; zero = now

	Shopper        ShopperMode   // who decides on hosted pages
	ShopperAfter   time.Duration // how long the simulated shopper, or the provider, takes
	ScenariosDir   string        // scenarios in YAML, read again when they change; "" = none but the built-in ones
	AnswersFrom    string        // recordings that answer the calls they fit; "" = none
	WebhookTimeout time.Duration // of one attempt (documented: 10 s)
	// WebhookAuthorization is the Authorization header of secured webhooks, {secret} standing for the shared secret (assumed).
	WebhookAuthorization string
	WebhookAllow         []string // hosts, host:port, *.suffix or CIDR that webhooks may go to; empty = any that is not forbidden

	// Data is where everything is kept: "" = in memory, a file, or a postgres:// URL that several processes may share.
	Data    string
	DataKey string          // companies' secrets are sealed under it; "" = a key file beside a data file
	Journal journal.Journal // instead of Data, for tests; the simulator closes it

	EventClients     int           // that may follow /v1/events at a time; 0 = 2000
	MaxPayments      int           // payments kept for each company
	MaxBytes         int           // bytes of the payments' events kept for each company; 0 = as many as MaxTotalBytes allows
	MaxTotalPayments int           // payments of all companies; 0 = any number
	MaxTotalBytes    int           // bytes of all companies; 0 = a third of the memory that the process may use, 16 GiB with Data
	MaxRequests      int           // calls kept for each company, and as many that reached none; 0 = none
	MaxRequestBytes  int           // what they may take, for each company
	MaxCompanies     int           // companies
	MaxConnections   int           // connections to each listener at the same time; 0 = any number
	MaxBody          int64         // bytes of a call's body
	MaxHeader        int           // bytes of a call's header
	BodyTimeout      time.Duration // for a call's body to arrive
	WriteTimeout     time.Duration // for a client to take 16 KiB of an answer
	IdleTimeout      time.Duration // of a connection
	GatewayTimeout   time.Duration // the hang of an undecodable x-user-token (assumed: 30 s)
	VerifyTimeout    time.Duration // of the verify-user call (assumed: 10 s)
	ValidateAnswers  bool          // hold every answer against the contract before it leaves
	Trace            bool          // tell every call's walk through the stages in the log

	Traces tracing.Config
	Agents mcp.Operator // what agents may do at the admin listener

	Version string
	Log     *slog.Logger
}

// ShopperMode says who decides on hosted pages.
type ShopperMode string

// The modes of the shopper.
const (
	AutoShopper   ShopperMode = "auto"   // a simulated one, after Config.ShopperAfter
	ManualShopper ShopperMode = "manual" // a person, a browser test, or the admin API
)

// InboxURL stands for the built-in inbox wherever a webhookUrl is asked for.
const InboxURL = backoffice.InboxURL

// Default returns the configuration of a simulator that was told nothing.
func Default() Config {
	return Config{
		PublicAddr: "127.0.0.1:8080", AdminAddr: "127.0.0.1:8081", WebhookURL: InboxURL, Seed: backoffice.DefaultSeed,
		Clock: clock.Real, ClockFactor: 1, Shopper: AutoShopper, ShopperAfter: 2 * time.Second,
		WebhookTimeout: 10 * time.Second, WebhookAuthorization: webhook.DefaultTemplate, MaxPayments: journal.DefaultMaxPayments,
		MaxRequests: journal.DefaultMaxRequests, MaxRequestBytes: journal.DefaultRequestBytes,
		MaxCompanies: backoffice.MaxCompanies, MaxConnections: 20_000, MaxBody: 1 << 20, MaxHeader: 32 << 10,
		BodyTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		GatewayTimeout: 30 * time.Second, VerifyTimeout: 10 * time.Second,
		Version: "devel", Log: slog.New(slog.DiscardHandler),
	}
}

// Validate names everything that is wrong, by the flag that sets it.
func (c *Config) Validate() error {
	return errors.Join(
		address("public-addr", c.PublicAddr, false),
		address("admin-addr", c.AdminAddr, true),
		baseURL("public-url", c.PublicURL),
		baseURL("admin-public-url", c.AdminPublicURL),
		webURL("webhook-url", c.WebhookURL),
		c.checkWebhookSecret(),
		clockStart(c.ClockStart),
		atLeast("max-payments", c.MaxPayments, 1),
		atLeast("max-bytes", c.MaxBytes, 0),
		atLeast("max-total-payments", c.MaxTotalPayments, 0),
		atLeast("max-total-bytes", c.MaxTotalBytes, 0),
		atLeast("max-requests", c.MaxRequests, 0),
		atLeast("max-request-bytes", c.MaxRequestBytes, 1<<20),
		atLeast("max-companies", c.MaxCompanies, 1),
		atLeast("max-connections", c.MaxConnections, 0),
		c.checkAdminToken(),
		c.checkTLS(),
		atLeast("max-body", int(c.MaxBody), 1024),
		atLeast("max-header", c.MaxHeader, 1024),
		positive("body-timeout", c.BodyTimeout),
		positive("write-timeout", c.WriteTimeout),
		positive("idle-timeout", c.IdleTimeout),
		positive("gateway-timeout", c.GatewayTimeout),
		positive("verify-timeout", c.VerifyTimeout),
		readable("config", c.ConfigFile),
		readable("scenarios", c.ScenariosDir),
		readable("answers-from", c.AnswersFrom),
		positive("webhook-timeout", c.WebhookTimeout),
		webhook.CheckTemplate(c.WebhookAuthorization),
		targets("webhook-allow", c.WebhookAllow),
		clockMode(c.Clock, c.ClockFactor),
		shopperMode(c.Shopper),
		c.Traces.Validate(),
	)
}

func address(flag, value string, optional bool) error {
	if value == "" && optional {
		return nil
	}
	if _, _, err := net.SplitHostPort(value); err != nil {
		return fmt.Errorf("%s %q must be host:port, such as 127.0.0.1:8080", flag, value)
	}
	return nil
}

func baseURL(flag, value string) error {
	if value == "" {
		return nil
	}
	if err := listener.CheckBase(value); err != nil {
		return fmt.Errorf("%s %w", flag, err)
	}
	return nil
}

func webURL(flag, value string) error {
	_, err := openapi.WebURL(flag, value, "http://localhost:8080")
	return err
}

func targets(flag string, list []string) error {
	if _, err := egress.New(list); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// clockStart bounds the time at which manual clocks start: after it there must be room for all that is scheduled.
func clockStart(at time.Time) error {
	if first, last := time.Unix(0, 0).UTC(), time.Date(2162, 1, 1, 0, 0, 0, 0, time.UTC); !at.IsZero() && (at.Before(first) || at.After(last)) {
		return fmt.Errorf("clock-start %s must be between %s and %s", at.Format(time.RFC3339), first.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	return nil
}

func atLeast(flag string, value, least int) error {
	if value < least {
		return fmt.Errorf("%s %d must be at least %d", flag, value, least)
	}
	return nil
}

func positive(flag string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s %s must be above zero", flag, d)
	}
	return nil
}

func shopperMode(mode ShopperMode) error {
	if mode != AutoShopper && mode != ManualShopper {
		return fmt.Errorf("shopper %q must be one of: auto, manual", mode)
	}
	return nil
}

func clockMode(mode clock.Mode, factor float64) error {
	return clock.New().Set(mode, factor)
}

func readable(flag, file string) error {
	if file == "" {
		return nil
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// minAdminToken is how many characters a token must have where other machines can try to guess it.
const minAdminToken = 16

func (c *Config) checkWebhookSecret() error {
	switch {
	case c.WebhookSecret == "":
		return nil
	case c.ConfigFile != "":
		return fmt.Errorf("webhook-secret is for the demo company, and config %s has companies of its own: leave one of them out; isWebhookSecured and webhookSecret stand in a provider's configuration there", c.ConfigFile)
	case utf8.RuneCountInString(c.WebhookSecret) > 256 || strings.ContainsFunc(c.WebhookSecret, unicode.IsControl):
		return errors.New("webhook-secret must have at most 256 characters, and no line breaks or other control characters: it is sent in a header")
	}
	return nil
}

func (c *Config) checkAdminToken() error {
	if c.AdminToken == "" || len(c.AdminToken) >= minAdminToken || c.AdminAddr == "" || loopback(c.AdminAddr) {
		return nil
	}
	return fmt.Errorf("admin-token must have at least %d characters, because admin-addr %s is no loopback address", minAdminToken, c.AdminAddr)
}

// adminToken returns the token that the admin API asks for: the configured one, none on loopback, else a fresh one.
func (c *Config) adminToken() (string, error) {
	if c.AdminToken != "" || c.AdminAddr == "" || loopback(c.AdminAddr) {
		return c.AdminToken, nil
	}
	var secret [24]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", fmt.Errorf("admin token: %w", err)
	}
	return hex.EncodeToString(secret[:]), nil
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && egress.Loopback(host)
}

const (
	// usualBytes is what the payments of all companies may take in memory when nothing limits the process.
	usualBytes = 1 << 30
	// usualStored is what they may take in a file or a database.
	usualStored = 16 << 30
)

// journalLimits are the limits of what is kept. In memory all payments together take a third of what the process may use: calls and
// garbage need room too.
func (c *Config) journalLimits(dropped func(journal.Drop)) journal.Limits {
	total := usualStored
	if c.Data == "" {
		total = usualBytes
		if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
			total = int(min(limit/3, usualBytes))
		}
	}
	return journal.Limits{
		Payments: c.MaxPayments, Bytes: c.MaxBytes, TotalPayments: c.MaxTotalPayments,
		TotalBytes: cmp.Or(c.MaxTotalBytes, total), Dropped: dropped,
		Requests: journal.RequestLimits{Count: c.MaxRequests, Bytes: c.MaxRequestBytes},
	}
}

// storeTimeout is how long a call of the public API waits for one answer of the journal: together with what else it waits for, it is
// answered within 5 s. Memory needs no limit.
func (c *Config) storeTimeout() time.Duration {
	if c.Data == "" && c.Journal == nil {
		return 0
	}
	return 1800 * time.Millisecond
}
