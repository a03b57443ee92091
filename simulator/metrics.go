package simulator

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// metrics are the simulator's own, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
	accepted prometheus.Observer // of calls, for the status that most have
	payments *prometheus.CounterVec
	attempts *prometheus.CounterVec
	stages   *prometheus.HistogramVec
	refusals *prometheus.CounterVec
	work     *prometheus.CounterVec
	limits   *prometheus.CounterVec
	turn     atomic.Uint64 // of calls to be timed
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mozartosim_calls_seconds", Help: "Calls of the Cashier API by HTTP status.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .05, .1, .5, 1, 5, 30},
		}, []string{"status"}),
		payments: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mozartosim_payments_total", Help: "Payments by provider, type and first status.",
		}, []string{"psp", "type", "status"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mozartosim_webhook_attempts_total", Help: "Attempts to deliver webhooks by what became of the delivery.",
		}, []string{"state"}),
	}
	m.stages = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "mozartosim_stage_seconds", Help: "How long a call's stages take; one call in 16 is timed, all of them under --trace.",
		Buckets: []float64{.000001, .0000025, .000005, .00001, .000025, .00005, .0001, .00025, .0005, .001, .01, .1, 1, 10},
	}, []string{"stage"})
	m.refusals = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mozartosim_stage_refusals_total", Help: "Calls that a stage refused.",
	}, []string{"stage"})
	m.work = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mozartosim_work_total", Help: "Due work that was carried out, by kind and by whether it failed.",
	}, []string{"kind", "failed"})
	m.limits = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mozartosim_limit_reached_total", Help: "What was refused because a bound was reached.",
	}, []string{"limit"})
	m.registry.MustRegister(m.stages, m.refusals, m.work, m.limits, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.accepted = m.calls.WithLabelValues(strconv.Itoa(http.StatusOK))
	m.registry.MustRegister(m.calls, m.payments, m.attempts)
	return m
}

// bound counts what a bound refuses.
func (m *metrics) bound(name string) { m.limits.WithLabelValues(name).Inc() }

// watch shows what the journal holds and what it dropped for want of room.
func (m *metrics) watch(j journal.Journal) {
	gauge := func(name, help string, read func(journal.Stats) float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			stats, err := j.Stats(context.Background(), "")
			if err != nil {
				return 0
			}
			return read(stats)
		}))
	}
	gauge("mozartosim_journal_streams", "Payments in the journal.", func(s journal.Stats) float64 { return float64(s.Streams) })
	gauge("mozartosim_due", "Due work that waits: decisions, notices, attempts.", func(s journal.Stats) float64 { return float64(s.Jobs) })
	gauge("mozartosim_journal_bytes", "Bytes of events in the journal.", func(s journal.Stats) float64 { return float64(s.Bytes) })
	gauge("mozartosim_journal_dropped", "Payments dropped for want of room.", func(s journal.Stats) float64 { return float64(s.Dropped) })
}

func (m *metrics) call(status int, took time.Duration) {
	if status == http.StatusOK {
		m.accepted.Observe(took.Seconds())
		return
	}
	if status == http.StatusRequestEntityTooLarge {
		m.bound("body")
	}
	m.calls.WithLabelValues(strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) payment(p payment.Payment) {
	m.payments.WithLabelValues(p.PSP, p.Type, string(p.Status)).Inc()
}

func (m *metrics) attempt(a payment.Attempt) {
	m.attempts.WithLabelValues(string(a.State)).Inc()
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
