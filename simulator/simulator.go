package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/mux"

	"mozartosim/fixtures"
	"mozartosim/fixtures/recorded"
	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/webhook"
)

// Simulator is a running, or not yet running, stand-in for the Cashier API.
type Simulator struct {
	config     Config
	log        *slog.Logger
	contract   *openapi.Contract // of the Cashier API
	control    *openapi.Contract // of the admin API
	reader     backoffice.Reader
	companies  *backoffice.Directory
	gate       *identity.Authenticator
	rules      provider.Common
	providers  map[string]*provider.Provider
	magic      *scenario.TestData
	journal    journal.Journal
	book       book // of what runs beside the payments
	metrics    *metrics
	walk       []stage
	webhooks   *webhook.Client
	lanes      *webhook.Pool
	launched   sync.Map                    // of launch: attempts that wait in the lanes
	own        []*scenario.Scenario        // of the --scenarios folder
	library    func() []*scenario.Scenario // the ready ones, read when they are first needed
	recordings *recorded.Set               // of the --answers-from folder; nil = none

	mu      sync.Mutex
	tenants map[string]*tenant
	running func(*tenant) // starts a tenant's worker; nil while the simulator does not run

	public, admin net.Listener
	publicURL     string
	adminToken    string
	certificate   *tls.Certificate // of both listeners; nil = they speak plain HTTP
}

// New makes every part and opens both listeners, so that the addresses are known; Run serves. It is the only constructor
// of parts. Errors name the flag, or the file and line, that is wrong.
func New(config Config) (*Simulator, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	webhooks, err := webhook.NewClient(webhook.Config{Timeout: config.WebhookTimeout, Allow: config.WebhookAllow})
	if err != nil {
		return nil, fmt.Errorf("webhook-allow: %w", err)
	}
	s := &Simulator{
		config: config, log: config.Log, metrics: newMetrics(),
		webhooks: webhooks, lanes: webhook.NewPool(0, 0), tenants: map[string]*tenant{},
	}
	s.library = sync.OnceValue(s.readLibrary)
	for _, step := range []func() error{s.readContracts, s.readTables, s.readOwnScenarios, s.readRecordings, s.openJournal, s.readCompanies, s.listen} {
		if err := step(); err != nil {
			return nil, errors.Join(err, s.closeJournal())
		}
	}
	s.metrics.watch(s.journal)
	s.walk = s.stages()
	s.gate = identity.New(identity.Config{
		Companies:     accounts{s},
		Claims:        func(claims openapi.Document) error { return s.contract.ValidateAs("UserToken", claims) },
		VerifyTimeout: config.VerifyTimeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
	})
	return s, nil
}

// openJournal opens the journal and the book in it.
func (s *Simulator) openJournal() (err error) {
	if s.journal = s.config.Journal; s.journal == nil {
		if s.journal, err = OpenJournal(context.Background(), s.config.Data, s.config.MaxPayments, s.config.Version, s.log); err != nil {
			return err
		}
	}
	key, err := s.config.dataKey()
	if err != nil {
		return err
	}
	s.book = book{journal: s.journal, on: s.config.Data != "" || s.config.Journal != nil, revs: map[notePlace]uint64{}}
	s.book.sealer, err = newSealer(key)
	return err
}

// closeJournal is for a simulator that could not be made.
func (s *Simulator) closeJournal() error {
	if s.journal == nil {
		return nil
	}
	return s.journal.Close()
}

func (s *Simulator) readContracts() (err error) {
	if s.contract, err = openapi.Cashier(); err != nil {
		return err
	}
	s.control, err = openapi.Control()
	s.reader = backoffice.Reader{Cashier: s.contract, Control: s.control}
	return err
}

// readTables reads currencies, test cards and test vouchers, and lists the providers.
func (s *Simulator) readTables() error {
	s.providers = map[string]*provider.Provider{}
	for _, p := range provider.All() {
		s.providers[p.Code] = &p
	}
	var err error
	if s.magic, err = readMagic(); err != nil {
		return err
	}
	s.rules.TestCard = s.magic.TestCard
	s.rules.Currencies, err = money.ReadCurrencies(fixtures.Currencies())
	return err
}

