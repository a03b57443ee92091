package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// Metrics are those of one simulator, in a registry of its own.
type Metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
	accepted prometheus.Observer // of calls, for the status that most have
	payments *prometheus.CounterVec
	attempts *prometheus.CounterVec
	stages   *prometheus.HistogramVec
	refusals *prometheus.CounterVec
	jobs     *prometheus.CounterVec
	limits   *prometheus.CounterVec
	drops    *prometheus.CounterVec

	unrecorded prometheus.Counter
}

// New makes them, all zero.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mozartosim_calls_seconds", Help: "Calls of the Cashier API by HTTP status.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .05, .1, .5, 1, 5, 30},
		}, []string{"status"}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mozartosim_stage_seconds", Help: "How long a call's stages take; one call in 16 is timed, all of them with --trace.",
			Buckets: []float64{.000001, .0000025, .000005, .00001, .000025, .00005, .0001, .00025, .0005, .001, .01, .1, 1, 10},
		}, []string{"stage"}),
		payments: counter("mozartosim_payments_total", "Payments by provider, type and first status.", "psp", "type", "status"),
		attempts: counter("mozartosim_webhook_attempts_total", "Attempts to deliver webhooks by the delivery's state after it.", "state"),
		refusals: counter("mozartosim_stage_refusals_total", "Calls that a stage refused.", "stage"),
		jobs:     counter("mozartosim_jobs_total", "Scheduled jobs that were run, by kind and by whether they failed.", "kind", "failed"),
		limits:   counter("mozartosim_limit_reached_total", "What was refused because a limit was reached.", "limit"),
		drops:    counter("mozartosim_dropped_total", "Payments, and their jobs, that were dropped because a limit was reached.", "what", "limit"),
	}
	m.unrecorded = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "mozartosim_webhook_attempts_unrecorded_total",
		Help: "Webhooks that were sent and whose result could not be recorded at once: it is kept and recorded later, the webhook is not sent again.",
	})
	m.accepted = m.calls.WithLabelValues(strconv.Itoa(http.StatusOK))
	m.registry.MustRegister(
		m.calls, m.stages, m.payments, m.attempts, m.refusals, m.jobs, m.limits, m.drops, m.unrecorded,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// WatchJournal shows what a journal keeps and what it has dropped.
func (m *Metrics) WatchJournal(j journal.Journal) { m.registry.MustRegister(journalCollector{j}) }

// journalCollector reads a journal once for all that is shown of it, so that it adds up. While the journal can't be read it shows
// nothing.
type journalCollector struct{ journal journal.Journal }

// Describe implements prometheus.Collector; that it describes nothing lets Collect leave things out.
func (journalCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c journalCollector) Collect(out chan<- prometheus.Metric) {
	stats, err := c.journal.Stats(context.Background(), "")
	if err != nil {
		return
	}
	gauge := func(value float64, state, name, help string) {
		var labels prometheus.Labels
		if state != "" {
			labels = prometheus.Labels{"state": state}
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), prometheus.GaugeValue, value)
	}
	gauge(float64(stats.Streams), "", "mozartosim_journal_streams", "Payments in the journal.")
	gauge(float64(stats.Bytes), "", "mozartosim_journal_bytes", "Bytes of events in the journal.")
	gauge(float64(stats.Dropped), "", "mozartosim_journal_dropped", "Payments dropped because the limit of kept payments was reached.")
	const jobs, help = "mozartosim_jobs", "Scheduled jobs: pending, claimed by a process that runs them, or done (run, cancelled, replaced or dropped)."
	gauge(float64(stats.Jobs-stats.Claimed), "pending", jobs, help)
	gauge(float64(stats.Claimed), "claimed", jobs, help)
	gauge(float64(stats.Done), "done", jobs, help)
	gauge(float64(stats.Jobs)+float64(stats.Done), "", "mozartosim_jobs_scheduled", "Jobs that were ever scheduled: pending, claimed and done ones.")
}

// Call counts a call of the Cashier API.
func (m *Metrics) Call(status int, took time.Duration) {
	if status == http.StatusOK {
		m.accepted.Observe(took.Seconds())
		return
	}
	if status == http.StatusRequestEntityTooLarge {
		m.LimitReached("body")
	}
	m.calls.WithLabelValues(strconv.Itoa(status)).Observe(took.Seconds())
}

// StageTook records how long a stage of a call took.
func (m *Metrics) StageTook(stage string, took time.Duration) {
	m.stages.WithLabelValues(stage).Observe(took.Seconds())
}

// StageRefused counts a call that a stage refused.
func (m *Metrics) StageRefused(stage string) { m.refusals.WithLabelValues(stage).Inc() }

// Payment counts a payment with its first status.
func (m *Metrics) Payment(p payment.Payment) {
	m.payments.WithLabelValues(p.PSP, p.Type, string(p.Status)).Inc()
}

// Attempt counts an attempt to deliver a webhook.
func (m *Metrics) Attempt(a adminapi.Attempt) { m.attempts.WithLabelValues(a.State).Inc() }

// Unrecorded counts a webhook that was sent and whose result could not be recorded at once.
func (m *Metrics) Unrecorded() { m.unrecorded.Inc() }

// Job counts a scheduled job that was run.
func (m *Metrics) Job(kind string, failed bool) {
	m.jobs.WithLabelValues(kind, strconv.FormatBool(failed)).Inc()
}

// LimitReached counts what was refused because a limit was reached.
func (m *Metrics) LimitReached(limit string) { m.limits.WithLabelValues(limit).Inc() }

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
