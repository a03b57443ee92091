package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"
	"go.uber.org/goleak"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/cashier"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/refusal"
	"mozartosim/simulator/requestlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeCashier stands in for the stages behind the door: it notes what it is given and answers as it is told.
type fakeCashier struct {
	answer cashier.Answer
	err    error
	clock  *clock.Clock
	asked  chan struct{} // gets a token whenever the clock is asked for; nil = nobody waits

	mu    sync.Mutex
	calls []*cashier.Call
}

func (c *fakeCashier) Cashier(_ context.Context, call *cashier.Call) (cashier.Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
	return c.answer, c.err
}

func (c *fakeCashier) Refuse(_ cashier.Answer, err error) (refusal.Answer, bool) {
	return refusal.Explain(err)
}

func (c *fakeCashier) ClockOf(string) *clock.Clock {
	if c.asked != nil {
		c.asked <- struct{}{}
	}
	return c.clock
}

// requests keeps calls as they come.
type requests struct {
	mu   sync.Mutex
	kept []requestlog.Call
}

func (r *requests) NewID() string { return "call-1" }

func (r *requests) Record(c *requestlog.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, *c)
}

func good() *fakeCashier {
	return &fakeCashier{answer: cashier.Answer{Status: 200, Body: []byte(`{"isSuccess":true}`)}}
}

// undecodable is a fakeCashier whose caller's x-user-token can't be decoded.
func undecodable(c *clock.Clock) *fakeCashier {
	return &fakeCashier{err: fmt.Errorf("user context: %w", identity.ErrUndecodable), clock: c}
}

// maxBody is beyond 64 KiB, up to which a body of known length is read in one go.
const maxBody = 80 << 10

func door(c api.Cashier, change func(*api.Config)) http.Handler {
	config := api.Config{
		Cashier: c, Base: listener.NewBase("http://localhost", false), Log: slog.New(slog.DiscardHandler), MaxBody: maxBody, BodyTimeout: time.Minute, Hang: 30 * time.Second,
		MaxHanging: 1, Observe: func(int, time.Duration) {}, Requests: &requests{},
	}
	if change != nil {
		change(&config)
	}
	router := mux.NewRouter().SkipClean(true)
	api.Mount(router, config)
	return router
}

// answer is what a caller sees.
type answer struct {
	Status int
	Type   string
	Body   string
}

func ask(h http.Handler, r *http.Request) (answer, http.Header) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("Content-Type"), w.Body.String()}, w.Header()
}

func post(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, openapi.CashierPath, strings.NewReader(body))
}

const jsonUTF8 = "application/json; charset=utf-8"

// refused is an error body with `errors`.
func refused(status int, message string, problems ...string) answer {
	list := ""
	for i, p := range problems {
		if i > 0 {
			list += ","
		}
		list += `"` + p + `"`
	}
	return answer{status, jsonUTF8, `{"status":"error","message":"` + message + `","isSuccess":false,"errors":[` + list + `]}`}
}

var accepted = answer{200, jsonUTF8, `{"isSuccess":true}`}

