package simulator

import (
	"net/http"
	"net/url"

	"mozartosim/simulator/console"
	"mozartosim/simulator/control"
)

// withConsole puts the console in front of the admin API: what the API has no path for is a page. Both know the same logins.
func (s *Simulator) withConsole(api http.Handler, logins *console.Sessions) http.Handler {
	public, err := s.Public()
	if err == nil {
		var site http.Handler
		site, err = console.New(console.Config{
			API: api, Cashier: public, Token: s.adminToken, Sessions: logins, Version: s.config.Version, Log: s.log,
		})
		if err == nil {
			return control.Door(control.Config{Token: s.adminToken, Hosts: s.adminHosts(), Log: s.log}, site)
		}
	}
	s.log.Error("there is no console", "error", err)
	return api
}

// ConsoleURL is the link that opens the console, the login in it when one is needed; "" when the admin listener is off.
func (s *Simulator) ConsoleURL() string {
	at := s.AdminURL()
	if at == "" || s.adminToken == "" {
		return at
	}
	return at + "/login?token=" + url.QueryEscape(s.adminToken)
}
