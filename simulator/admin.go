package simulator

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/control"
	"mozartosim/simulator/scenario"
)

// Admin returns the handler of the admin listener: the control API.
func (s *Simulator) Admin() http.Handler {
	door := doors{s}
	return control.New(control.Config{
		Reader:     s.reader,
		Companies:  s.companies,
		Configured: s.companies.List(),
		Payments:   s.journal,
		Time:       door,
		Deeds:      door,
		Mail:       door,
		Scenery:    door,
		Lookout:    door,
		Keeper:     door,
		Reset:      s.forget,
		Now:        s.now,
		Version:    s.config.Version,
		Metrics:    s.metrics.handler(),
		Token:      s.adminToken,
		Hosts:      s.adminHosts(),
		Log:        s.log,
	})
}

// now is a company's time; that of a company without an id, which is about to be made, is where new clocks stand.
func (s *Simulator) now(company string) time.Time {
	if company == "" {
		return s.newClock().Now()
	}
	return s.tenant(company).clock.Now()
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

// doors are what the control API needs of the simulator, in its own types.
type doors struct{ *Simulator }

// Clock is a company's clock.
func (d doors) Clock(company string) *clock.Clock { return d.tenant(company).clock }

// SetClock changes how a company's clock moves.
func (d doors) SetClock(company string, mode clock.Mode, factor float64) error {
	t := d.tenant(company)
	t.advancing.Lock()
	defer t.advancing.Unlock()
	defer t.nudge() // the worker may be about to rest as the old mode would have it
	return t.clock.Set(mode, factor)
}

// Advance moves a manual clock.
func (d doors) Advance(ctx context.Context, company string, a control.Advance) ([]control.Happened, error) {
	happened, err := d.Simulator.Advance(ctx, company, Advance(a))
	out := make([]control.Happened, len(happened))
	for i, h := range happened {
		out[i] = control.Happened(h)
	}
	return out, err
}

// Replies are what the inbox will still answer by its program.
func (d doors) Replies(company string) []control.Reply {
	out := []control.Reply{}
	for _, r := range d.tenant(company).inbox.left() {
		out = append(out, control.Reply(r))
	}
	return out
}

// SetReplies gives the inbox another program.
func (d doors) SetReplies(company string, replies []control.Reply) {
	program := make([]InboxReply, len(replies))
	for i, r := range replies {
		program[i] = InboxReply(r)
	}
	d.tenant(company).inbox.set(program)
}

// Scenarios is a company's set.
func (d doors) Scenarios(company string) *scenario.Set { return d.allScenarios(d.tenant(company)) }

// Outages are those in force.
func (d doors) Outages(company string) []control.Outage {
	t := d.tenant(company)
	out := []control.Outage{}
	for _, o := range t.outages.list(t.clock.Now()) {
		out = append(out, control.Outage(o))
	}
	return out
}

// Break puts a provider out of order.
func (d doors) Break(company string, o scenario.Outage) {
	t := d.tenant(company)
	t.outages.begin(o, t.clock.Now())
}

// Mend puts it in order again.
func (d doors) Mend(company, psp string) bool {
	t := d.tenant(company)
	t.outages.list(t.clock.Now()) // those that are over are none
	return t.outages.end(psp)
}
