package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	store "mozartosim/simulator/payments"
	"mozartosim/simulator/query"
	"mozartosim/simulator/requestlog"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/snapshot"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// contracts are loaded once; they are safe for concurrent use.
var contracts = sync.OnceValue(func() backoffice.Reader {
	cashier, err := openapi.Cashier()
	if err != nil {
		panic(err)
	}
	control, err := openapi.Control()
	if err != nil {
		panic(err)
	}
	return backoffice.Reader{Cashier: cashier, Control: control}
})

// bench is an admin API over HTTP with the demo company in it.
type bench struct {
	*testing.T
	*httptest.Server
	config  Config
	journal *broken
	demo    *backoffice.Company
}

func newBench(t *testing.T, options ...func(*Config)) *bench {
	t.Helper()
	reader := contracts()
	demo, err := backoffice.Demo(reader, "http://127.0.0.1:9090/webhooks", "")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, journal: &broken{Memory: journal.NewMemory(0)}}
	companies := backoffice.NewDirectory(1)
	if b.demo, err = companies.Put(demo, noon); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	scenarios := company.NewScenarios(scenario.Reader{Cashier: reader.Cashier, Control: reader.Control}, "", log)
	b.config = Config{
		Reader: reader, Companies: companies, Configured: companies.List(), Version: "1.2.3", Base: listener.NewBase("http://localhost:8080", false),
		Runtimes: company.NewRuntimes(companies, func() *clock.Clock { return clock.NewManual(noon) }, scenarios, nil), Log: log,
		Requests: requestlog.New(requestlog.Config{Store: b.journal.Requests()}),
	}
	if b.config.Settings, err = company.NewSettings(company.SettingsConfig{Journal: b.journal, Directory: companies, Runtimes: b.config.Runtimes, Log: log}); err != nil {
		t.Fatal(err)
	}
	payments := store.NewStore(b.journal, companies, b.config.Runtimes, nil)
	b.config.Deliveries = &lifecycle.Deliveries{Payments: payments}
	b.config.Outcomes = &lifecycle.Outcomes{Payments: payments, Deliveries: b.config.Deliveries}
	b.config.Scheduler = scheduler.New(scheduler.Config{Journal: b.journal, Runtimes: b.config.Runtimes, Settings: b.config.Settings, Log: log})
	b.config.Queries = query.New(b.journal, payments, b.config.Runtimes, b.config.Base, b.config.Requests, reader.Control)
	b.config.Snapshots = &snapshot.Snapshots{
		Journal: b.journal, Directory: companies, Runtimes: b.config.Runtimes, Settings: b.config.Settings, Control: reader.Control,
		Scenarios: scenarios.Reader(), Forget: b.config.Requests.Forget, Version: "1.2.3", Folder: t.TempDir(),
	}
	for _, option := range options {
		option(&b.config)
	}
	b.Server = httptest.NewServer(New(b.config))
	t.Cleanup(b.Server.Close)
	return b
}

// broken is a journal that can be read and locked only as long as there is no err.
type broken struct {
	*journal.Memory
	err    error
	listed func() // is called before payments are listed; nil = nothing is
}

func (b *broken) Entries(ctx context.Context, company, stream string) ([]journal.Entry, error) {
	found, err := b.Memory.Entries(ctx, company, stream)
	return found, cmp.Or(b.err, err)
}

func (b *broken) List(ctx context.Context, company string, q journal.Query) ([]journal.Stream, error) {
	if b.listed != nil {
		b.listed()
	}
	found, err := b.Memory.List(ctx, company, q)
	return found, cmp.Or(b.err, err)
}

func (b *broken) Jobs(ctx context.Context, company string, q journal.JobQuery) ([]journal.Job, error) {
	found, err := b.Memory.Jobs(ctx, company, q)
	return found, cmp.Or(b.err, err)
}

func (b *broken) Feed(ctx context.Context, company string, q journal.FeedQuery) ([]journal.FeedEntry, error) {
	found, err := b.Memory.Feed(ctx, company, q)
	return found, cmp.Or(b.err, err)
}

func (b *broken) Stats(ctx context.Context, company string) (journal.Stats, error) {
	stats, err := b.Memory.Stats(ctx, company)
	return stats, cmp.Or(b.err, err)
}

func (b *broken) Lock(ctx context.Context, company string) (unlock func(), err error) {
	if b.err != nil {
		return nil, b.err
	}
	return b.Memory.Lock(ctx, company)
}

// answered is an answer that matches the contract.
type answered struct {
	t      *testing.T
	status int
	header http.Header
	text   string
	doc    openapi.Document
}

// send calls the API; headers are pairs of name and value.
func (b *bench) send(method, path, body string, headers ...string) *http.Response {
	b.Helper()
	r, err := http.NewRequest(method, b.URL+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := b.Client().Do(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// call calls the API and holds the answer against control.yaml.
func (b *bench) call(method, path, body string, headers ...string) answered {
	b.Helper()
	response := b.send(method, path, body, headers...)
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	a := answered{t: b.T, status: response.StatusCode, header: response.Header, text: string(text)}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		b.Fatalf("%s %s: Content-Type %q", method, path, got)
	}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		b.Errorf("%s %s: Cache-Control %q", method, path, got)
	}
	if a.doc, err = openapi.Decode(text); err != nil {
		b.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
	clean, _, _ := strings.Cut(path, "?")
	schema := schemaOf(method, clean, a.status)
	if err := contracts().Control.ValidateAs(schema, a.doc); err != nil {
		b.Errorf("%s %s answers %d, which breaks %s: %v\n%s", method, path, a.status, schema, err, text)
	}
	return a
}

// want checks the status.
func (a answered) want(status int) answered {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.text)
	}
	return a
}

