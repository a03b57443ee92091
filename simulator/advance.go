package simulator

import (
	"context"
	"fmt"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// Advance says how far a manual clock is to be moved: one of its fields counts.
type Advance struct {
	By         time.Duration // a span
	To         time.Time     // an instant
	UntilIdle  bool          // until nothing is due any more
	Deliveries int           // until so many webhooks have been tried
}

// maxSteps bounds one advance: a ladder or a script can't run it forever.
const maxSteps = 1_000_000

// NotManual says that only a manual clock can be moved.
type NotManual struct{ Mode clock.Mode }

func (e *NotManual) Error() string {
	return fmt.Sprintf("the clock is %s: set it to manual before you advance it", e.Mode)
}

// Conflicts marks it as a matter of how things stand, not of the request.
func (*NotManual) Conflicts() {}

// Backwards says that a clock never goes back.
type Backwards struct{ Now, To time.Time }

func (e *Backwards) Error() string {
	return fmt.Sprintf("the clock stands at %s and can't go back to %s", e.Now.Format(time.RFC3339Nano), e.To.Format(time.RFC3339Nano))
}

// Conflicts marks it as a matter of how things stand, not of the request.
func (*Backwards) Conflicts() {}

// Advance moves a company's manual clock and carries out all work that comes due on the way, in (due time, sequence) order,
// deliveries included, before it returns what happened. The clock never goes back. Errors: *NotManual,
// *Backwards, or what failed.
func (s *Simulator) Advance(ctx context.Context, company string, a Advance) ([]CompletedJob, error) {
	t := s.tenant(company)
	done, err := s.alone(ctx, company)
	if err != nil {
		return nil, err
	}
	defer done()
	if mode, _ := t.clock.Mode(); mode != clock.Manual {
		return nil, &NotManual{mode}
	}
	if err := t.allAnswered(ctx); err != nil {
		return nil, err
	}
	until := t.clock.Now().Add(a.By)
	switch {
	case !a.To.IsZero():
		until = a.To
	case a.UntilIdle || a.Deliveries > 0:
		until = t.clock.Now().AddDate(100, 0, 0)
	}
	if now := t.clock.Now(); until.Before(now) {
		return nil, &Backwards{now, until}
	}
	happened, err := s.runUntil(ctx, t, until, a.Deliveries)
	if err != nil || a.UntilIdle || a.Deliveries > 0 {
		return happened, err
	}
	return happened, s.moveTo(ctx, t, until)
}

// moveTo puts a company's manual clock to a later instant, here and in whatever process shares the journal.
func (s *Simulator) moveTo(ctx context.Context, t *tenant, to time.Time) error {
	return s.keep(ctx, t, partClock, func() error { return t.clock.MoveTo(to) })
}

// runUntil carries out what is due up to an instant, the clock standing at each work's own time meanwhile.
func (s *Simulator) runUntil(ctx context.Context, t *tenant, until time.Time, deliveries int) ([]CompletedJob, error) {
	var happened []CompletedJob
	for range maxSteps {
		if err := ctx.Err(); err != nil {
			return happened, err
		}
		due, err := s.journal.Claim(ctx, t.id, journal.ClaimQuery{Until: until, Limit: 1, Skip: t.held})
		if err != nil || len(due) == 0 {
			return happened, err
		}
		if due[0].At.After(t.clock.Now()) {
			if err := s.moveTo(ctx, t, due[0].At); err != nil {
				return happened, err
			}
		}
		h, err := s.do(context.WithoutCancel(ctx), t, due[0])
		if err != nil {
			return happened, err
		}
		happened = append(happened, h)
		if dueKind(h.Kind) == dueAttempt && deliveries > 0 {
			if deliveries--; deliveries == 0 {
				return happened, nil
			}
		}
	}
	return happened, fmt.Errorf("advance: stopped after %d steps", maxSteps)
}

// settle carries out what is due of one payment now, up to its first webhook: for a notice that arrives before the answer.
func (s *Simulator) settle(ctx context.Context, t *tenant, id string) error {
	for range 100 {
		due, err := s.journal.Claim(ctx, t.id, journal.ClaimQuery{Until: t.clock.Now(), Limit: 1, Stream: id})
		if err != nil || len(due) == 0 {
			return err
		}
		if _, err := s.do(context.WithoutCancel(ctx), t, due[0]); err != nil || dueKind(due[0].Kind) == dueAttempt {
			return err
		}
	}
	return nil
}
