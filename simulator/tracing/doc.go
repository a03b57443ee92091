// Package tracing makes OpenTelemetry spans and exports them by OTLP: of a merchant's call with its stages, of the jobs that follow,
// of each attempt to deliver a webhook. All spans of a payment belong to the trace of its call, which the payment keeps, so that other
// processes continue it. It is the only importer of OpenTelemetry; a nil Tracer, and a nil Span, do nothing.
package tracing