func TestCallReachesTheCashier(t *testing.T) {
	t.Parallel()
	c := good()
	r := post(`{"a":1.50}`)
	r.Header.Set("Authorization", "Bearer company")
	r.Header.Set("x-user-token", "Bearer user")
	r.Header.Set("X-USER-AUTHORIZATION", "Bearer session")
	r.Header.Set("User-Agent", "merchant/1")
	got, _ := ask(door(c, nil), r)
	if diff := cmp.Diff(accepted, got); diff != "" {
		t.Error(diff)
	}
	if len(c.calls) != 1 {
		t.Fatalf("%d calls", len(c.calls))
	}
	call := c.calls[0]
	if got := []string{call.Authorization, call.UserToken, call.UserAuthorization, call.UserAgent, call.Body.Text("a"), string(call.Body.Raw)}; !cmp.Equal(got,
		[]string{"Bearer company", "Bearer user", "Bearer session", "merchant/1", "1.50", `{"a":1.50}`}) {
		t.Errorf("the call is %q", got)
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	another := refused(415, "Unsupported media type", "Content-Type must be application/json")
	charset := refused(415, "Unsupported media type", "Content-Type must not name another charset than utf-8")
	tests := []struct {
		header string
		want   answer
	}{
		{"", accepted}, // assumed: none at all will do
		{"application/json", accepted},
		{"Application/JSON", accepted},
		{"application/json;charset=utf-8", accepted},
		{"application/json; charset=UTF-8", accepted},
		{`application/json; charset="Utf-8"`, accepted},
		{"application/json; profile=x", accepted},
		{"application/json; charset=iso-8859-1", charset},
		{"application/json; charset=utf-16", charset},
		{"text/plain", another},
		{"text/json", another},
		{"application/xml", another},
		{"application/problem+json", another},
		{"application/x-www-form-urlencoded", another},
		{"application/json, application/json", another},
		{"application/json; charset", another},
		{"json", another},
		{"*/*", another},
	}
	for _, test := range tests {
		t.Run(test.header, func(t *testing.T) {
			t.Parallel()
			c := good()
			r := post(`{}`)
			if test.header != "" {
				r.Header.Set("Content-Type", test.header)
			}
			got, _ := ask(door(c, nil), r)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if reached := len(c.calls) == 1; reached != (test.want == accepted) {
				t.Errorf("reached the fakeCashier: %t", reached)
			}
		})
	}
}

func TestContentEncoding(t *testing.T) {
	t.Parallel()
	nope := refused(415, "Unsupported media type", "Content-Encoding must not be set: compressed bodies are refused")
	for encoding, want := range map[string]answer{"identity": accepted, "gzip": nope, "br": nope, "gzip, identity": nope} {
		r := post(`{}`)
		r.Header.Set("Content-Encoding", encoding)
		if got, _ := ask(door(good(), nil), r); got != want {
			t.Errorf("%s: %+v", encoding, got)
		}
	}
}

// body makes a JSON object of exactly n bytes.
func body(n int) string { return `{"x":"` + strings.Repeat("x", n-8) + `"}` }

func TestSize(t *testing.T) {
	t.Parallel()
	tooLarge := refused(413, "Payload too large", "body must be at most 81920 bytes")
	for _, test := range []struct {
		size int
		want answer
	}{{8, accepted}, {64 << 10, accepted}, {64<<10 + 1, accepted}, {maxBody, accepted}, {maxBody + 1, tooLarge}, {10 * maxBody, tooLarge}} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d bytes, chunked %t", test.size, chunked), func(t *testing.T) {
				t.Parallel()
				c := good()
				r := post(body(test.size))
				if chunked {
					r.ContentLength = -1
				}
				got, header := ask(door(c, nil), r)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
				if closes := header.Get("Connection") == "close"; closes != (test.want == tooLarge) {
					t.Errorf("closes the connection: %t", closes)
				}
				if test.want == accepted && len(c.calls[0].Body.Raw) != test.size {
					t.Errorf("%d bytes arrived", len(c.calls[0].Body.Raw))
				}
			})
		}
	}
}

// unread fails when somebody reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read although its length alone refuses it")
	return 0, io.EOF
}

func TestTooLargeByItsLengthIsNotRead(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, openapi.CashierPath, unread{t})
	r.ContentLength = maxBody + 1
	r.Header.Set("Expect", "100-continue")
	if got, _ := ask(door(good(), nil), r); got.Status != 413 {
		t.Errorf("got %+v", got)
	}
}

// A client that is sending already is heard out, up to a byte more than what is allowed: it could miss an answer in the middle.
func TestTooLargeIsHeardOut(t *testing.T) {
	t.Parallel()
	for size, left := range map[int]int{maxBody + 1: 0, 2 * maxBody: maxBody - 1, 10 * maxBody: 9*maxBody - 1} {
		sent := strings.NewReader(body(size))
		r := httptest.NewRequest(http.MethodPost, openapi.CashierPath, sent)
		if got, _ := ask(door(good(), nil), r); got.Status != 413 {
			t.Errorf("got %+v", got)
		}
		if sent.Len() != left {
			t.Errorf("%d of %d bytes are left, want %d", sent.Len(), size, left)
		}
	}
}

