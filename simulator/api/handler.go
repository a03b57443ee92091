package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/openapi"
	"mozartosim/simulator/cashier"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/refusal"
	"mozartosim/simulator/requestlog"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/tracing"
)

// VirtualDelay is the header of a manual clock's answers: how long another clock would have delayed them.
const VirtualDelay = "Mozartosim-Virtual-Delay"

// Cashier takes a payment through its stages. The error is one of the stages' typed errors.
type Cashier interface {
	Cashier(ctx context.Context, call *cashier.Call) (cashier.Answer, error)
	// ClockOf returns the clock of the company that an Authorization header names, for the hang of an undecodable token.
	ClockOf(authorization string) *clock.Clock
	// Refuse words why a call was refused; failed is what Cashier returned with the error, or the zero value.
	Refuse(failed cashier.Answer, err error) (refused refusal.Answer, unexpected bool)
}

// ScenarioHeader names a scenario for one call.
const ScenarioHeader = "Mozartosim-Scenario"

// Config configures the endpoint.
type Config struct {
	Cashier     Cashier
	Base        *listener.Base // the URL by which a call reached us
	Log         *slog.Logger
	MaxBody     int64         // bytes
	BodyTimeout time.Duration // for the body to arrive, as the listener has it; for the message
	Hang        time.Duration // before the gateway's 504 (assumed: 30 s)
	MaxHanging  int           // calls that may hang at the same time; more get their 504 at once
	Observe     func(status int, took time.Duration)
	Requests    requestlog.Keeper // keeps every call
	Tracer      *tracing.Tracer   // nil = calls have no spans
}

// handler serves the one endpoint.
type handler struct {
	Config
	hanging chan struct{}
}

// Mount adds the endpoint to a router, with the answers to a wrong method and an unknown path.
func Mount(router *mux.Router, c Config) {
	h := &handler{Config: c, hanging: make(chan struct{}, max(1, c.MaxHanging))}
	router.HandleFunc(openapi.CashierPath, h.call).Methods(http.MethodPost)
	router.HandleFunc(openapi.CashierPath, h.wrongMethod)
	router.NotFoundHandler = http.HandlerFunc(h.unknownPath)
}

func (h *handler) call(w http.ResponseWriter, r *http.Request) {
	began := clock.Wall()
	c := h.begin(w, r)
	ctx, span := h.Tracer.Call(r.Context(), r, began)
	defer span.Close()
	answer, err := h.serve(ctx, w, r, c, span)
	switch {
	case errors.Is(err, identity.ErrUndecodable):
		h.Log.InfoContext(ctx, "call hangs", "request", c.ID, "reason", mask.Text(err.Error()))
		answer.Status = http.StatusGatewayTimeout
		h.record(span, c, answer, began)
		answer = h.hang(w, r)
	case err != nil:
		refused := h.explain(ctx, c.ID, answer, err)
		answer.Status, answer.Body, answer.Header = refused.Status, refused.Body, refused.Header
		if c.Stage == "" {
			c.Stage, c.Reason, c.Rule = readStage, err.Error(), "one-json-object"
		}
		fallthrough
	default:
		if answer.Fault == scenario.Hang { // the gateway's, in the place of the answer
			answer.Status = http.StatusGatewayTimeout
		}
		h.record(span, c, answer, began)
	}
	h.send(w, r, answer)
	h.Observe(answer.Status, clock.Wall().Sub(began))
}

// told adds to a call's span what is known of the call.
func told(span *tracing.Span, c *requestlog.Call) {
	span.Answered(c.Status)
	span.Add("request", c.ID, "company", c.Company, "psp", c.PSP, "type", c.Type, "payment", c.Payment, "scenario", c.Scenario,
		"stage", c.Stage, "rule", c.Rule, "reason", c.Reason, "fault", c.Fault)
}

// readStage is the stage that this package is: method, path, size and JSON.
const readStage = "read"

// begin gives a call the id that the answer, the log and the log of calls name it by.
func (h *handler) begin(w http.ResponseWriter, r *http.Request) *requestlog.Call {
	c := requestlog.NewCall(h.Requests.NewID(), r)
	w.Header()[requestlog.Header] = []string{c.ID}
	return c
}

// record adds what is known of a call to its span and hands the call over, once its answer is known and before it is sent: who has the
// answer finds the call. It must not be read afterwards.
func (h *handler) record(span *tracing.Span, c *requestlog.Call, a cashier.Answer, began time.Time) {
	now := clock.Wall()
	c.Status, c.At, c.Took, c.Fault = a.Status, now, now.Sub(began), string(a.Fault)
	if a.Clock != nil {
		c.At = a.Clock.Now()
	}
	if c.Stage != "" {
		c.Answered = a.Body
	}
	if c.Payment != "" { // which has the body
		c.Sent, c.Answered = openapi.Document{}, nil
	}
	told(span, c)
	h.Requests.Record(c)
}

func (h *handler) serve(ctx context.Context, w http.ResponseWriter, r *http.Request, c *requestlog.Call, span *tracing.Span) (cashier.Answer, error) {
	if err := contentType(r.Header.Get("Content-Type")); err != nil {
		return cashier.Answer{}, err
	}
	raw, err := h.read(w, r)
	if err != nil {
		return cashier.Answer{}, err
	}
	body, err := openapi.Decode(raw)
	c.Sent, c.BodyBytes = openapi.Document{Raw: raw, Fields: body.Fields}, int64(len(raw))
	if err != nil {
		return cashier.Answer{}, err
	}
	return h.Cashier.Cashier(ctx, &cashier.Call{
		Authorization:     r.Header.Get("Authorization"),
		UserToken:         r.Header.Get("X-User-Token"),
		UserAuthorization: r.Header.Get("X-User-Authorization"),
		UserAgent:         r.UserAgent(),
		Scenario:          r.Header.Get(ScenarioHeader),
		PublicURL:         h.Base.Of(r),
		Kept:              c,
		Span:              span,
		Body:              body,
	})
}