// fails checks an error's status, code and words.
func (a answered) fails(status int, code string, words ...string) {
	a.t.Helper()
	a.want(status)
	if got := a.doc.Text("error.code"); got != code {
		a.t.Errorf("code %q, want %q: %s", got, code, a.text)
	}
	for _, w := range words {
		plain, err := json.Marshal(w)
		if err != nil {
			a.t.Fatal(err)
		}
		if !strings.Contains(a.text, strings.Trim(string(plain), `"`)) {
			a.t.Errorf("the answer does not say %q: %s", w, a.text)
		}
	}
}

// is checks values by dotted path: pairs of path and text.
func (a answered) is(pairs ...string) answered {
	a.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := a.doc.Text(pairs[i]); got != pairs[i+1] {
			a.t.Errorf("%s is %q, want %q: %s", pairs[i], got, pairs[i+1], a.text)
		}
	}
	return a
}

// list returns the objects of a list.
func (a answered) list(name string) (found []openapi.Document) {
	a.t.Helper()
	entries, ok := a.doc.Fields[name].([]any)
	if !ok {
		a.t.Fatalf("%s is no list: %s", name, a.text)
	}
	for _, e := range entries {
		fields, _ := e.(map[string]any)
		found = append(found, openapi.Document{Fields: fields})
	}
	return found
}

// texts returns the strings of a list.
func (a answered) texts(name string) string {
	a.t.Helper()
	entries, _ := a.doc.Fields[name].([]any)
	var out []string
	for _, e := range entries {
		out = append(out, e.(string))
	}
	return strings.Join(out, "\n")
}

// contractJSON is what the tests need of the bundled control contract.
var contractJSON = sync.OnceValue(func() map[string]any {
	var doc map[string]any
	if err := json.Unmarshal(contracts().Control.Bundled(), &doc); err != nil {
		panic(err)
	}
	return doc
})

func dig(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
		object, _ = value.(map[string]any)
		if ref, ok := object["$ref"].(string); ok && strings.Contains(ref, "/responses/") {
			value = dig(contractJSON(), "components", "responses", ref[strings.LastIndex(ref, "/")+1:])
		}
	}
	return value
}

// schemaOf is the name of the schema that the contract has for an answer; Error where it has no such operation.
func schemaOf(method, path string, status int) string {
	paths, _ := dig(contractJSON(), "paths").(map[string]any)
	for template, item := range paths {
		operation, ok := dig(item, strings.ToLower(method)).(map[string]any)
		if !ok || !matches(template, path) {
			continue
		}
		responses, _ := operation["responses"].(map[string]any)
		key := strconv.Itoa(status)
		if responses[key] == nil {
			key = "default"
		}
		ref, _ := dig(responses, key, "content", "application/json", "schema").(map[string]any)["$ref"].(string)
		return ref[strings.LastIndex(ref, "/")+1:]
	}
	return "Error"
}

func matches(template, path string) bool {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], "{") {
			return false
		}
	}
	return true
}

// pay puts a payment into the journal as the simulator does.
func (b *bench) pay(company *backoffice.Company, terms payment.Terms, moves ...payment.Status) {
	b.Helper()
	terms.Company, terms.Currency, terms.Amount = company.ID, "CAD", money.MustParse("100")
	if terms.Session == "" {
		terms.Session = "session-of-" + terms.ID
	}
	terms.Request = json.RawMessage(`{"pspType":"PAYONE"}`)
	p, opened := payment.Open(terms, noon)
	events := []payment.Event{opened}
	for i, status := range moves {
		e, err := p.Move(adminapi.Move{Status: string(status), By: "provider"}, noon.Add(time.Duration(i+1)*time.Second))
		if err != nil {
			b.Fatal(err)
		}
		events = append(events, e)
	}
	events = append(events, p.Answered(adminapi.Answer{Status: 200, Body: json.RawMessage(`{"status":"success"}`)}, noon))
	var entries []journal.Entry
	for _, e := range events {
		entries = append(entries, journal.Entry{At: e.At, Kind: string(e.Kind), Data: e.Data})
	}
	err := b.journal.Append(b.Context(), journal.Append{
		Company: company.ID, Stream: p.ID, Entries: entries, Labels: store.Labels(&p), Keys: []string{"session:" + p.Session},
	})
	if err != nil {
		b.Fatal(err)
	}
}

// create makes a company and returns it as answered.
func (b *bench) create(body string) answered {
	b.Helper()
	return b.call("POST", "/v1/companies", body).want(http.StatusCreated)
}

// large is a body that is JSON as far as it goes.
func large(n int) string { return `{"name": "` + string(bytes.Repeat([]byte("x"), n)) + `"}` }
