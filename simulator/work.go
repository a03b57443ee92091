package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
)

// CompletedJob is one piece of due work that was carried out.
type CompletedJob struct {
	At          time.Time `json:"at"`
	Kind        string    `json:"kind"` // decision, expiry, notice, attempt
	Payment     string    `json:"payment"`
	Description string    `json:"description"` // in words
}

// do carries out one piece of due work, attempts included, here and now.
func (s *Simulator) do(ctx context.Context, t *tenant, d journal.Job) (CompletedJob, error) {
	happened := CompletedJob{At: t.clock.Now(), Kind: d.Kind, Payment: d.Stream}
	var err error
	switch dueKind(d.Kind) {
	case dueAttempt:
		happened.Description, err = s.doAttempt(ctx, t, d)
	case dueNotice:
		happened.Description, err = s.doNotice(ctx, t, d)
	case dueDecision, dueExpiry:
		happened.Description, err = s.doDecision(ctx, t, d)
	default:
		err = fmt.Errorf("due work of the unknown kind %q", d.Kind)
	}
	s.metrics.work.WithLabelValues(d.Kind, strconv.FormatBool(err != nil)).Inc()
	if err == nil {
		s.traceWork(t.id, happened)
		return happened, nil
	}
	if errors.Is(err, journal.ErrLost) { // this process was taken for dead meanwhile
		happened.Description = "another process has taken it over"
		return happened, nil
	}
	if errors.Is(err, journal.ErrNotFound) { // the payment was forgotten or dropped for want of room
		happened.Description = "the payment is gone"
		return happened, nil
	}
	return happened, fmt.Errorf("%s of payment %s: %w", d.Kind, d.Stream, err)
}

func (s *Simulator) doAttempt(ctx context.Context, t *tenant, d journal.Job) (string, error) {
	var data attempting
	if err := json.Unmarshal(d.Data, &data); err != nil {
		return "", err
	}
	made, err := s.attempt(ctx, t, d, data.Delivery)
	if err != nil || made == nil {
		return "delivery " + data.Delivery + " is over", err
	}
	says := fmt.Sprintf("delivery %s, attempt %d: ", made.Delivery, made.N)
	if made.Error != "" {
		return says + made.Error + ", " + string(made.State), nil
	}
	return says + fmt.Sprintf("answered %d, %s", made.Status, made.State), nil
}

func (s *Simulator) doNotice(ctx context.Context, t *tenant, d journal.Job) (string, error) {
	var n telling
	if err := json.Unmarshal(d.Data, &n); err != nil {
		return "", err
	}
	overtaken := false
	p, err := s.alter(ctx, t, d.Stream, func(c *change) error {
		c.settled = append(c.settled, d.ID)
		if overtaken = n.Of < outcomes(c.Payment); overtaken {
			return nil
		}
		return s.tell(c, n)
	})
	switch {
	case err != nil:
		return "", err
	case overtaken:
		return "a later decision has overtaken " + n.Raw, nil
	}
	return fmt.Sprintf("%s tells %s, the payment is %s", p.PSP, n.Raw, p.Status), nil
}

