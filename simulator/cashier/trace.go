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
	took    []slog.Attr
	ended   string // the stage that refused the call, "" when none did
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
	took := now.Sub(t.began)
	t.span.Stage(stage, t.began, now, refused)
	t.began = now
	t.took = append(t.took, slog.Duration(stage, took))
	t.metrics.StageTook(stage, took)
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
	attrs = append(attrs, slog.GroupAttrs("took", t.took...))
	if refused != nil {
		add("stopped", t.ended)
		add("reason", mask.Text(refused.Error()))
	} else {
		attrs = append(attrs, slog.Int("answered", c.answer.Status))
	}
	p.Log.InfoContext(ctx, "call", attrs...)
}
