package tracing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// Config says what becomes of traces. The zero value switches them off.
type Config struct {
	Endpoint    string // an OTLP collector's base URL, which goes before the environment's; "" = the environment's
	Environment bool   // export as the variables OTEL_… say
	Webhooks    bool   // send traceparent with webhooks
}

// Wanted says whether variables ask for an export of traces. The error names the one that asks for what there is none of.
func Wanted(get func(name string) string) (bool, error) {
	endpoint := cmp.Or(get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), get("OTEL_EXPORTER_OTLP_ENDPOINT"))
	if endpoint == "" || strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") || get("OTEL_TRACES_EXPORTER") == "none" {
		return false, nil
	}
	if exporter := get("OTEL_TRACES_EXPORTER"); exporter != "" && exporter != "otlp" {
		return false, fmt.Errorf("OTEL_TRACES_EXPORTER %q must be otlp or none", exporter)
	}
	protocol := cmp.Or(get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), get("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf")
	if !slices.Contains([]string{"http/protobuf", "http/json"}, protocol) {
		return false, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL %q must be http/protobuf or http/json: a collector listens for them at port 4318", protocol)
	}
	_, err := openapi.WebURL("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "http://localhost:4318")
	return true, err
}

// Validate names the flag that is wrong.
func (c Config) Validate() error {
	if c.Endpoint == "" {
		return nil
	}
	_, err := openapi.WebURL("otlp-endpoint", c.Endpoint, "http://localhost:4318")
	return err
}

// Tracer makes the spans of a simulator.
type Tracer struct {
	tracer   trace.Tracer
	provider *sdk.TracerProvider // nil = spans are not exported
	webhooks bool
}

// New makes a Tracer, nil when there is nothing to do. Without an export a webhook's traceparent is that of the merchant's call.
func New(ctx context.Context, c Config, version string, log *slog.Logger) (*Tracer, error) {
	if !c.Environment && c.Endpoint == "" {
		if !c.Webhooks {
			return nil, nil //nolint:nilnil // a nil Tracer is one that does nothing
		}
		return &Tracer{tracer: noop.NewTracerProvider().Tracer(""), webhooks: true}, nil
	}
	var options []otlptracehttp.Option
	if c.Endpoint != "" {
		options = append(options, otlptracehttp.WithEndpointURL(strings.TrimRight(c.Endpoint, "/")+"/v1/traces"))
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("export of traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "mozartosim"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(telling{exporter, log}), sdk.WithResource(about))
	return &Tracer{tracer: provider.Tracer("mozartosim"), provider: provider, webhooks: c.Webhooks}, nil
}

// Close exports the spans that have ended.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil || t.provider == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("export of traces: %w", err)
	}
	return nil
}

// telling is an exporter that logs what fails: the simulator works without its collector.
type telling struct {
	sdk.SpanExporter
	log *slog.Logger
}

func (e telling) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.log.Warn("spans can't be exported", "spans", len(spans), "error", mask.Text(err.Error()))
	}
	return nil
}

// Log adds the ids of a context's span to the lines of a log.
func (t *Tracer) Log(log *slog.Logger) *slog.Logger {
	if t == nil {
		return log
	}
	return slog.New(traced{log.Handler()})
}

type traced struct{ slog.Handler }

func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if of := trace.SpanContextFromContext(ctx); of.IsValid() {
		r.AddAttrs(slog.String("trace_id", of.TraceID().String()), slog.String("span_id", of.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }
func (h traced) WithGroup(name string) slog.Handler       { return traced{h.Handler.WithGroup(name)} }