// doDecision carries out the shopper's decision or the session's end; a payment that was decided otherwise is left alone.
func (s *Simulator) doDecision(ctx context.Context, t *tenant, d journal.Job) (string, error) {
	decision := payment.Decision{Action: string(provider.ActionExpire), By: "clock"}
	if dueKind(d.Kind) == dueDecision {
		if err := json.Unmarshal(d.Data, &decision); err != nil {
			return "", err
		}
	}
	var late *Undecidable
	p, err := s.alter(ctx, t, d.Stream, func(c *change) error {
		late = nil
		c.settled = append(c.settled, d.ID)
		if err := s.decide(c, decision); !errors.As(err, &late) {
			return err
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if late != nil {
		return fmt.Sprintf("%s: %s changes nothing: %s", decision.By, decision.Action, late.Reason), nil
	}
	return fmt.Sprintf("%s: %s, the payment is %s", decision.By, decision.Action, p.Status), nil
}

// work runs a company's due work as its clock goes, until ctx ends. On a manual clock it leaves everything to Advance.
func (s *Simulator) work(ctx context.Context, t *tenant) {
	defer t.giveUp()
	for ctx.Err() == nil {
		mode, _ := t.clock.Mode()
		taken := 0
		if mode != clock.Manual {
			taken = s.takeAndRun(ctx, t)
		}
		if taken == 0 {
			s.rest(ctx, t)
		}
	}
}

const atOnce = 64

// leaveOthers is for how long due work is left to the process that took the call: a webhook leaves after the answer has been
// written, and only that process knows when. It is also how often a process looks whether another has left work undone.
const leaveOthers = time.Second

func (s *Simulator) takeAndRun(ctx context.Context, t *tenant) (taken int) {
	due, err := s.journal.Claim(ctx, t.id, journal.ClaimQuery{Until: t.clock.Now(), Limit: atOnce, Skip: t.held, OwnerFirst: leaveOthers})
	if err != nil {
		s.log.Error("due work", "company", t.id, "error", err)
		return 0
	}
	for _, d := range due {
		if dueKind(d.Kind) == dueAttempt {
			s.launch(t, d)
			continue
		}
		s.doLogged(ctx, t, d)
	}
	return len(due)
}

// launch tries a webhook beside everything else; a dead handler holds up its own company's lane only.
func (s *Simulator) launch(t *tenant, d journal.Job) {
	var data attempting
	if err := json.Unmarshal(d.Data, &data); err != nil {
		s.log.Error("due work", "company", t.id, "payment", d.Stream, "error", err)
		return
	}
	s.launched.Store(launch{t.id, d.ID}, true)
	s.lanes.Go(data.Lane, d.Stream, func() {
		s.launched.Delete(launch{t.id, d.ID})
		s.doLogged(context.Background(), t, d)
	})
}

// launch is an attempt that has been given to the lanes and has not begun.
type launch struct{ company, due string }

// landAll puts back what the lanes, now closed, never began: it stays due.
func (s *Simulator) landAll() (err error) {
	s.launched.Range(func(key, _ any) bool {
		l := key.(launch)
		err = errors.Join(err, s.journal.Release(context.Background(), l.company, l.due))
		return true
	})
	return err
}

// doLogged carries due work out. What fails, because the journal can't be written, is tried again after a while, for as long
// as the worker runs; then it is due again after a restart.
func (s *Simulator) doLogged(ctx context.Context, t *tenant, d journal.Job) {
	_, err := s.do(context.WithoutCancel(ctx), t, d)
	if err == nil {
		return
	}
	s.log.Error("due work failed", "company", t.id, "error", err)
	go func() {
		if _, err := clock.New().Hold(t.life, afterFailure); err != nil {
			return
		}
		if err := s.journal.Release(t.life, t.id, d.ID); err != nil {
			s.log.Error("due work is put off until a restart", "company", t.id, "payment", d.Stream, "error", err)
		}
		t.nudge()
	}()
}

// afterFailure is how long due work that failed waits before it is tried again.
const afterFailure = time.Second

// rest waits for the next due time, for new work, or for the clock to be changed. Work that waits for its answer is passed
// over: the answer wakes the worker.
func (s *Simulator) rest(ctx context.Context, t *tenant) {
	t.asleepUntil.Store(upright) // whatever comes from here on wakes the worker again
	defer t.asleepUntil.Store(upright)
	at := t.clock.Now().Add(24 * time.Hour)
	if mode, _ := t.clock.Mode(); mode == clock.Manual {
		t.asleepUntil.Store(onlyWoken)
	} else {
		at = s.nextDue(ctx, t, at)
		t.asleepUntil.Store(at.UnixMilli())
		at = s.lookRound(t, at)
	}
	_ = t.clock.WaitUntil(ctx, at, t.wake)
}

// lookRound is when the worker looks whether another process has left work undone, which it might not hear of, or at when
// that is earlier. Work of others that is due now is left to them for a while.
func (s *Simulator) lookRound(t *tenant, at time.Time) time.Time {
	if !s.journal.Shared() {
		return at
	}
	_, factor := t.clock.Mode()
	now := t.clock.Now()
	round := now.Add(time.Duration(float64(leaveOthers) * factor))
	if at.After(round) || !at.After(now) {
		return round
	}
	return at
}

// nextDue is when the next work that waits for nothing but its time is due, or far when there is none.
func (s *Simulator) nextDue(ctx context.Context, t *tenant, far time.Time) time.Time {
	next, err := s.journal.PendingJobs(ctx, t.id, journal.JobQuery{Limit: 1 + t.holding()})
	if err != nil { // the journal may be back soon: nobody else would wake the worker up then
		s.log.Error("due work", "company", t.id, "error", err)
		return t.clock.Now().Add(afterFailure)
	}
	for _, d := range next {
		if !t.held(d.Stream) {
			return d.At
		}
	}
	return far
}