// contentType accepts JSON, with or without a charset, or nothing at all (assumed).
func contentType(header string) error {
	if header == "" || header == "application/json" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil || kind != "application/json" {
		return &refusal.Request{Status: http.StatusUnsupportedMediaType, Message: "Unsupported media type", Problem: "Content-Type must be application/json"}
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return &refusal.Request{Status: http.StatusUnsupportedMediaType, Message: "Unsupported media type", Problem: "Content-Type must not name another charset than utf-8"}
	}
	return nil
}

// read returns the whole body in a slice of its own.
func (h *handler) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, &refusal.Request{Status: http.StatusUnsupportedMediaType, Message: "Unsupported media type", Problem: "Content-Encoding must not be set: compressed bodies are refused"}
	}
	if r.ContentLength > h.MaxBody {
		if r.Header.Get("Expect") == "" { // else the client waits to be told to send it
			_, _ = io.CopyN(io.Discard, r.Body, h.MaxBody+1) // it may miss an answer that comes while it is still sending
		}
		return nil, refusal.TooLarge(h.MaxBody)
	}
	body, err := readBody(w, r, h.MaxBody)
	if err == nil {
		return body, nil
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refusal.TooLarge(h.MaxBody)
	case isTimeout(err):
		return nil, &refusal.Request{Status: http.StatusRequestTimeout, Message: "Request timeout", Problem: "body must arrive within " + h.BodyTimeout.String()}
	}
	return nil, &openapi.SyntaxError{Reason: "must arrive whole"}
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength < 0 || r.ContentLength > 64<<10 {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, body)
	return body, err
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// setHeader sets an answer's own headers, and Content-Type unless it is one of them.
func setHeader(header http.Header, a cashier.Answer) {
	maps.Copy(header, a.Header)
	if _, set := header["Content-Type"]; !set {
		header["Content-Type"] = jsonType
	}
}

func write(w http.ResponseWriter, a cashier.Answer) {
	header := w.Header()
	setHeader(header, a)
	if a.Status == http.StatusRequestTimeout || a.Status == http.StatusRequestEntityTooLarge {
		header.Set("Connection", "close")
	}
	if header.Get("Content-Length") == "" && a.Status >= 200 && a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
	if a.Written != nil { // it is called only after the answer was sent
		_ = http.NewResponseController(w).Flush()
	}
}

var jsonType = []string{"application/json; charset=utf-8"}

// explain words a refusal. On the wire the vendor says little; the log has the reason.
func (h *handler) explain(ctx context.Context, id string, failed cashier.Answer, err error) cashier.Answer {
	refused, unexpected := h.Cashier.Refuse(failed, err)
	switch {
	case !unexpected:
		h.Log.InfoContext(ctx, "call refused", "request", id, "status", refused.Status, "reason", mask.Text(err.Error()))
	case ctx.Err() == nil:
		h.Log.ErrorContext(ctx, "call failed unexpectedly", "request", id, "error", mask.Text(err.Error()))
	}
	answer := cashier.Answer{Status: refused.Status, Body: refused.Body(), Header: refused.Header}
	if refused.Error != "" {
		answer.Header = http.Header{refusal.ErrorHeader: {refused.Error}, "Retry-After": {"1"}}
	}
	return answer
}

func (h *handler) wrongMethod(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	h.refuse(w, r, &refusal.Request{Status: http.StatusMethodNotAllowed, Message: "Method not allowed"},
		"the method must be POST, not "+r.Method)
}

func (h *handler) unknownPath(w http.ResponseWriter, r *http.Request) {
	reason := "the path must be " + openapi.CashierPath
	if strings.HasPrefix(r.URL.Path, "/v1/companies") || strings.HasPrefix(r.URL.Path, "/v1/payments") {
		reason += ": this is the public listener; the admin API has another address"
	}
	h.refuse(w, r, &refusal.Request{Status: http.StatusNotFound, Message: "Not found"}, reason)
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, e *refusal.Request, reason string) {
	refused, _ := h.Cashier.Refuse(cashier.Answer{}, e)
	answer := cashier.Answer{Status: refused.Status, Body: refused.Body(), Header: refused.Header}
	c := h.begin(w, r)
	c.Stage, c.Reason, c.Rule = readStage, reason, "one-endpoint"
	h.record(nil, c, answer, clock.Wall())
	write(w, answer)
	h.Observe(answer.Status, 0)
}

// hang holds the call as the vendor's backend does when it can't decode x-user-token, then answers as its gateway
// (documented; duration and page are assumed). On a manual clock it answers at once.
func (h *handler) hang(w http.ResponseWriter, r *http.Request) cashier.Answer {
	w.Header().Set("Content-Type", "text/html")
	answer := cashier.Answer{Status: http.StatusGatewayTimeout, Body: []byte(gatewayTimeout)}
	select {
	case h.hanging <- struct{}{}:
		defer func() { <-h.hanging }()
	default:
		return answer
	}
	h.hold(w, r, h.Cashier.ClockOf(r.Header.Get("Authorization")), h.Hang)
	return answer
}

const gatewayTimeout = `<html>
<head><title>504 Gateway Time-out</title></head>
<body>
<center><h1>504 Gateway Time-out</h1></center>
</body>
</html>
`
