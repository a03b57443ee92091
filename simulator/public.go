package simulator

import (
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/inprocess"
	"mozartosim/simulator/pages"
	"mozartosim/simulator/replay"
)

// Public returns the handler of the public listener: the Cashier API and the hosted pages.
func (s *Simulator) Public() (http.Handler, error) { return s.publicHandler() }

func (s *Simulator) newPublic() (http.Handler, error) {
	router := mux.NewRouter().SkipClean(true)
	api.Mount(router, api.Config{
		Cashier: s.cashier, Base: s.base, Log: s.log, MaxBody: s.config.MaxBody, BodyTimeout: s.config.BodyTimeout,
		Hang: s.config.GatewayTimeout, MaxHanging: 1000, Observe: s.metrics.Call, Requests: countedCalls{s.requests, s}, Tracer: s.tracer,
	})
	if err := mountPages(router, s); err != nil {
		return nil, err
	}
	public := pages.KeepCalls(s.requests, s.runtimes.Now, matched(router, s.settings.Refreshed(router)))
	if s.recordings != nil {
		public = s.settings.Refreshed(replayed(public, s))
	}
	return public, nil
}

// matched serves what a router matches. It is asked once for the Cashier API, whose calls are many: to match takes two regular
// expressions, and the router would copy the request for the route and for variables that it hasn't. These calls also ask for
// themselves what other processes have changed; others is the router for all other calls.
func matched(router *mux.Router, others http.Handler) http.Handler {
	var call mux.RouteMatch
	router.Match(&http.Request{Method: http.MethodPost, URL: &url.URL{Path: openapi.CashierPath}}, &call)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == openapi.CashierPath {
			call.Handler.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// mountPages adds the hosted pages to the public router.
func mountPages(router *mux.Router, s *Simulator) error {
	sessions := &pages.Sessions{
		Payments: s.payments, Outcomes: s.outcomes, Originals: s.originals, Currencies: s.rules.Currencies, Stored: s.cashier.Stored,
		Clock: s.runtimes.Clock,
	}
	config := pages.Config{
		Sessions: sessions, TestData: s.testData, Base: s.base, Console: s.config.console(s.AdminURL()), Log: s.log,
	}
	if s.config.ConfigFile == "" {
		shop, err := newShop(s, replayed(router, s))
		if err != nil {
			return err
		}
		config.Shop = shop
	}
	return pages.Mount(router, config)
}

// newShop makes the demo shop, which calls the Cashier API.
func newShop(s *Simulator, cashier http.Handler) (*pages.Merchant, error) {
	return pages.NewMerchant(pages.MerchantConfig{
		Cashier: inprocess.Cashier(cashier, "mozartosim-demo-shop"), Directory: s.directory, Providers: s.providers, Queries: s.queries, Stored: s.cashier.Stored,
	})
}

// replayed stands before the Cashier API and answers what a recording fits.
func replayed(next http.Handler, s *Simulator) http.Handler {
	if s.recordings == nil {
		return next
	}
	return replay.New(replay.Config{
		Recordings: s.recordings, Contract: s.contract, Next: next, Log: s.log, Seed: s.config.Seed,
		Company: func(authorization string) (id string, ok bool) {
			account, err := s.identity.Company(authorization)
			return account.ID, err == nil
		},
		MaxBody: s.config.MaxBody, Requests: s.requests,
	})
}
