package simulator

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"mozartosim/fixtures"
	"mozartosim/fixtures/recorded"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/cashier"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/console"
	"mozartosim/simulator/control"
	"mozartosim/simulator/data"
	"mozartosim/simulator/egress"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/metrics"
	"mozartosim/simulator/money"
	"mozartosim/simulator/observed"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/query"
	"mozartosim/simulator/requestlog"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/snapshot"
	"mozartosim/simulator/tracing"
	"mozartosim/simulator/webhook"
)

// Simulator is a running, or not yet running, stand-in for the Cashier API.
type Simulator struct {
	config  Config
	log     *slog.Logger
	metrics *metrics.Metrics

	contract   *openapi.Contract // of the Cashier API, with the observations in it
	observed   *observed.Observations
	control    *openapi.Contract // of the admin API
	reader     backoffice.Reader
	providers  map[string]*provider.Provider
	rules      provider.Common
	testData   *scenario.TestData
	recordings *recorded.Set // of the --answers-from folder; nil = none

	journal   journal.Journal
	directory *backoffice.Directory
	scenarios *company.Scenarios
	runtimes  *company.Runtimes
	originals *company.Originals
	settings  *company.Settings
	identity  *identity.Authenticator
	sender    *webhook.Client
	guard     *egress.Guard // of verify-user, which goes where webhooks may go
	requests  *requestlog.Log
	life      context.Context // ends when Run is told to stop
	end       context.CancelFunc

	payments   *payments.Store
	deliveries *lifecycle.Deliveries
	outcomes   *lifecycle.Outcomes
	scheduler  *scheduler.Scheduler
	cashier    *cashier.Pipeline
	queries    *query.Queries
	snapshots  *snapshot.Snapshots
	tracer     *tracing.Tracer // nil = traces are off

	public, admin net.Listener
	publicHandler func() (http.Handler, error)
	adminServer   *listener.Server // serves from the start: probes see that the simulator lives, and is not ready
	readiness     *listener.Readiness
	base          *listener.Base // of the public listener
	adminToken    string
	logins        *console.Sessions
	certificate   *tls.Certificate // of both listeners; nil = they speak plain HTTP
}

