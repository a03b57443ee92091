package record_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"mozartosim/features/record"
	"mozartosim/fixtures"
	"mozartosim/fixtures/recorded"
	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/egress"
	"mozartosim/simulator/replay"
	"mozartosim/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a recorder before an upstream, and the client that calls it.
type bench struct {
	url    string
	dir    string
	saved  chan string
	client *http.Client
}

func newBench(t *testing.T, upstream, webhooks string) *bench {
	t.Helper()
	b := &bench{dir: filepath.Join(t.TempDir(), "recordings"), saved: make(chan string, 1000), client: &http.Client{Transport: record.Transport(&egress.Guard{})}}
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	transport := record.Transport(&egress.Guard{})
	config := record.Config{
		Upstream: parse(t, upstream), Dir: b.dir, Contract: contract, Log: slog.New(slog.DiscardHandler),
		Saved: func(file string) { b.saved <- file }, Client: transport,
	}
	if webhooks != "" {
		config.Webhooks = parse(t, webhooks)
	}
	server := httptest.NewServer(record.New(config))
	b.url = server.URL
	t.Cleanup(func() { b.client.CloseIdleConnections(); server.Close(); transport.CloseIdleConnections() })
	return b
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// said is an answer as a caller sees it.
type said struct {
	status int
	body   string
	header http.Header
}

func (b *bench) call(t *testing.T, base string, body []byte, headers http.Header) said {
	t.Helper()
	return send(t, b.client, http.MethodPost, base+openapi.CashierPath, body, headers)
}

func send(t *testing.T, client *http.Client, method, target string, body []byte, headers http.Header) said {
	t.Helper()
	r, err := http.NewRequest(method, target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = headers.Clone()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return said{answer.StatusCode, string(text), answer.Header}
}

func tokens(t *testing.T, sim *simtest.Sim) http.Header {
	t.Helper()
	return http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Bearer " + sim.CompanyToken},
		"X-User-Token": {"Bearer " + sim.UserToken(t, "user-7")}, "User-Agent": {"a merchant"},
	}
}

// Everything that the fixtures can ask for is recorded from one simulator and replayed by another, which would have
// answered otherwise: the answers are the same but for tokens, and no secret is in any file.
func TestRecordAndReplay(t *testing.T) {
	t.Parallel()
	upstream := simtest.Start(t, simtest.Config(func(c *simulator.Config) { c.Seed = 7 }))
	b := newBench(t, upstream.URL, "")
	requests, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	invalids, err := fixtures.Invalids()
	if err != nil {
		t.Fatal(err)
	}
	bodies := make([][]byte, 0, len(requests)+len(invalids))
	for _, r := range requests {
		bodies = append(bodies, r.Body)
	}
	for _, i := range invalids {
		bodies = append(bodies, i.Body)
	}
	headers := tokens(t, upstream)
	recordings := make([]said, len(bodies))
	for i, body := range bodies {
		recordings[i] = b.call(t, b.url, body, headers)
		<-b.saved
	}
	noSecrets(t, b.dir, upstream.CompanyToken, headers.Get("X-User-Token"), recordings, bodies)

	second := simtest.Start(t, simtest.Config(func(c *simulator.Config) { c.Seed, c.AnswersFrom = 8, b.dir }))
	again := tokens(t, second)
	for i, body := range bodies {
		got := b.call(t, second.URL, body, again)
		if got.status != recordings[i].status || got.header.Get(replay.Header) == "" {
			t.Errorf("%s\nwas answered with %d, replayed (%q) as %d", body, recordings[i].status, got.header.Get(replay.Header), got.status)
		}
		if diff := cmp.Diff(shape(t, recordings[i].body), shape(t, got.body)); diff != "" {
			t.Errorf("%s (- recorded, + replayed):\n%s", got.header.Get(replay.Header), diff)
		}
	}
	if n := len(second.Payments(t)); n != 0 {
		t.Errorf("the replays opened %d payments", n)
	}
	fresh := bytes.Replace(requests[0].Body, []byte(`"email"`), []byte(`"new": 1, "email"`), 1)
	if got := b.call(t, second.URL, fresh, again); got.header.Get(replay.Header) != "" || got.status != http.StatusOK || len(second.Payments(t)) != 1 {
		t.Errorf("what is not recorded is the simulator's: %+v", got)
	}
}

// shape is an answer with its tokens put aside: what must be the same in recording and replay.
func shape(t *testing.T, text string) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	data, _ := fields["data"].(map[string]any)
	for name, value := range data {
		text, isText := value.(string)
		switch {
		case name == "paymentToken" || name == "access_token":
			data[name] = fmt.Sprintf("%d long, %d dots", len(text)/1000, strings.Count(text, "."))
		case name == "address": // of a wallet: a stand-in
			data[name] = len(text)
		case isText:
			before, token, _ := strings.Cut(strings.Replace(text, "Ticket=", "token=", 1), "token=")
			_, after, _ := strings.Cut(token, "&")
			data[name] = before + after
		}
	}
	return fields
}

func noSecrets(t *testing.T, dir, company, user string, answers []said, bodies [][]byte) {
	t.Helper()
	secrets := []string{company, strings.TrimPrefix(user, "Bearer ")}
	for i, a := range answers {
		for _, text := range []string{a.body, string(bodies[i])} {
			var fields map[string]any
			_ = json.Unmarshal([]byte(text), &fields)
			data, _ := fields["data"].(map[string]any)
			card, _ := fields["card"].(map[string]any)
			for _, secret := range []any{data["paymentToken"], data["access_token"], card["pan"], card["cvv"], fields["voucherPin"]} {
				if text, ok := secret.(string); ok && len(text) > 2 {
					secrets = append(secrets, `"`+text+`"`)
				}
			}
		}
	}
	slices.Sort(secrets)
	secrets = slices.Compact(secrets)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != len(answers) || len(secrets) < 8 {
		t.Fatalf("%d files, %d secrets, %v", len(files), len(secrets), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s has %s", filepath.Base(file), secret)
			}
		}
	}
}

