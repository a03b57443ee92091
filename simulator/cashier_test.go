package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
)

// Every valid request of the fixtures gets its golden answer: same seed, same company, same clock.
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	requests, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		t.Run(r.Name, func(t *testing.T) {
			var change func(*backoffice.Company)
			if r.Kind == "direct" {
				change = h.configure(r.PSP, map[string]any{"integrationMode": "direct"})
			}
			answer := h.pay(h.company(strings.ReplaceAll(r.Name, "/", " "), change), string(r.Body))
			if answer.Code != http.StatusOK {
				t.Fatalf("%d %s", answer.Code, answer.Body)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, answer.Body.Bytes(), "", "  "); err != nil {
				t.Fatal(err)
			}
			indented.WriteByte('\n')
			golden(t, filepath.Join("..", "fixtures", "answers", filepath.FromSlash(r.Name)+".json"), indented.Bytes())
		})
	}
}

// Every request of the fixtures that breaks a rule gets exactly the error that stands beside it, and makes no payment.
func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	verify := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) }))
	t.Cleanup(verify.Close)
	invalids, err := fixtures.Invalids()
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range invalids {
		t.Run(in.PSP+" "+in.Flow+" "+in.Name, func(t *testing.T) {
			settings := map[string]any{}
			for name, value := range in.Configuration {
				settings[name] = value
			}
			company := h.company(fmt.Sprint("invalid ", i), func(c *backoffice.Company) {
				h.configure(in.PSP, settings)(c)
				c.UserAuthURL = verify.URL
			})
			header := h.header(company)
			header.Set("X-User-Token", "Bearer "+h.user(in.Token))
			if in.Session {
				header.Del("X-User-Token")
				header.Set("X-User-Authorization", "Bearer session-1")
			}
			answer := h.call(header, string(in.Body))
			var got struct {
				Message string
				Errors  []string
			}
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if answer.Code != in.Status || got.Message != in.Message || strings.Join(got.Errors, "\n") != strings.Join(in.Errors, "\n") {
				t.Errorf("got  %d %q %q\nwant %d %q %q", answer.Code, got.Message, got.Errors, in.Status, in.Message, in.Errors)
			}
			if stats, _ := h.journal.Stats(t.Context(), company.ID); stats.Streams != 0 {
				t.Errorf("a refused call left %d payments", stats.Streams)
			}
		})
	}
}

// Taking away any required field, nested ones too, gives the documented message; the contract is the list.
func TestEveryRequiredField(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	company := h.company("required", nil)
	for _, op := range h.contract.Operations() {
		for _, field := range op.Fields() {
			if !field.Required || parentIsOptionalAndAbsent(h, op, field.Path) {
				continue
			}
			t.Run(op.Schema+" "+field.Path, func(t *testing.T) {
				answer := h.pay(company, without(t, h, op, field.Path))
				want := fmt.Sprintf(`{"status":"error","message":"Missing required field: %s","isSuccess":false,"errors":[]}`, field.Path)
				if answer.Code != http.StatusBadRequest || answer.Body.String() != want {
					t.Errorf("got %d %s\nwant %s", answer.Code, answer.Body, want)
				}
			})
		}
	}
}

func parentIsOptionalAndAbsent(h *testSimulator, op *openapi.Operation, path string) bool {
	parent, _, nested := cutLast(path)
	return nested && !example(h.t, h, op).Has(parent)
}

func cutLast(path string) (parent, name string, nested bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func example(t *testing.T, h *testSimulator, op *openapi.Operation) openapi.Document {
	t.Helper()
	text, ok := h.contract.Example(op.Schema)
	if !ok {
		t.Fatalf("%s has no example", op.Schema)
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func without(t *testing.T, h *testSimulator, op *openapi.Operation, path string) string {
	t.Helper()
	doc := example(t, h, op)
	holder := doc.Fields
	parent, name, nested := cutLast(path)
	if nested {
		holder = doc.Object(parent)
	}
	delete(holder, name)
	text, err := json.Marshal(doc.Fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Random valid requests are all accepted, and their answers match the contract (open switches that check on).
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	company := h.company("random", nil)
	header := h.header(company)
	for _, op := range h.contract.Operations() {
		generator, err := fixtures.NewGenerator(random.New(42, op.Schema))
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			body, err := generator.Request(op)
			if err != nil {
				t.Fatal(err)
			}
			if answer := h.call(header, string(body)); answer.Code != http.StatusOK {
				t.Errorf("%s: %s\ngot %d %s", op.Schema, body, answer.Code, answer.Body)
			}
		}
	}
}

// 1,000 calls at once make 1,000 payments, all different, all in the journal, whole.
func TestParallelCalls(t *testing.T) {
	t.Parallel()
	const calls = 1000
	h := open(t, nil)
	company := h.company("parallel", nil)
	header := h.header(company)
	body, _ := h.contract.Example("PayonePayInRequest")
	ids := make([]string, calls)
	var group sync.WaitGroup
	for i := range calls {
		group.Go(func() {
			answer := h.call(header, string(body))
			doc, err := openapi.Decode(answer.Body.Bytes())
			if err != nil {
				t.Errorf("%d %s: %v", answer.Code, answer.Body, err)
				return
			}
			ids[i] = doc.Text("data.transactionId")
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			t.Fatalf("transaction id %q was given twice", id)
		}
		seen[id] = true
		p, _, err := h.payments.Read(t.Context(), company.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if p.Status != payment.Pending || p.Answer == nil {
			t.Errorf("payment %s is %s, answered: %v", id, p.Status, p.Answer != nil)
		}
	}
	all, err := h.journal.List(t.Context(), company.ID, journal.Query{Limit: 2 * calls})
	if err != nil || len(all) != calls {
		t.Errorf("the journal lists %d payments, %v", len(all), err)
	}
}
