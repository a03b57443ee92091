package steps

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"mozartosim/features/cells"
	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// makePayment sends a valid request that must succeed: for scenarios that begin after the call.
func makePayment(ctx context.Context, w *World, psp, flow string) error {
	return makePaymentWith(ctx, w, psp, flow, nil)
}

func makePaymentWith(ctx context.Context, w *World, psp, flow string, t cells.Table) error {
	if err := requestWith(w, psp, flow, t); err != nil {
		return err
	}
	if err := send(ctx, w); err != nil {
		return err
	}
	return answerSucceeds(w.answers[len(w.answers)-1])
}

// makePaymentBy lets a scenario of the simulator decide what happens.
func makePaymentBy(ctx context.Context, w *World, psp, flow, scenario string) error {
	if err := validRequest(w, psp, flow); err != nil {
		return err
	}
	return sendBy(ctx, w, scenario)
}

func sendBy(ctx context.Context, w *World, scenario string) error {
	return sendWithHeader(ctx, w, "Mozartosim-Scenario", scenario)
}

func sendWithHeader(ctx context.Context, w *World, name, value string) error {
	w.headers.Set(name, value)
	defer w.headers.Del(name)
	return send(ctx, w)
}

func presentHeader(w *World, name, value string) error {
	w.headers.Set(name, value)
	return nil
}

func sendTimes(ctx context.Context, w *World, n int) error {
	for range n {
		if err := send(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// send sends the request with the company's credentials, unless steps have said otherwise.
func send(ctx context.Context, w *World) error {
	return sendTo(ctx, w, http.MethodPost, openapi.CashierPath)
}

// sendTo makes one call and keeps it. What goes wrong on the way is part of the answer and no error of the step.
func sendTo(ctx context.Context, w *World, method, path string) error {
	c, err := w.caller(ctx)
	if err != nil {
		return err
	}
	r, err := w.ready()
	if err != nil && method == http.MethodPost {
		return err
	}
	var body []byte
	if r != nil && method != http.MethodGet {
		if body, err = r.body(); err != nil {
			return err
		}
	}
	if w.env.Check != nil {
		if err := w.env.Check(body); err != nil {
			return err
		}
	}
	call, err := http.NewRequestWithContext(ctx, method, w.env.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the call can't be made: %w", err)
	}
	w.credentials.present(call.Header, c)
	maps.Copy(call.Header, w.headers)
	exchange(w, call, body)
	if r != nil && w.company != nil {
		if reference, _ := r.fields["merchantReference"].(string); reference != "" && (!w.company.Shared || strings.Contains(reference, w.key)) {
			w.ids[reference] = true
		}
	}
	return ctx.Err()
}

// exchange sends a call and keeps the answer, and both as evidence, masked.
func exchange(w *World, call *http.Request, body []byte) {
	a := &answer{op: w.operation(), by: w.acting, exchange: len(w.exchanges), begun: w.env.Now()}
	got, err := w.env.Client.Do(call)
	a.at, a.arrived = w.clock, w.env.Now()
	if a.err = err; err == nil {
		a.status, a.header = got.StatusCode, got.Header
		a.body, a.err = io.ReadAll(got.Body)
		_ = got.Body.Close() // it has been read
		a.doc, _ = openapi.Decode(a.body)
	}
	a.masked = w.masker.Body(a.body)
	e := evidence.Exchange{
		Request: evidence.Message{
			Method: call.Method, Path: call.URL.RequestURI(), Headers: w.masker.Header(call.Header), Body: w.masker.Body(body),
		},
		Answer: evidence.Message{Status: a.status, Headers: w.masker.Header(a.header), Body: a.masked},
	}
	if a.op != nil {
		e.PSP, e.Type, e.Variant = a.op.PSP, a.op.Type, a.op.Variant
	}
	if len(e.Request.Body) > longBody {
		e.Request.Body = shortened(e.Request.Body)
	}
	w.keep(e, a.begun, w.env.Now(), a.err)
	w.answers = append(w.answers, a)
	for _, name := range idFields() {
		if id := a.doc.Text(name); id != "" {
			w.ids[id] = true
		}
	}
}

// idFields are where answers name the payment.
func idFields() []string { return []string{"data.transactionId", "transactionId", "data.reference_no"} }

// companyToken lets the next calls present a company token that is wrong in some way.
func companyToken(w *World, c *Company, kind string) error {
	now := w.clock // by which the target judges tokens
	if now.IsZero() {
		now = w.env.Now()
	}
	if (kind == "expired" || kind == "foreign") && c.SecretKey == "" {
		return &NotRun{"needs the company's apiKey and secretKey to mint such a token"}
	}
	token := ""
	switch kind {
	case "tampered":
		token = tampered(c.Token)
	case "unsigned":
		token = unsigned(c.Token)
	case "garbled":
		token = "not-a-token"
	case "unknown":
		token = CompanyToken("mz_nobody_knows_this_key", "a-secret-that-signs-nothing", now, time.Time{})
	case "schemeless":
		w.credentials.company = new(c.Token)
		return nil
	case "expired":
		token = CompanyToken(c.APIKey, c.SecretKey, now.Add(-2*time.Hour), now.Add(-time.Hour))
	case "foreign":
		token = CompanyToken(c.APIKey, "a-secret-that-is-not-the-company's", now, time.Time{})
	default:
		return fmt.Errorf("there is no %s company token: use tampered, unsigned, garbled, unknown, schemeless, expired or foreign", kind)
	}
	token = "Bearer " + token
	w.credentials.company = &token
	return nil
}

func noCompanyToken(w *World) error {
	w.credentials.company = new("")
	return nil
}

func noUserToken(w *World) error {
	w.credentials.user = new("")
	return nil
}

func undecodableUserToken(w *World) error {
	w.credentials.user = new("Bearer this-is-no-jwt")
	return nil
}

// userTokenWith changes claims of the shopper's token.
func userTokenWith(w *World, c *Company, t cells.Table) error {
	pairs, err := t.Pairs("claim", "value")
	if err != nil {
		return err
	}
	claims := maps.Clone(c.User)
	for _, p := range pairs {
		switch p[1] {
		case "(absent)":
			delete(claims, p[0])
		case "(empty)":
			claims[p[0]] = ""
		default:
			claims[p[0]] = strings.ReplaceAll(p[1], "{unique}", w.key)
		}
	}
	w.credentials.user = new("Bearer " + signed(claims, "signed-by-the-merchant"))
	return nil
}

func userTokenWithout(w *World, c *Company, claim string) error {
	return userTokenWith(w, c, cells.Table{{claim, "(absent)"}})
}

func sessionToken(w *World, token string) error {
	w.credentials.session = new("Bearer " + token)
	return nil
}
