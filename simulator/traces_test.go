package simulator

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/tracing"
)

// collector is an OTLP collector that keeps what it gets.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*otlp.Span
	about map[string]string // attributes of the resource
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{about: map[string]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var got otlp.TracesData // on the wire it is an ExportTraceServiceRequest
		if err = cmp.Or(err, proto.Unmarshal(body, &got)); err != nil || r.URL.Path != "/v1/traces" {
			t.Error(r.URL.Path, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range got.ResourceSpans {
			for _, a := range resource.Resource.Attributes {
				c.about[a.Key] = a.Value.GetStringValue()
			}
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// tree lists spans with their parents in the order of their beginnings, each with the attributes that are asked for.
func (c *collector) tree(attributes ...string) (lines []string) {
	names := map[string]string{}
	for _, s := range c.spans {
		names[string(s.SpanId)] = s.Name
	}
	slices.SortFunc(c.spans, func(a, b *otlp.Span) int { return cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })
	for _, s := range c.spans {
		line := cmp.Or(names[string(s.ParentSpanId)], fmt.Sprintf("%x", s.ParentSpanId)) + " > " + s.Name
		for _, a := range s.Attributes {
			if slices.Contains(attributes, a.Key) {
				line += fmt.Sprintf(" %s=%s", a.Key, cmp.Or(a.Value.GetStringValue(), fmt.Sprint(a.Value.GetIntValue())))
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// traced is a simulator whose webhooks go to a handler of its own.
func traced(t *testing.T, handler http.HandlerFunc, change func(*Config)) (h *testSimulator, c *backoffice.Company) {
	t.Helper()
	hook := httptest.NewServer(handler)
	t.Cleanup(hook.Close)
	h = open(t, change)
	return h, h.company("Traced", h.configure("PAYONE", map[string]any{"webhookUrl": hook.URL}))
}

// madeBy is the payment that a call's answer names.
func madeBy(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	doc, err := openapi.Decode(answer.Body.Bytes())
	must(t, err)
	return doc.Text("data.transactionId")
}

const (
	callersTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersHeader = "00-" + callersTrace + "-00f067aa0ba902b7-01"
)

// A merchant's call, its stages, the jobs that follow, each attempt to deliver the webhook, and the handler's own span are one trace:
// that of the merchant's traceparent. Log lines of the trace carry its ids.
func TestTraceFromCallToHandler(t *testing.T) {
	t.Parallel()
	gets, logged := newCollector(t), &bytes.Buffer{}
	var seen []string
	h, c := traced(t, func(w http.ResponseWriter, r *http.Request) {
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		of := trace.SpanContextFromContext(ctx)
		seen = append(seen, of.TraceID().String()+" "+of.SpanID().String())
		if len(seen) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}, func(c *Config) {
		c.Traces = tracing.Config{Endpoint: gets.URL, Webhooks: true}
		c.Log = slog.New(slog.NewTextHandler(logged, nil))
	})
	header := h.header(c)
	header.Set("Traceparent", callersHeader)
	made := h.call(header, h.changed(t, "PayonePayInRequest", nil))
	if made.Code != http.StatusOK {
		t.Fatal(made.Body)
	}
	refused := h.call(header, `{"pspType":"PAYONE","type":"PAYIN"}`)
	_, err := h.scheduler.Advance(t.Context(), c.ID, scheduler.Advance{By: 24 * time.Hour})
	must(t, err)
	must(t, h.tracer.Close(t.Context()))

	const call = "POST /v1/api/mozarto/cashier"
	lines := gets.tree("mozartosim.attempt", "mozartosim.rule", "http.response.status_code", "mozartosim.status")
	wanted := []string{
		"00f067aa0ba902b7 > " + call + " http.response.status_code=200",
		call + " > identify", call + " > validate", call + " > route", call + " > judge", call + " > plan", call + " > answer",
		"00f067aa0ba902b7 > " + call + fmt.Sprintf(" http.response.status_code=%d mozartosim.rule=PayonePayInRequest.", refused.Code),
		call + " > identify", call + " > validate",
		call + " > job decision mozartosim.status=approved",
		call + " > webhook http.response.status_code=500 mozartosim.attempt=1",
		call + " > webhook http.response.status_code=200 mozartosim.attempt=2",
	}
	if !slices.EqualFunc(lines, wanted, strings.HasPrefix) {
		t.Errorf("the spans are\n%s\nand should be\n%s", strings.Join(lines, "\n"), strings.Join(wanted, "\n"))
	}
	payments, attempts := map[string]int{}, []string{}
	for _, s := range gets.spans {
		if got := fmt.Sprintf("%x", s.TraceId); got != callersTrace {
			t.Errorf("%s is in the trace %s", s.Name, got)
		}
		for _, a := range s.Attributes {
			if a.Key == "mozartosim.payment" {
				payments[a.Value.GetStringValue()]++
			}
		}
		if s.Name == "webhook" {
			attempts = append(attempts, fmt.Sprintf("%s %x", callersTrace, s.SpanId))
		}
	}
	if len(payments) != 1 || payments[madeBy(t, made)] < 4 {
		t.Errorf("spans name the payments %v, not the one of the call", payments)
	}
	if !slices.Equal(seen, attempts) {
		t.Errorf("the handler continues the spans %v, not those of the attempts %v", seen, attempts)
	}
	if gets.about["service.name"] != "mozartosim" || gets.about["service.version"] != "devel" {
		t.Errorf("the spans are of %v", gets.about)
	}
	for _, line := range []string{"call refused", "webhook failed"} {
		if !strings.Contains(logged.String(), line) || !strings.Contains(logged.String(), "trace_id="+callersTrace) {
			t.Errorf("the log does not say %q with the trace's id:\n%s", line, logged)
		}
	}
	for _, secret := range []string{c.Credentials.SecretKey, header.Get("Authorization"), header.Get("X-User-Token")} {
		if strings.Contains(fmt.Sprint(gets.spans), secret) {
			t.Error("spans tell a secret")
		}
	}
}

// A call that begins again, since another process has changed a setting, has each of its stages once.
func TestTraceOfCallThatBeginsAgain(t *testing.T) {
	t.Parallel()
	gets, j := newCollector(t), shared{journal.NewMemory(0)}
	a := open(t, on(j)).adminOf(t, "both", nil)
	b := a.in(open(t, func(c *Config) {
		on(j)(c)
		c.Traces = tracing.Config{Endpoint: gets.URL}
	}))
	a.call("PUT", a.at("/clock"), `{"mode": "manual"}`).want(200)
	b.made("PayonePayInRequest")
	must(t, b.tracer.Close(t.Context()))
	var stages []string
	for _, line := range gets.tree() {
		if _, stage, isStage := strings.Cut(line, "cashier > "); isStage {
			stages = append(stages, stage)
		}
	}
	if got := strings.Join(stages, " "); got != "identify validate route judge plan answer" {
		t.Errorf("the stages are %s", got)
	}
}

// Without an export, webhooks pass the merchant's own traceparent on; and nothing is sent unless it was asked for.
func TestTraceparentWithoutExport(t *testing.T) {
	t.Parallel()
	for asked, wanted := range map[bool]string{true: callersHeader, false: ""} {
		got := "none came"
		h, c := traced(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Traceparent") },
			func(c *Config) { c.Traces.Webhooks = asked })
		header := h.header(c)
		header.Set("Traceparent", callersHeader)
		made := h.call(header, h.changed(t, "PayonePayInRequest", nil))
		_, err := h.scheduler.Advance(t.Context(), c.ID, scheduler.Advance{By: time.Hour})
		must(t, err)
		if got != wanted {
			t.Errorf("asked for: %v, traceparent of the webhook is %q", asked, got)
		}
		p, _, err := h.payments.Read(t.Context(), c.ID, madeBy(t, made))
		must(t, err)
		if p.Trace != wanted {
			t.Errorf("the payment keeps %q", p.Trace)
		}
	}
}

// A collector that is not there is told of in the log, and disturbs nothing.
func TestCollectorIsGone(t *testing.T) {
	t.Parallel()
	gets, logged := newCollector(t), &bytes.Buffer{}
	gets.Config.Handler = http.NotFoundHandler()
	h, c := traced(t, func(http.ResponseWriter, *http.Request) {}, func(c *Config) {
		c.Traces.Endpoint = gets.URL
		c.Log = slog.New(slog.NewTextHandler(logged, nil))
	})
	if made := h.pay(c, h.changed(t, "PayonePayInRequest", nil)); made.Code != http.StatusOK {
		t.Error(made.Body)
	}
	must(t, h.tracer.Close(context.Background()))
	if !strings.Contains(logged.String(), "spans can't be exported") {
		t.Errorf("the log says\n%s", logged)
	}
}
