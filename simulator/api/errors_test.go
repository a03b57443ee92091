package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/refusal"
)

const paymentID = "665f1c2ab7e4d93a5c0f1a2b"

func TestExplain(t *testing.T) {
	t.Parallel()
	const internal = `{"status":"error","message":"Internal server error","isSuccess":false,"data":"Something went wrong"}`
	transport := func(code, message, data string) string {
		return `{"status":"error","isSuccess":false,"errorCode":"` + code + `","message":"` + message +
			`","transactionId":"` + paymentID + `","errors":[]` + data + `}`
	}
	const unexpectedly = "An unexpected error occurred. Contact support if it continues."
	tests := []struct {
		name       string
		err        error
		status     int
		body       string
		unexpected bool
	}{
		{"syntax", &openapi.SyntaxError{Reason: "must not be empty"}, 400,
			`{"status":"error","message":"Validation failed","isSuccess":false,"errors":["body must not be empty"]}`, false},
		{"unauthorized", identity.ErrUnauthorized, 401,
			`{"status":"error","message":"Unauthorized","isSuccess":false,"errors":[]}`, false},
		{"password expired", identity.ErrPasswordExpired, 403,
			`{"status":"error","message":"Password expired","isSuccess":false,"errors":[]}`, false},
		{"missing field", &openapi.Invalid{Missing: "address.city"}, 400,
			`{"status":"error","message":"Missing required field: address.city","isSuccess":false,"errors":[]}`, false},
		{"broken rules", &openapi.Invalid{Problems: openapi.Problems{{Path: "amount", Reason: "must not be empty"}, {Path: "email", Reason: "must be a valid email"}}}, 400,
			`{"status":"error","message":"Validation failed","isSuccess":false,"errors":["amount must not be empty","email must be a valid email"]}`, false},
		{"broken rule with odd letters", &openapi.Invalid{Problems: openapi.Problems{{Path: "x\"\\\n<&>é\u2028", Reason: "must not be set"}}}, 400,
			`{"status":"error","message":"Validation failed","isSuccess":false,"errors":["x\"\\\n<&>é` + "\u2028" + ` must not be set"]}`, false},
		{"no rule", &backoffice.RuleNotMatched{PSP: "PAYONE"}, 400,
			`{"status":"error","message":"Rules action is not matched","isSuccess":false,"errors":[]}`, false},
		{"no configuration, with the vendor's typo", &backoffice.PSPNotFound{PSP: "PAYONE"}, 400,
			`{"status":"error","message":"Something went wrong","isSuccess":false,"data":"PSP Configuration not found. Please check you psp Configuration"}`, false},
		{"incomplete configuration", &backoffice.PSPNotFound{PSP: "PAYONE", Missing: "apiKey"}, 400,
			`{"status":"error","message":"Something went wrong","isSuccess":false,"data":"PSP Configuration not found. Please check you psp Configuration"}`, false},
		{"voucher rejected", &provider.Rejection{Message: "Invalid voucher PIN", Data: provider.Fields{{Name: "result", Value: "1"}}}, 400,
			`{"status":"error","message":"Invalid voucher PIN","isSuccess":false,"data":{"result":"1"}}`, false},
		{"invalid credentials", &provider.TransportError{Code: provider.InvalidCredentials}, 400,
			transport("INVALID_PSP_CREDENTIALS", "Payment could not be processed due to invalid PSP credentials.", ""), false},
		{"timeout", &provider.TransportError{Code: provider.Timeout}, 500,
			transport("PSP_TIMEOUT", "The payment provider did not answer in time. It is safe to retry.", ""), false},
		{"unavailable", &provider.TransportError{Code: provider.Unavailable}, 500,
			transport("PSP_UNAVAILABLE", "The payment provider is unavailable. Retry later.", ""), false},
		{"rate limited", &provider.TransportError{Code: provider.RateLimited}, 500,
			transport("PSP_RATE_LIMITED", "The payment provider is receiving too many requests. Retry after a delay.", ""), false},
		{"unknown", &provider.TransportError{Code: provider.Unknown}, 500, transport("UNKNOWN_PSP_ERROR", unexpectedly, ""), false},
		{"unknown, with the provider's text", &provider.TransportError{Code: provider.Unknown, Data: "Payer ID is required"}, 500,
			transport("UNKNOWN_PSP_ERROR", unexpectedly, `,"data":"Payer ID is required"`), false},
		{"unknown, with the provider's answer", &provider.TransportError{Code: provider.Unknown, Data: provider.Fields{{Name: "error_code", Value: "psu_no_funds"}}}, 500,
			transport("UNKNOWN_PSP_ERROR", unexpectedly, `,"data":{"error_code":"psu_no_funds"}`), false},
		{"verify-user failed", identity.ErrVerifyUser, 500, internal, false},
		{"what no stage declares", errors.New("disk full"), 500, internal, true},
		{"the caller left", context.Canceled, 500, internal, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{
				&refusal.PaymentError{ID: paymentID, Err: test.err},
				&refusal.PaymentError{ID: paymentID, Err: fmt.Errorf("stage: %w", test.err)},
				fmt.Errorf("flow: %w", &refusal.PaymentError{ID: paymentID, Err: test.err}),
			} {
				got, unexpected := refusal.Explain(err)
				if got.Status != test.status || unexpected != test.unexpected {
					t.Errorf("%v: status %d, unexpected %t; want %d, %t", err, got.Status, unexpected, test.status, test.unexpected)
				}
				if diff := cmp.Diff(test.body, string(got.Body())); diff != "" {
					t.Error(diff)
				}
				if _, err := openapi.Decode(got.Body()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// What verify-user answers is no fault of the caller's body, whatever it looks like.
func TestExplainVerifyUser(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{``, `not JSON`, `[]`, `{"a":1,"a":2}`} {
		merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, answer)
		}))
		transport := &http.Transport{}
		g := identity.New(identity.Config{VerifyTimeout: time.Minute, Transport: transport})
		_, err := g.User(t.Context(), identity.Company{UserAuthURL: merchant.URL}, identity.Request{UserAuthorization: "Bearer session"})
		if got, unexpected := refusal.Explain(err); got.Status != 500 || unexpected {
			t.Errorf("%q: %v became %d %s", answer, err, got.Status, got.Body())
		}
		transport.CloseIdleConnections()
		merchant.Close()
	}
}

// Every refused is logged with its reason, those that nobody foresaw as errors; no reason reaches the caller.
func TestRefusalsAreLogged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string // in the log
	}{
		{errors.New("disk full"), `level=ERROR msg="call failed unexpectedly" request=call-1 error="disk full"`},
		{identity.ErrVerifyUser, `level=INFO msg="call refused" request=call-1 status=500 reason="verify-user failed"`},
		{identity.ErrUnauthorized, `level=INFO msg="call refused" request=call-1 status=401 reason=unauthorized`},
		{&provider.TransportError{Code: provider.Timeout}, `level=INFO msg="call refused" request=call-1 status=500 reason="provider: PSP_TIMEOUT"`},
	} {
		var log bytes.Buffer
		c := &fakeCashier{err: test.err}
		got, _ := ask(door(c, func(c *api.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }), post(`{}`))
		if !strings.Contains(log.String(), test.want) {
			t.Errorf("%v: the log says %q", test.err, log.String())
		}
		if strings.Contains(got.Body, "disk") {
			t.Errorf("the caller is told %s", got.Body)
		}
	}
}
