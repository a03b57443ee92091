package tracing

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"mozartosim/simulator/clock"
)

func TestWanted(t *testing.T) {
	t.Parallel()
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 "
	for variables, says := range map[string]string{
		"":                                       "off",
		endpoint:                                 "on",
		endpoint + "OTEL_SDK_DISABLED=true":      "off",
		endpoint + "OTEL_TRACES_EXPORTER=none":   "off",
		endpoint + "OTEL_TRACES_EXPORTER=zipkin": `OTEL_TRACES_EXPORTER "zipkin" must be otlp or none`,
		endpoint + "OTEL_EXPORTER_OTLP_PROTOCOL=grpc":                         `OTEL_EXPORTER_OTLP_PROTOCOL "grpc" must be http/protobuf or http/json`,
		"OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317":                          "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://traces.example/v1/traces": "on",
	} {
		wanted, err := Wanted(func(name string) string {
			for _, variable := range strings.Fields(variables) {
				if value, ok := strings.CutPrefix(variable, name+"="); ok {
					return value
				}
			}
			return ""
		})
		got := map[bool]string{true: "on", false: "off"}[wanted]
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, says) {
			t.Errorf("%s: %s, should be %s", variables, got, says)
		}
	}
}

// The variables OTEL_… say where spans go and with what headers, what the service is called, and which calls are sampled; without
// them, or for a nil Tracer, nothing is made.
func TestEnvironment(t *testing.T) {
	var about, key string
	spans := 0
	gets := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var got otlp.TracesData
		body, err := io.ReadAll(r.Body)
		if err != nil || proto.Unmarshal(body, &got) != nil {
			t.Error(err, body)
		}
		about, key = got.ResourceSpans[0].Resource.String(), r.Header.Get("X-Key")
		spans += len(got.ResourceSpans[0].ScopeSpans[0].Spans)
	}))
	t.Cleanup(gets.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gets.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=k")
	t.Setenv("OTEL_SERVICE_NAME", "psp")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=ci")
	call := func(c Config) {
		tracer, err := New(t.Context(), c, "1", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		_, span := tracer.Call(t.Context(), httptest.NewRequest(http.MethodPost, "/", nil), clock.Wall())
		span.Stage("validate", clock.Wall(), clock.Wall(), nil)
		span.Close()
		if err := tracer.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	call(Config{})
	call(Config{Webhooks: true})
	if spans != 0 {
		t.Errorf("%d spans are exported that nobody asked for", spans)
	}
	call(Config{Environment: true})
	if spans != 2 || key != "k" || !strings.Contains(about, `"psp"`) || !strings.Contains(about, `"ci"`) {
		t.Errorf("%d spans with the header %q of %s", spans, key, about)
	}
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	if call(Config{Environment: true}); spans != 2 {
		t.Error("calls are exported that are not sampled")
	}
}