// readCompanies fills the back office: with what is kept, and over it with the configuration file, or with the demo company
// when there is neither.
func (s *Simulator) readCompanies() error {
	configured, err := s.configured()
	if err != nil {
		return err
	}
	s.companies = backoffice.NewDirectory(s.config.Seed)
	s.companies.SetStore(s)
	s.companies.Limit(s.config.MaxCompanies)
	done, err := s.journal.Lock(context.Background(), "") // processes that share a journal may start together
	if err != nil {
		return err
	}
	defer done()
	if s.book.on {
		if err := s.takeOver(context.Background()); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	if s.config.ConfigFile == "" && len(s.companies.List()) > 0 {
		s.warnOfKept()
		return nil
	}
	for _, c := range configured {
		if err := s.configure(c); err != nil {
			return fmt.Errorf("%s: company %q: %w", s.config.ConfigFile, c.Name, err)
		}
	}
	return nil
}

// warnOfKept says which settings count for new companies only, where they say something else than what is kept.
func (s *Simulator) warnOfKept() {
	kept := "the companies that are kept in --data go before it: it counts for new ones only"
	usual := Default()
	if s.config.WebhookURL != usual.WebhookURL {
		s.log.Warn("--webhook-url has no effect", "because", kept)
	}
	if s.config.Clock != usual.Clock {
		for _, c := range s.companies.List() {
			if mode, _ := s.tenant(c.ID).clock.Mode(); mode != s.config.Clock {
				s.log.Warn("--clock has no effect", "company", c.Name, "clock", mode, "because", kept)
			}
		}
	}
}

// configure puts a configured company, in the place of the one of its name where that has been kept.
func (s *Simulator) configure(c backoffice.Company) error {
	if kept, ok := s.companies.Get(firstOf(c.ID, c.Name)); ok && c.ID == "" {
		c.ID, c.Created = kept.ID, kept.Created
	}
	put, err := s.companies.Put(c, clock.Wall())
	if err != nil {
		return err
	}
	for _, w := range put.Warnings() {
		s.log.Warn("probably not meant", "company", put.Name, "warning", w)
	}
	return nil
}

// Configured returns the companies that a simulator with nothing kept would begin with: those of the configuration file, or
// the demo company.
func Configured(c Config) ([]backoffice.Company, error) {
	s := &Simulator{config: c}
	if err := s.readContracts(); err != nil {
		return nil, err
	}
	return s.configured()
}

func (s *Simulator) configured() ([]backoffice.Company, error) {
	if s.config.ConfigFile == "" {
		demo, err := backoffice.Demo(s.reader, s.config.WebhookURL)
		return []backoffice.Company{demo}, err
	}
	text, err := os.ReadFile(s.config.ConfigFile)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return s.reader.File(s.config.ConfigFile, text)
}

// Public returns the handler of the public listener: the Cashier API and the hosted pages.
func (s *Simulator) Public() (http.Handler, error) {
	router := mux.NewRouter().SkipClean(true)
	api.Mount(router, api.Config{
		Cashier: s, Log: s.log, MaxBody: s.config.MaxBody, BodyTimeout: s.config.BodyTimeout,
		Hang: s.config.GatewayTimeout, MaxHanging: 1000, Observe: s.metrics.call,
	})
	if err := s.mountPages(router); err != nil {
		return nil, err
	}
	return s.current(s.replaying(router)), nil
}

// PublicURL is the base URL of the Cashier API and of hosted pages.
func (s *Simulator) PublicURL() string { return s.publicURL }

// AdminURL is the base URL of the admin API, "" when it is off.
func (s *Simulator) AdminURL() string {
	if s.admin == nil {
		return ""
	}
	return s.config.listenerURL(s.admin.Addr())
}

// AdminToken is the token that the admin API asks for, "" when it asks for none.
func (s *Simulator) AdminToken() string { return s.adminToken }

// CompanyCount counts the companies.
func (s *Simulator) CompanyCount() int { return len(s.companies.List()) }

// Company finds a company by id or name; "" is the first.
func (s *Simulator) Company(idOrName string) (*backoffice.Company, bool) {
	if idOrName == "" {
		all := s.companies.List()
		if len(all) == 0 {
			return nil, false
		}
		return all[0], true
	}
	return s.companies.Get(idOrName)
}

// ClockOf implements api.Cashier: the clock of the company that a token names.
func (s *Simulator) ClockOf(authorization string) *clock.Clock {
	account, err := s.gate.Company(authorization)
	if err != nil {
		return s.newClock()
	}
	return s.tenant(account.ID).clock
}

// payment folds a payment out of the journal.
func (s *Simulator) payment(ctx context.Context, company, id string) (payment.Payment, error) {
	entries, err := s.journal.Entries(ctx, company, id)
	if err != nil {
		return payment.Payment{}, err
	}
	return foldEntries(entries)
}

// accounts shows identity the companies it needs to know.
type accounts struct{ s *Simulator }

func (a accounts) Company(apiKey string) (identity.Company, bool) {
	c, ok := a.s.companies.ByAPIKey(apiKey)
	if !ok {
		return identity.Company{}, false
	}
	return identity.Company{
		ID: c.ID, Secret: c.Credentials.SecretKey, PasswordExpired: c.PasswordExpired, UserAuthURL: c.UserAuthURL,
		Now: a.s.tenant(c.ID).clock.Now(),
	}, true
}

// Payments returns a company's payments, newest first: as many as the journal keeps.
func (s *Simulator) Payments(ctx context.Context, company string) ([]payment.Payment, error) {
	heads, err := s.journal.List(ctx, company, journal.Query{Limit: s.config.MaxPayments})
	if err != nil {
		return nil, err
	}
	all := make([]payment.Payment, 0, len(heads))
	for _, head := range heads {
		p, err := s.payment(ctx, company, head.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}
