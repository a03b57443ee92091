package simulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/mux"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/money"
	"mozartosim/simulator/pages"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/webhook"
)

// Simulator is a running, or not yet running, stand-in for the Cashier API.
type Simulator struct {
	config    Config
	log       *slog.Logger
	contract  *openapi.Contract // of the Cashier API
	control   *openapi.Contract // of the admin API
	reader    backoffice.Reader
	companies *backoffice.Directory
	gate      *identity.Gate
	rules     provider.Common
	providers map[string]*provider.Provider
	magic     *scenario.Magic
	journal   journal.Journal
	metrics   *metrics
	webhooks  *webhook.Client
	lanes     *webhook.Lanes
	launched  sync.Map                    // of launch: attempts that wait in the lanes
	own       []*scenario.Scenario        // of the --scenarios folder
	library   func() []*scenario.Scenario // the ready ones, read when they are first needed

	mu      sync.Mutex
	tenants map[string]*tenant
	running func(*tenant) // starts a tenant's worker; nil while the simulator does not run

	public, admin net.Listener
	publicURL     string
	adminToken    string
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
		config: config, log: config.Log, journal: journal.NewMemory(config.Room), metrics: newMetrics(),
		webhooks: webhooks, lanes: webhook.NewLanes(0, 0), tenants: map[string]*tenant{},
	}
	if err := s.readContracts(); err != nil {
		return nil, err
	}
	if err := s.readTables(); err != nil {
		return nil, err
	}
	if err := s.readCompanies(); err != nil {
		return nil, err
	}
	s.library = sync.OnceValue(s.readLibrary)
	if s.own, err = s.readScenarios(); err != nil {
		return nil, err
	}
	s.metrics.watch(s.journal)
	s.gate = identity.New(identity.Config{
		Accounts:      accounts{s},
		Claims:        func(claims openapi.Document) error { return s.contract.ValidateAs("UserToken", claims) },
		VerifyTimeout: config.VerifyTimeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
	})
	if err := s.listen(); err != nil {
		return nil, err
	}
	return s, nil
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

// readCompanies fills the back office from the configuration file, or with the demo company.
func (s *Simulator) readCompanies() error {
	configured, err := s.configured()
	if err != nil {
		return err
	}
	s.companies = backoffice.NewDirectory(s.config.Seed)
	for _, c := range configured {
		put, err := s.companies.Put(c, clock.Wall())
		if err != nil {
			return fmt.Errorf("%s: company %q: %w", s.config.ConfigFile, c.Name, err)
		}
		for _, w := range put.Warnings() {
			s.log.Warn("probably not meant", "company", put.Name, "warning", w)
		}
	}
	return nil
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

func (s *Simulator) listen() (err error) {
	if s.public, err = net.Listen("tcp", s.config.PublicAddr); err != nil {
		return fmt.Errorf("public-addr: %w", err)
	}
	s.publicURL = s.config.publicURL(s.public.Addr())
	if s.config.AdminAddr == "" {
		return nil
	}
	if s.admin, err = net.Listen("tcp", s.config.AdminAddr); err != nil {
		return errors.Join(fmt.Errorf("admin-addr: %w", err), s.public.Close())
	}
	s.adminToken, err = s.config.adminToken()
	return err
}

// Public returns the handler of the public listener: the Cashier API and the hosted pages.
func (s *Simulator) Public() (http.Handler, error) {
	router := mux.NewRouter().SkipClean(true)
	api.Mount(router, api.Config{
		Cashier: s, Log: s.log, MaxBody: s.config.MaxBody, BodyTimeout: s.config.BodyTimeout,
		Hang: s.config.GatewayTimeout, MaxHanging: 1000, Observe: s.metrics.call,
	})
	if err := pages.Mount(router, pages.Config{Payments: s, Log: s.log}); err != nil {
		return nil, err
	}
	return router, nil
}

// PublicURL is the base URL of the Cashier API and of hosted pages.
func (s *Simulator) PublicURL() string { return s.publicURL }

// AdminURL is the base URL of the admin API, "" when it is off.
func (s *Simulator) AdminURL() string {
	if s.admin == nil {
		return ""
	}
	return listenerURL(s.admin.Addr())
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

// BySession implements pages.Payments.
func (s *Simulator) BySession(ctx context.Context, psp, session string) (payment.Payment, error) {
	found, err := s.journal.Find(ctx, sessionKey(session))
	if errors.Is(err, journal.ErrNotFound) {
		return payment.Payment{}, pages.ErrUnknown
	}
	if err != nil {
		return payment.Payment{}, err
	}
	p, err := s.payment(ctx, found.Company, found.ID)
	if err == nil && s.providers[p.PSP].Slug != psp {
		return payment.Payment{}, pages.ErrUnknown
	}
	return p, err
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

func (a accounts) Account(apiKey string) (identity.Account, bool) {
	c, ok := a.s.companies.ByAPIKey(apiKey)
	if !ok {
		return identity.Account{}, false
	}
	return identity.Account{
		ID: c.ID, Secret: c.Credentials.SecretKey, PasswordExpired: c.PasswordExpired, UserAuthURL: c.UserAuthURL,
		Now: a.s.tenant(c.ID).clock.Now(),
	}, true
}

// Payments returns a company's payments, newest first: as many as the journal keeps.
func (s *Simulator) Payments(ctx context.Context, company string) ([]payment.Payment, error) {
	heads, err := s.journal.List(ctx, company, journal.Query{Limit: s.config.Room})
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