// New makes every part and opens both listeners, so that the addresses are known; Run serves. It is the only constructor of
// parts. Errors name the flag, or the file and line, that is wrong.
func New(config Config) (*Simulator, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	s := &Simulator{config: config, log: config.Log, metrics: metrics.New(), readiness: listener.NewReadiness(config.Log)}
	s.publicHandler = sync.OnceValues(s.newPublic)
	s.life, s.end = context.WithCancel(context.Background()) //nolint:gosec // Run and Close call it
	steps := []func() error{
		s.startTraces, s.readContracts, s.readTables, s.listen, s.openJournal, s.makeCompanies, s.makePayments, func() error { return loadCompanies(s) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	s.metrics.WatchJournal(s.journal)
	secret := s.adminToken
	if !s.settings.Keep { // logins end with the data, and so with the process
		secret += rand.Text()
	}
	s.logins = console.NewSessions(clock.Wall, secret, s.journal)
	s.makeCashier()
	s.readiness.Opened(s.journal.Ready)
	return s, nil
}

// Close releases what New took, for a simulator that is never run.
func (s *Simulator) Close() error {
	s.end()
	var errs []error
	if s.public != nil {
		errs = append(errs, s.public.Close())
	}
	if s.adminServer != nil {
		errs = append(errs, s.adminServer.Close())
	}
	if s.requests != nil {
		errs = append(errs, s.requests.Flush(context.Background()))
	}
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	errs = append(errs, s.tracer.Close(context.Background()))
	return errors.Join(errs...)
}

// startTraces makes what exports traces, when that was asked for. What is logged in a span's context then has its ids.
func (s *Simulator) startTraces() (err error) {
	s.tracer, err = tracing.New(s.life, s.config.Traces, s.config.Version, s.log)
	s.log = s.tracer.Log(s.log)
	return err
}

// serving is how a listener is served.
func (s *Simulator) serving(handler, probes http.Handler) listener.Config {
	return listener.Config{
		Handler: handler, Probes: probes, Certificate: s.certificate, MaxHeader: s.config.MaxHeader,
		Read: s.config.BodyTimeout, Idle: s.config.IdleTimeout, Log: s.log,
	}
}

// readContracts lists the providers and reads the contracts, with what was observed.
func (s *Simulator) readContracts() (err error) {
	s.providers = map[string]*provider.Provider{}
	for _, p := range provider.All() {
		s.providers[p.Code] = &p
	}
	if s.observed, err = s.config.observations(s.providers); err != nil {
		return err
	}
	s.contract = s.observed.Contract
	s.control, err = openapi.Control()
	s.reader = backoffice.Reader{Cashier: s.contract, Control: s.control}
	return err
}

// readTables reads currencies and test data.
func (s *Simulator) readTables() error {
	var err error
	if s.testData, err = scenario.NewTestData(); err != nil {
		return err
	}
	s.rules.TestCard, s.rules.Unenforced = s.testData.TestCard, s.observed.Unenforced
	if s.rules.Currencies, err = money.ReadCurrencies(fixtures.Currencies()); err != nil {
		return err
	}
	s.recordings, err = s.config.recordings()
	return err
}

// recordings loads the folder of --answers-from; nil when there is none.
func (c *Config) recordings() (*recorded.Set, error) {
	if c.AnswersFrom == "" {
		return nil, nil
	}
	set, err := recorded.Load(c.AnswersFrom)
	if err != nil {
		return nil, err
	}
	c.Log.Info("recordings loaded", "calls", set.Calls(), "files", set.Files(), "dir", c.AnswersFrom)
	return set, nil
}

func (s *Simulator) openJournal() (err error) {
	if s.journal = s.config.Journal; s.journal != nil {
		return nil
	}
	if err := data.Lost(s.config.Data); err != nil {
		return err
	}
	s.journal, err = data.Open(context.Background(), s.config.Data, s.config.journalLimits(s.metrics.Drops(s.log)), s.config.Version, s.log)
	return err
}

// makeCompanies makes what companies consist of: the directory of their configurations, runtimes, settings.
func (s *Simulator) makeCompanies() error {
	s.scenarios = company.NewScenarios(scenario.Reader{Cashier: s.contract, Control: s.control}, s.config.ScenariosDir, s.log)
	own, err := s.scenarios.Own()
	if err != nil {
		return err
	}
	s.directory = backoffice.NewDirectory(s.config.Seed)
	s.directory.Max = cmp.Or(s.config.MaxCompanies, backoffice.MaxCompanies)
	s.runtimes = company.NewRuntimes(s.directory, s.config.newClock, s.scenarios, own)
	sealed, err := company.Sealed(context.Background(), s.journal)
	if err != nil {
		return err
	}
	key, err := data.Key(s.config.Data, s.config.DataKey, sealed)
	if err != nil {
		return err
	}
	if s.originals, err = company.NewOriginals(key); err != nil {
		return err
	}
	s.settings, err = company.NewSettings(company.SettingsConfig{
		Journal: s.journal, Keep: s.config.Data != "" || s.config.Journal != nil, Key: key, Reader: s.reader,
		Directory: s.directory, Runtimes: s.runtimes, Log: s.log, Within: time.Second,
	})
	s.directory.Store = s.settings
	return err
}

// makePayments makes what happens to payments after the call.
func (s *Simulator) makePayments() (err error) {
	if s.guard, err = egress.New(s.config.WebhookAllow); err != nil {
		return err
	}
	s.requests = newRequestLog(s)
	if s.sender, err = webhook.NewClient(webhook.Config{Timeout: s.config.WebhookTimeout, Allow: s.config.WebhookAllow}); err != nil {
		return err
	}
	s.payments = payments.NewStore(s.journal, s.directory, s.runtimes, s.providers)
	watch := observer{metrics: s.metrics, runtimes: s.runtimes}
	if s.config.Trace {
		watch.trace = s.log
	}
	s.deliveries = &lifecycle.Deliveries{
		Payments: s.payments, Observed: s.observed, Sender: s.sender, Inbox: s.settings, Originals: s.originals,
		Clock:         s.runtimes.Clock,
		Authorization: s.config.WebhookAuthorization, Timeout: s.config.WebhookTimeout, Observe: watch.attempt,
		Unrecorded: s.metrics.Unrecorded, Log: s.log, Tracer: s.tracer,
	}
	s.outcomes = &lifecycle.Outcomes{
		Payments: s.payments, Observed: s.observed, Deliveries: s.deliveries, Tracer: s.tracer,
		Shopper: lifecycle.Shopper{Manual: s.config.Shopper == ManualShopper, After: s.config.ShopperAfter},
	}
	s.scheduler = scheduler.New(scheduler.Config{
		Journal: s.journal, Runtimes: s.runtimes, Settings: s.settings, Runner: s.outcomes,
		Pool: webhook.NewPool(0, 0), Observe: watch.job, Log: s.log,
	})
	s.snapshots = &snapshot.Snapshots{
		Journal: s.journal, Directory: s.directory, Runtimes: s.runtimes, Settings: s.settings, Control: s.control,
		Scenarios: s.scenarios.Reader(), Providers: s.providers, Forget: s.requests.Forget, Version: s.config.Version,
		Folder: data.TempFolder(s.config.Data),
	}
	return nil
}

// makeCashier makes what answers calls and queries; it needs the public URL.
func (s *Simulator) makeCashier() {
	s.identity = identity.New(identity.Config{
		Companies:     accounts{s.directory, s.runtimes},
		Claims:        func(claims openapi.Document) error { return s.contract.ValidateAs("UserToken", claims) },
		VerifyTimeout: s.config.VerifyTimeout,
		Transport:     s.guard.Transport(&http.Transport{MaxIdleConnsPerHost: 16}),
	})
	s.cashier = cashier.New(cashier.Config{
		Contract: s.contract, Observed: s.observed, Directory: s.directory, Runtimes: s.runtimes, Settings: s.settings, Identity: s.identity,
		Rules: s.rules, Providers: s.providers, TestData: s.testData, Payments: s.payments, Originals: s.originals, Journal: s.journal,
		Outcomes: s.outcomes, Jobs: s.scheduler, Metrics: s.metrics, Log: s.log,
		StoreTimeout: s.config.storeTimeout(), ValidateAnswers: s.config.ValidateAnswers, Trace: s.config.Trace,
	})
	s.queries = query.New(s.journal, s.payments, s.runtimes, s.base, s.requests, s.reader.Control)
}

// observer counts what the workers do.
type observer struct {
	metrics  *metrics.Metrics
	runtimes *company.Runtimes
	trace    *slog.Logger // where jobs are logged; nil = nowhere
}

// attempt counts an attempt to deliver a webhook.
func (o observer) attempt(company string, a adminapi.Attempt) {
	o.metrics.Attempt(a)
	rt := o.runtimes.Get(company)
	rt.Counts.Attempt(rt.Clock.Now(), a.State == payment.DeliveryDelivered)
}

// job counts a job that was run, and logs what came of it.
func (o observer) job(company string, job adminapi.CompletedJob, failed bool) {
	o.metrics.Job(job.Kind, failed)
	if o.trace != nil && !failed {
		o.trace.Info("job", "company", company, "payment", job.Payment, "at", job.At, "kind", job.Kind, "result", job.Description)
	}
}

// listen opens both listeners, so that their addresses are known.
func (s *Simulator) listen() (err error) {
	if s.certificate, err = s.config.certificate(); err != nil {
		return err
	}
	limits := listener.Limits{
		Connections: s.config.MaxConnections, Write: s.config.WriteTimeout, Refused: func() { s.metrics.LimitReached("connections") },
	}
	if s.public, err = listenAt("public-addr", s.config.PublicAddr, limits); err != nil {
		return err
	}
	s.base = listener.NewBase(s.config.listenerURL(s.public.Addr()), s.config.TrustProxy)
	s.base.Set(s.config.PublicURL)
	if s.config.AdminAddr == "" {
		return nil
	}
	if s.config.AdminAddr == s.config.PublicAddr && !strings.HasSuffix(s.config.AdminAddr, ":0") {
		return fmt.Errorf("admin-addr must differ from public-addr: both are %s", s.config.AdminAddr)
	}
	if s.adminToken, err = s.config.adminToken(); err != nil {
		return err
	}
	limits.Reserve = 32
	if s.admin, err = listenAt("admin-addr", s.config.AdminAddr, limits); err != nil {
		return err
	}
	open := &control.Probes{Ready: s.readiness.Check, Next: s.readiness, Log: s.log}
	full := &control.Probes{Ready: s.readiness.Check, Otherwise: "there are too many connections", Log: s.log}
	s.adminServer = listener.Start(s.admin, s.serving(open, full))
	return nil
}

func listenAt(flag, address string, limits listener.Limits) (net.Listener, error) {
	opened, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return listener.Bound(opened, limits), nil
}

// PublicURL is the base URL of the Cashier API and of hosted pages: the one that was set, or that of the listener.
func (s *Simulator) PublicURL() string { return s.base.URL() }

// AdminURL is the base URL of the admin API, "" when it is off.
func (s *Simulator) AdminURL() string {
	if s.admin == nil {
		return ""
	}
	return s.config.listenerURL(s.admin.Addr())
}

// AdminToken is the token that the admin API asks for, "" when it asks for none.
func (s *Simulator) AdminToken() string { return s.adminToken }

// Fingerprint is the SHA-256 of the listeners' certificate, "" without TLS.
func (s *Simulator) Fingerprint() string { return listener.Fingerprint(s.certificate) }
