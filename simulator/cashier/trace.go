package cashier

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/metrics"
	"mozartosim/simulator/tracing"
)

// timers decides which calls have their stages timed.
type timers struct{ turn atomic.Uint64 }

// oneIn is how many calls share one that is timed: timing all of them would cost as much as a stage.
const oneIn = 16

// timer times the stages of one call.
type timer struct {
	metrics *metrics.Metrics
	span    *tracing.Span // of which the stages are spans
	on      bool
	began   time.Time
	stages  []timed
	ended   string // the stage that refused the call, "" when none did
}

// timed is a stage that has ended.
type timed struct {
	name         string
	began, ended time.Time
	refused      error
}

// start begins to time a call; always, or a span that is on, times its stages whatever its turn.
func (t *timers) start(m *metrics.Metrics, span *tracing.Span, always bool) timer {
	w := timer{metrics: m, span: span, on: always || span.On() || t.turn.Add(1)%oneIn == 0}
	if w.on {
		w.began = clock.Wall()
	}
	return w
}

func (t *timer) passed(stage string, refused error) {
	if !t.on {
		return
	}
	now := clock.Wall()
	t.stages = append(t.stages, timed{stage, t.began, now, refused})
	t.began = now
}

// again is for a call that begins again: what it took until now counts for its first stage.
func (t *timer) again() {
	if len(t.stages) > 0 {
		t.began = t.stages[0].began
		t.stages = t.stages[:0]
	}
}

// end tells what the stages took, each once.
func (t *timer) end() {
	for _, s := range t.stages {
		t.span.Stage(s.name, s.began, s.ended, s.refused)
		t.metrics.StageTook(s.name, s.ended.Sub(s.began))
	}
}

func (t *timer) refused(stage string, err error) {
	t.ended = stage
	t.metrics.StageRefused(stage)
	t.passed(stage, err)
}

// trace logs a call's stages, when that was asked for.
func (p *Pipeline) trace(ctx context.Context, c *call, t timer, refused error) {
	if !p.Trace {
		return
	}
	var attrs []any
	add := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	add("request", c.request.Kept.ID)
	if c.company != nil {
		add("company", c.company.Name)
	}
	if c.operation != nil {
		add("psp", c.operation.PSP)
		add("type", c.operation.Type)
	}
	add("payment", c.asked.Terms.ID)
	add("scenario", c.plan.Scenario)
	var took []slog.Attr
	for _, s := range t.stages {
		took = append(took, slog.Duration(s.name, s.ended.Sub(s.began)))
	}
	attrs = append(attrs, slog.GroupAttrs("took", took...))
	if refused != nil {
		add("stopped", t.ended)
		add("reason", mask.Text(refused.Error()))
	} else {
		attrs = append(attrs, slog.Int("answered", c.answer.Status))
	}
	p.Log.InfoContext(ctx, "call", attrs...)
}
