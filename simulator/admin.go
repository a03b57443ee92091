package simulator

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"mozartosim/simulator/control"
)

// Admin returns the handler of the admin listener: the control API.
func (s *Simulator) Admin() http.Handler {
	return control.New(control.Config{
		Reader:     s.reader,
		Companies:  s.companies,
		Configured: s.companies.List(),
		Payments:   s.journal,
		Reset:      s.forget,
		Now:        func(company string) time.Time { return s.tenant(company).clock.Now() },
		Version:    s.config.Version,
		Metrics:    s.metrics.handler(),
		Token:      s.adminToken,
		Hosts:      s.adminHosts(),
		Log:        s.log,
	})
}

// adminHosts are the names, beside loopback ones, under which a listener without token may be called: that of the public
// URL's host, which is how a container's neighbours know it.
func (s *Simulator) adminHosts() []string {
	u, err := url.Parse(s.publicURL)
	if err != nil {
		return nil
	}
	return []string{u.Hostname()}
}

// forget drops a company's payments and all its due work.
func (s *Simulator) forget(ctx context.Context, company string) (dropped int, err error) {
	stats, err := s.journal.Stats(ctx, company)
	if err != nil {
		return 0, err
	}
	return stats.Streams, s.journal.Forget(ctx, company)
}
