package simulator

import (
	"embed"
	"net/http"
	"sync"

	"mozartosim/simulator/console"
	"mozartosim/simulator/control"
	"mozartosim/simulator/docs"
	"mozartosim/simulator/inprocess"
	"mozartosim/simulator/mcp"
)

//go:embed README.md
var operations embed.FS

// Guides are the repository's guides: pages of /docs, and resources for agents.
func Guides() ([]docs.Guide, error) { return docs.Guides(operations) }

// Admin returns the handler of the admin listener: the admin API, and the console, which is a client of it. Both know the same
// logins.
func (s *Simulator) Admin() (http.Handler, error) {
	api := s.settings.Refreshed(control.New(s.controlConfig(s.logins)))
	public, err := s.Public()
	if err != nil {
		return nil, err
	}
	texts, err := Guides()
	if err != nil {
		return nil, err
	}
	pages, err := docs.New(docs.Config{
		API: api, Cashier: public, PublicURL: s.PublicURL, Token: s.adminToken, Guides: texts, Version: s.config.Version,
	})
	if err != nil {
		return nil, err
	}
	site, err := console.New(console.Config{
		API: api, Cashier: public, Docs: pages, Token: s.adminToken, Sessions: s.logins, Version: s.config.Version, Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	door := control.Config{
		Token: s.adminToken, Hosts: adminHosts(s.base.URL(), s.config.AdminPublicURL), LimitReached: s.metrics.LimitReached, Log: s.log,
	}
	rest, agents := control.Door(door, site), control.Guarded(door, serveAgents(s.config, s.adminToken, api, public))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/mcp" {
			agents.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	}), nil
}

// serveAgents serves the Model Context Protocol, from the first call on.
func serveAgents(config Config, token string, api, public http.Handler) http.Handler {
	serve := sync.OnceValue(func() http.Handler {
		guides, _ := Guides() // the console has them too
		c := mcp.Config{
			Operator: config.Agents, Guides: guides, Cashier: inprocess.Cashier(public, ""), Version: config.Version,
			Admin: inprocess.Admin(api, token, inprocess.Own),
		}
		return mcp.Handler(c)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve().ServeHTTP(w, r) })
}

func (s *Simulator) controlConfig(logins *console.Sessions) control.Config {
	return control.Config{
		Reader:       s.reader,
		Companies:    s.directory,
		Configured:   s.directory.List(),
		Runtimes:     s.runtimes,
		Outcomes:     s.outcomes,
		Deliveries:   s.deliveries,
		Scheduler:    s.scheduler,
		Settings:     s.settings,
		Queries:      s.queries,
		Requests:     s.requests,
		Snapshots:    s.snapshots,
		Version:      s.config.Version,
		Metrics:      s.metrics.Handler(),
		LimitReached: s.metrics.LimitReached,
		Base:         s.base,
		Token:        s.adminToken,
		Hosts:        adminHosts(s.base.URL(), s.config.AdminPublicURL),
		Sessions:     logins,
		Followers:    s.config.EventClients,
		Log:          s.log,
	}
}

// ConsoleURL is a link that opens the console, once and within an hour where a login is needed; "" when the admin listener is off.
func (s *Simulator) ConsoleURL() string {
	at := s.config.console(s.AdminURL())
	if at == "" || s.adminToken == "" {
		return at
	}
	return at + "/login?code=" + s.logins.NewCode()
}
