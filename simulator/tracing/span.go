package tracing

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/mask"
)

// Span is one that has begun.
type Span struct {
	trace.Span
	of  *Tracer
	ctx context.Context //nolint:containedctx // of its children
}

// header is what carries a trace from process to process (W3C Trace Context).
const header = "Traceparent"

// Call begins the span of a merchant's call, in the trace that its traceparent names, and returns ctx with it.
func (t *Tracer) Call(ctx context.Context, r *http.Request, began time.Time) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	ctx, s := t.begin(ctx, r.Method+" "+r.URL.Path, trace.SpanKindServer, began)
	s.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("url.path", r.URL.Path))
	return ctx, s
}

// Attempt begins the span of an attempt to deliver a webhook, in the trace that its payment keeps.
func (t *Tracer) Attempt(ctx context.Context, kept string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	return t.begin(within(ctx, kept), "webhook", trace.SpanKindClient, clock.Wall())
}

// Job is the span of a job that has run, in the trace that its payment keeps. failed is nil when it did not fail.
func (t *Tracer) Job(ctx context.Context, kept, kind string, began time.Time, failed error, facts ...string) {
	if t == nil {
		return
	}
	_, s := t.begin(within(ctx, kept), "job "+kind, trace.SpanKindInternal, began)
	s.Add(facts...)
	s.Fail(failed)
	s.Close()
}

func (t *Tracer) begin(ctx context.Context, name string, kind trace.SpanKind, began time.Time) (context.Context, *Span) {
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithTimestamp(began))
	return ctx, &Span{span, t, ctx}
}

// within is a context of the span that a payment keeps.
func within(ctx context.Context, kept string) context.Context {
	return propagation.TraceContext{}.Extract(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), propagation.MapCarrier{"traceparent": kept})
}

// Kept is what a payment keeps of its call's span, "" when there is none.
func (s *Span) Kept() string {
	if s == nil {
		return ""
	}
	carried := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(s.ctx, carried)
	return carried["traceparent"]
}

// Send adds the span to a webhook's header, when that was asked for.
func (s *Span) Send(h http.Header) {
	if s == nil || !s.of.webhooks {
		return
	}
	if id := s.Kept(); id != "" {
		h.Set(header, id)
	}
}

// On says whether the span is recorded, so that its stages are to be timed.
func (s *Span) On() bool { return s != nil && s.IsRecording() }

// Stage adds a stage that has ended, which is a span of its own.
func (s *Span) Stage(name string, began, ended time.Time, failed error) {
	if !s.On() {
		return
	}
	_, stage := s.of.tracer.Start(s.ctx, name, trace.WithTimestamp(began))
	(&Span{Span: stage}).Fail(failed)
	stage.End(trace.WithTimestamp(ended))
}

// Add adds attributes, names and values by turns; empty values are left out.
func (s *Span) Add(facts ...string) {
	if !s.On() {
		return
	}
	for i := 0; i < len(facts); i += 2 {
		if value := facts[i+1]; value != "" {
			s.SetAttributes(attribute.String("mozartosim."+facts[i], mask.Text(value)))
		}
	}
}

// Answered adds the status of an answer.
func (s *Span) Answered(status int) {
	if s.On() && status > 0 {
		s.SetAttributes(attribute.Int("http.response.status_code", status))
	}
}

// Fail marks the span as failed, unless err is nil.
func (s *Span) Fail(err error) {
	if s.On() && err != nil {
		s.SetStatus(codes.Error, mask.Text(err.Error()))
	}
}

// Close ends the span.
func (s *Span) Close() {
	if s != nil {
		s.End(trace.WithTimestamp(clock.Wall()))
	}
}
