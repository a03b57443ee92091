package simulator

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/console"
	"mozartosim/simulator/control"
)

// Admin returns the handler of the admin listener: the admin API, and the console, which is a client of it. Both know the same
// logins.
func (s *Simulator) Admin() (http.Handler, error) {
	logins := console.NewSessions(clock.Wall, s.adminToken)
	api := s.settings.Refreshed(control.New(s.controlConfig(logins)))
	public, err := s.Public()
	if err != nil {
		return nil, err
	}
	site, err := console.New(console.Config{
		API: api, Cashier: public, Token: s.adminToken, Sessions: logins, Version: s.config.Version, Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	return control.Door(control.Config{Token: s.adminToken, Hosts: adminHosts(s.publicURL), Log: s.log}, site), nil
}

func (s *Simulator) controlConfig(logins *console.Sessions) control.Config {
	return control.Config{
		Reader:       s.reader,
		Companies:    s.directory,
		Configured:   s.directory.List(),
		Alone:        func(ctx context.Context) (func(), error) { return s.settings.Exclusive(ctx, "") },
		Payments:     s.queries,
		Runtimes:     s.runtimes,
		Decisions:    s.outcomes,
		Deliveries:   s.deliveries,
		Scheduler:    s.scheduler,
		Settings:     s.settings,
		Lists:        s.queries,
		Queries:      s.queries,
		Snapshots:    s.snapshots,
		Reset:        s.snapshots.Reset,
		Now:          s.now,
		Version:      s.config.Version,
		Metrics:      s.metrics.Handler(),
		LimitReached: s.metrics.LimitReached,
		PublicURL:    s.publicURL,
		Token:        s.adminToken,
		Hosts:        adminHosts(s.publicURL),
		Sessions:     logins,
		Followers:    s.config.EventClients,
		Log:          s.log,
	}
}

// ConsoleURL is the link that opens the console, the login in it when one is needed; "" when the admin listener is off.
func (s *Simulator) ConsoleURL() string {
	at := s.AdminURL()
	if at == "" || s.adminToken == "" {
		return at
	}
	return at + "/login?token=" + url.QueryEscape(s.adminToken)
}

// now is a company's time; that of a company without an id, which is about to be made, is where new clocks stand.
func (s *Simulator) now(company string) time.Time {
	if company == "" {
		return s.runtimes.NewClock().Now()
	}
	return s.clockOf(company).Now()
}

// adminHosts are the names, beside loopback ones, under which a listener without token may be called: that of the public
// URL's host, which is how a container's neighbours know it.
func adminHosts(publicURL string) []string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil
	}
	return []string{u.Hostname()}
}
