package company

import (
	"context"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/webhook"
)

// What callers change of a runtime, each kept as a setting.

// SetClock changes how a company's clock moves; it waits until no other call moves it.
func (s *Settings) SetClock(ctx context.Context, company string, mode clock.Mode, factor float64) error {
	done, err := s.Exclusive(ctx, company)
	if err != nil {
		return err
	}
	defer done()
	rt := s.Runtimes.Get(company)
	defer rt.Alarm.Ring() // the worker may be about to sleep as the old mode says
	return s.Change(ctx, rt, ClockSetting, func() error { return rt.Clock.Set(mode, factor) })
}

// MoveClock moves a manual clock to an instant, here and in whatever process shares the journal.
func (s *Settings) MoveClock(ctx context.Context, rt *Runtime, to time.Time) error {
	return s.Change(ctx, rt, ClockSetting, func() error { return rt.Clock.MoveTo(to) })
}

// ChangeScenarios lets do change a company's set; do may be called more than once.
func (s *Settings) ChangeScenarios(ctx context.Context, company string, do func(*scenario.Set) error) error {
	rt := s.Runtimes.Get(company)
	set := s.Runtimes.AllScenarios(rt)
	return s.Change(ctx, rt, ScenariosSetting, func() error { return do(set) })
}

// StartOutage makes a provider of a company unavailable, in place of its last outage, and returns the outage as it is in force.
func (s *Settings) StartOutage(ctx context.Context, company string, out scenario.Outage) (scenario.Outage, error) {
	rt := s.Runtimes.Get(company)
	err := s.Change(ctx, rt, OutagesSetting, func() error {
		now := rt.Clock.Now()
		if out.For > 0 {
			out.Until = now.Add(out.For)
		}
		rt.Outages.Set(rt.Outages.Get().with(out, now))
		return nil
	})
	return out, err
}

// EndOutage makes it available again; ok is false when it was.
func (s *Settings) EndOutage(ctx context.Context, company, psp string) (ok bool, err error) {
	rt := s.Runtimes.Get(company)
	err = s.Change(ctx, rt, OutagesSetting, func() error {
		var left Outages
		left, ok = rt.Outages.Get().end(psp, rt.Clock.Now())
		rt.Outages.Set(left)
		return nil
	})
	return ok, err
}

// SetReplies replaces what a company's inbox answers next.
func (s *Settings) SetReplies(ctx context.Context, company string, replies []Reply) error {
	rt := s.Runtimes.Get(company)
	return s.Change(ctx, rt, InboxSetting, func() error {
		rt.Inbox.Set(append([]Reply{}, replies...))
		return nil
	})
}

// InboxAnswer lets a company's inbox answer one webhook, and keeps what is left of its replies; without replies, whoever asks for
// the inbox's webhooks answers it. timeout is the one of webhooks. took is on the company's clock; an answer of somebody else
// has taken the result's own time.
func (s *Settings) InboxAnswer(ctx context.Context, company string, in Incoming, timeout time.Duration) (result webhook.Result, took time.Duration) {
	rt := s.Runtimes.Get(company)
	if len(rt.Inbox.Get()) == 0 {
		if result, ok := rt.Relay.answer(ctx, in, timeout); ok {
			return result, 0
		}
		return Reply{}.result(timeout)
	}
	var left []Reply
	err := s.Change(ctx, rt, InboxSetting, func() error {
		var reply Reply
		reply, left = nextReply(rt.Inbox.Get())
		rt.Inbox.Set(left)
		result, took = reply.result(timeout)
		return nil
	})
	if err != nil {
		s.Log.Error("the inbox's replies", "company", company, "error", err)
		rt.Inbox.Set(left) // the reply is given all the same, and not once more
	}
	return result, took
}
