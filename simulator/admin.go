package simulator

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/console"
	"mozartosim/simulator/control"
	"mozartosim/simulator/scenario"
)

// Admin returns the handler of the admin listener: the control API, and the console in front of it.
func (s *Simulator) Admin() http.Handler {
	door, logins := doors{s}, console.NewSessions(clock.Wall, s.adminToken)
	return s.withConsole(s.current(control.New(control.Config{
		Reader:       s.reader,
		Companies:    s.companies,
		Configured:   s.companies.List(),
		Alone:        func(ctx context.Context) (func(), error) { return s.alone(ctx, "") },
		Payments:     s.journal,
		Clocks:       door,
		Decisions:    door,
		Webhooks:     door,
		Conditions:   door,
		Queries:      door,
		Snapshots:    door,
		Reset:        s.forget,
		Now:          s.now,
		Version:      s.config.Version,
		Metrics:      s.metrics.handler(),
		LimitReached: s.metrics.bound,
		BySession:    s.ownerOf,
		PublicURL:    s.publicURL,
		Token:        s.adminToken,
		Hosts:        s.adminHosts(),
		Sessions:     logins,
		Followers:    s.config.EventClients,
		Log:          s.log,
	})), logins)
}

// now is a company's time; that of a company without an id, which is about to be made, is where new clocks stand.
func (s *Simulator) now(company string) time.Time {
	if company == "" {
		return s.newClock().Now()
	}
	return s.tenant(company).clock.Now()
}

// ownerOf finds the payment of a hosted page's session. The error is journal.ErrNotFound.
func (s *Simulator) ownerOf(ctx context.Context, session string) (company, payment string, err error) {
	found, err := s.journal.Find(ctx, sessionKey(session))
	return found.Company, found.ID, err
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
	done, err := d.alone(context.Background(), company)
	if err != nil {
		return err
	}
	defer done()
	t := d.tenant(company)
	defer t.nudge() // the worker may be about to rest as the old mode would have it
	return d.keep(context.Background(), t, partClock, func() error { return t.clock.Set(mode, factor) })
}

// Advance moves a manual clock.
func (d doors) Advance(ctx context.Context, company string, a control.Advance) ([]control.CompletedJob, error) {
	happened, err := d.Simulator.Advance(ctx, company, Advance(a))
	out := make([]control.CompletedJob, len(happened))
	for i, h := range happened {
		out[i] = control.CompletedJob(h)
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
func (d doors) SetReplies(ctx context.Context, company string, replies []control.Reply) error {
	program := make([]InboxReply, len(replies))
	for i, r := range replies {
		program[i] = InboxReply(r)
	}
	t := d.tenant(company)
	return d.keep(ctx, t, partInbox, func() error { t.inbox.set(program); return nil })
}

// Scenarios is a company's set.
func (d doors) Scenarios(company string) *scenario.Set { return d.allScenarios(d.tenant(company)) }

// ChangeScenarios lets change have its way with a company's set.
func (d doors) ChangeScenarios(ctx context.Context, company string, change func(*scenario.Set) error) error {
	t := d.tenant(company)
	set := d.allScenarios(t)
	return d.keep(ctx, t, partScenarios, func() error { return change(set) })
}

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
func (d doors) Break(ctx context.Context, company string, o scenario.Outage) error {
	return d.strikeOut(ctx, d.tenant(company), o)
}

// Mend puts it in order again.
func (d doors) Mend(ctx context.Context, company, psp string) (ok bool, err error) {
	t := d.tenant(company)
	err = d.keep(ctx, t, partOutages, func() error {
		t.outages.list(t.clock.Now()) // those that are over are none
		ok = t.outages.end(psp)
		return nil
	})
	return ok, err
}
