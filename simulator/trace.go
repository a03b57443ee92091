package simulator

import (
	"log/slog"
	"time"

	"mozartosim/simulator/clock"
)

// walk is how one call came through the stages. Times are taken for every call that is traced, and else for one in many.
type walk struct {
	metrics *metrics
	timed   bool
	began   time.Time
	took    []stageTook
	ended   string // the stage that refused the call, "" when none did
}

type stageTook struct {
	stage string
	took  time.Duration
}

// oneIn is how many calls share one that is timed: taking the time of all would cost as much as a stage.
const oneIn = 16

// walk begins a call's walk; always has its stages timed whatever its turn.
func (m *metrics) walk(always bool) walk {
	w := walk{metrics: m, timed: always || m.turn.Add(1)%oneIn == 0}
	if w.timed {
		w.began = clock.Wall()
	}
	return w
}

func (w *walk) passed(stage string) {
	if !w.timed {
		return
	}
	now := clock.Wall()
	took := now.Sub(w.began)
	w.began = now
	w.took = append(w.took, stageTook{stage, took})
	w.metrics.stages.WithLabelValues(stage).Observe(took.Seconds())
}

func (w *walk) refused(stage string) {
	w.ended = stage
	w.metrics.refusals.WithLabelValues(stage).Inc()
	w.passed(stage)
}

// trace tells a call's walk through the stages, when that was asked for.
func (s *Simulator) trace(v *visit, w walk, refused error) {
	if !s.config.Trace {
		return
	}
	var told []any
	add := func(name, value string) {
		if value != "" {
			told = append(told, slog.String(name, value))
		}
	}
	if v.company != nil {
		add("company", v.company.Name)
	}
	if v.operation != nil {
		add("psp", v.operation.PSP)
		add("type", v.operation.Type)
	}
	if v.asked != nil {
		add("payment", v.asked.Terms.ID)
	}
	add("scenario", v.plan.Scenario)
	var stages []any
	for _, t := range w.took {
		stages = append(stages, slog.Duration(t.stage, t.took))
	}
	told = append(told, slog.Group("took", stages...))
	if refused != nil {
		add("stopped", w.ended)
		add("reason", refused.Error())
	} else {
		told = append(told, slog.Int("answered", v.answer.Status))
	}
	s.log.Info("walk", told...)
}

// traceWork tells what became of due work, when that was asked for.
func (s *Simulator) traceWork(company string, h CompletedJob) {
	if s.config.Trace {
		s.log.Info("due", "company", company, "payment", h.Payment, "at", h.At, "kind", h.Kind, "says", h.Description)
	}
}