func TestBodyMustBeOneJSONObject(t *testing.T) {
	t.Parallel()
	for body, problem := range map[string]string{
		"":              "body must not be empty",
		"\n":            "body must not be empty",
		"[]":            "body must be a JSON object, not an array",
		`{"a":`:         "body must be valid JSON: it ends too early",
		`{"a":1,"a":2}`: "body must not name the field a twice (line 1, column 8)",
	} {
		for _, length := range []int64{int64(len(body)), -1} {
			r := post(body)
			r.ContentLength = length
			got, _ := ask(door(good(), nil), r)
			if diff := cmp.Diff(refused(400, "Validation failed", problem), got); diff != "" {
				t.Errorf("%q of length %d: %s", body, length, diff)
			}
		}
	}
	// Fewer bytes than announced: the caller's connection broke.
	r := post(`{}`)
	r.ContentLength = 5
	if got, _ := ask(door(good(), nil), r); got != refused(400, "Validation failed", "body must arrive whole") {
		t.Errorf("got %+v", got)
	}
}

func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	notFound, notAllowed := refused(404, "Not found"), refused(405, "Method not allowed")
	tests := []struct {
		method, path string
		want         answer
	}{
		{"GET", openapi.CashierPath, notAllowed},
		{"HEAD", openapi.CashierPath, notAllowed},
		{"PUT", openapi.CashierPath, notAllowed},
		{"PATCH", openapi.CashierPath, notAllowed},
		{"DELETE", openapi.CashierPath, notAllowed},
		{"OPTIONS", openapi.CashierPath, notAllowed},
		{"BREW", openapi.CashierPath, notAllowed},
		{"POST", openapi.CashierPath + "?query=ignored", accepted},
		{"POST", "/", notFound},
		{"GET", "/", notFound},
		{"POST", openapi.CashierPath + "/", notFound},
		{"POST", openapi.CashierPath + "/665f1c2ab7e4d93a5c0f1a2b", notFound},
		{"POST", "/v1/api/mozarto", notFound},
		{"POST", strings.ToUpper(openapi.CashierPath), notFound},
		{"POST", "/" + openapi.CashierPath, notFound}, // not redirected to a cleaned path
		{"POST", "/v1/../v1/api/mozarto/cashier", notFound},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			c := good()
			r := httptest.NewRequest(test.method, test.path, strings.NewReader(`{}`))
			got, header := ask(door(c, nil), r)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if allow := header.Get("Allow"); (test.want == notAllowed) != (allow == "POST") {
				t.Errorf("Allow is %q", allow)
			}
			if reached := len(c.calls) == 1; reached != (test.want == accepted) {
				t.Errorf("reached the fakeCashier: %t", reached)
			}
		})
	}
}

// Whatever comes in, exactly one observation follows, with the status that was answered.
func TestObserve(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fakeCashier *fakeCashier
		request     *http.Request
		want        int
	}{
		"accepted":      {good(), post(`{}`), 200},
		"refused":       {good(), post(`[]`), 400},
		"unexpected":    {&fakeCashier{err: errors.New("disk full")}, post(`{}`), 500},
		"hang":          {undecodable(clock.NewManual(time.Unix(0, 0))), post(`{}`), 504},
		"wrong method":  {good(), httptest.NewRequest(http.MethodGet, openapi.CashierPath, nil), 405},
		"unknown path":  {good(), httptest.NewRequest(http.MethodGet, "/", nil), 404},
		"unread length": {good(), post(body(maxBody + 1)), 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen []int
			ask(door(test.fakeCashier, func(c *api.Config) {
				c.Observe = func(status int, _ time.Duration) { seen = append(seen, status) }
			}), test.request)
			if !cmp.Equal(seen, []int{test.want}) {
				t.Errorf("observed %v, want %d", seen, test.want)
			}
		})
	}
}

// What waits for an answer, as webhooks do, is let go once the whole answer has been handed to the network.
func TestWhatWaitsForTheAnswer(t *testing.T) {
	t.Parallel()
	c, w := good(), httptest.NewRecorder()
	sent := ""
	c.answer.Written = func() {
		if w.Flushed {
			sent = w.Body.String()
		}
	}
	door(c, nil).ServeHTTP(w, post(`{}`))
	if sent != `{"isSuccess":true}` {
		t.Errorf("let go when %q was sent", sent)
	}
}