// A replay asks for a company token that the simulator takes; who names a scenario gets that.
func TestReplayIsNoWayIn(t *testing.T) {
	t.Parallel()
	upstream := simtest.Start(t)
	b := newBench(t, upstream.URL, "")
	requests, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	good, bad := tokens(t, upstream), tokens(t, upstream)
	bad.Set("Authorization", "Bearer nobody's")
	b.call(t, b.url, requests[0].Body, good)
	<-b.saved
	second := simtest.Start(t, simtest.Config(func(c *simulator.Config) { c.AnswersFrom = b.dir }))
	if got := b.call(t, second.URL, requests[0].Body, bad); got.status != http.StatusUnauthorized || got.header.Get(replay.Header) != "" {
		t.Errorf("%+v", got)
	}
	good.Set("Mozartosim-Scenario", "psp-timeout")
	if got := b.call(t, second.URL, requests[0].Body, good); got.status != http.StatusInternalServerError || got.header.Get(replay.Header) != "" {
		t.Errorf("%+v", got)
	}
	good.Del("Mozartosim-Scenario")
	if got := b.call(t, second.URL, requests[0].Body, good); got.header.Get(replay.Header) == "" {
		t.Errorf("%+v", got)
	}
	if got := b.call(t, second.URL, []byte(`{`), good); got.status != http.StatusBadRequest {
		t.Errorf("%+v", got)
	}
	if got := b.call(t, second.URL, bytes.Repeat([]byte(" "), 2<<20), good); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", got.status)
	}
}

// What passes is not changed: path, query, headers, bodies, compressed or large ones too.
func TestNothingIsChanged(t *testing.T) {
	t.Parallel()
	type seen struct {
		uri, body string
		header    http.Header
	}
	arrived := make(chan seen, 1)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		arrived <- seen{r.RequestURI, string(text), r.Header}
		w.Header().Set("X-Odd", "kept")
		if r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			_, _ = io.WriteString(zip, `{"zipped":true}`)
			_ = zip.Close()
			return
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(text)
	}))
	t.Cleanup(upstream.Close)
	b := newBench(t, upstream.URL+"/base", "")
	headers := http.Header{"X-Mine": {"a", "b"}, "User-Agent": {"odd/1"}, "X-Forwarded-For": {"10.0.0.1"}, "Content-Type": {"text/odd"}}
	got := send(t, b.client, http.MethodPut, b.url+"/a%2Fb//c?x=%zz&y=1;2", []byte("plain text"), headers)
	was := <-arrived
	if got.status != http.StatusTeapot || got.body != "plain text" || got.header.Get("X-Odd") != "kept" || was.uri != "/base/a%2Fb//c?x=%zz&y=1;2" {
		t.Errorf("%+v\n%+v", got, was)
	}
	was.header.Del("Content-Length")
	if diff := cmp.Diff(headers, was.header); diff != "" {
		t.Error(diff)
	}
	if r := read(t, b); r.Kind != recorded.Other || r.Answer.Text != "plain text" {
		t.Errorf("%+v", r)
	}
	zipped := send(t, b.client, http.MethodGet, b.url+"/zip", nil, http.Header{"Accept-Encoding": {"gzip"}})
	<-arrived
	if plain, err := gzip.NewReader(strings.NewReader(zipped.body)); err != nil {
		t.Error(err)
	} else if text, _ := io.ReadAll(plain); string(text) != `{"zipped":true}` {
		t.Errorf("%s", text)
	}
	if r := read(t, b); string(r.Answer.Body) != `{"zipped":true}` {
		t.Errorf("%+v", r.Answer)
	}
	large := bytes.Repeat([]byte("x"), recorded.MaxBody+1)
	if got := send(t, b.client, http.MethodPost, b.url+"/large", large, nil); got.body != string(large) {
		t.Errorf("%d of %d bytes passed", len(got.body), len(large))
	}
	<-arrived
	send(t, b.client, http.MethodPost, b.url+"/small", []byte("1"), nil)
	<-arrived
	if r := read(t, b); r.Request.Path != "/small" {
		t.Errorf("what is too large is recorded: %+v", r.Request)
	}
}

// read reads the file that was saved last.
func read(t *testing.T, b *bench) *recorded.Recording {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, <-b.saved))
	if err != nil {
		t.Fatal(err)
	}
	r, err := recorded.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Webhooks pass too when the recorder is told where they go; an upstream that does not answer is told as such.
func TestWebhooksAndFailures(t *testing.T) {
	t.Parallel()
	merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer the-shared-secret" || r.URL.Path != "/hooks/mozarto" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(merchant.Close)
	b := newBench(t, "http://127.0.0.1:1", merchant.URL+"/hooks/mozarto")
	got := send(t, b.client, http.MethodPost, b.url+record.WebhookPath, []byte(`{"transaction_id":"1","amount":"5.00"}`), http.Header{"Authorization": {"Bearer the-shared-secret"}})
	if r := read(t, b); got.status != http.StatusOK || r.Kind != recorded.Webhook || r.Request.Headers["Authorization"] != "Bearer ***" {
		t.Errorf("%+v %+v", got, r)
	}
	if got := send(t, b.client, http.MethodPost, b.url+"/x", nil, nil); got.status != http.StatusBadGateway {
		t.Errorf("%+v", got)
	}
	if files, _ := filepath.Glob(filepath.Join(b.dir, "*")); len(files) != 1 {
		t.Errorf("%v", files)
	}
}
