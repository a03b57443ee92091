package control

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/company"
	"mozartosim/simulator/provider"
)

// workers counts the companies that have a worker.
func (b *bench) workers() (running *atomic.Int32) {
	running = new(atomic.Int32)
	b.config.Runtimes.StartWorkers(func(rt *company.Runtime) (stop func()) {
		running.Add(1)
		return func() {
			running.Add(-1)
			rt.End()
		}
	})
	return running
}

// A company that is refused has no worker that would wait for ever.
func TestRefusedCompanyHasNoWorker(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workers := b.workers()
	b.call("POST", "/v1/companies", `{"id": "665f1c2ab7e4d93a5c0f1a2b", "name": "demo"}`).fails(409, "conflict", `name "demo" belongs to another company`)
	if n := workers.Load(); n != 0 {
		t.Errorf("%d workers", n)
	}
	b.call("POST", "/v1/companies", `{"id": "665f1c2ab7e4d93a5c0f1a2b", "name": "shard"}`).want(201).is("created", "2026-06-01T12:00:00Z")
}

// A company that is deleted while a call waits for what happens in it is gone: the wait has not met its condition, and brings nothing
// of it back.
func TestDeletedWhileWaitedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(`{"name": "shard"}`)
	workers := b.workers()
	b.journal.listed = sync.OnceFunc(func() { b.call("DELETE", "/v1/companies/shard", "").want(200) })
	b.call("POST", "/v1/companies/shard/wait", `{"condition": "payment.amount > 1"}`).want(200).is("met", "")
	if n := workers.Load(); n != 0 {
		t.Errorf("%d workers", n)
	}
}

// body is a request's body; first is called before it is read.
type body struct {
	io.Reader
	first func()
}

func (b body) Read(p []byte) (int, error) {
	b.first()
	return b.Reader.Read(p)
}

// A snapshot whose company is deleted while it arrives brings nothing back, of which a company of the same name would then have payments.
func TestDeletedWhileRestored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.config.Snapshots.Providers = map[string]*provider.Provider{"PAYONE": {}}
	b.create(`{"name": "shard"}`)
	shard, _ := b.config.Companies.Get("shard")
	b.pay(shard, somePayment("01"))
	kept := b.call("POST", "/v1/companies/shard/snapshot", "").want(200)
	workers := b.workers()
	r := httptest.NewRequest(http.MethodPost, "/v1/companies/shard/restore", body{strings.NewReader(kept.text), sync.OnceFunc(func() {
		b.call("DELETE", "/v1/companies/shard", "").want(200).is("payments", "1")
	})})
	r.Host = "127.0.0.1"
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	b.Config.Handler.ServeHTTP(w, r)
	if w.Code != 404 || !strings.Contains(w.Body.String(), "was deleted meanwhile") {
		t.Errorf("restored: %d %s", w.Code, w.Body)
	}
	if n := workers.Load(); n != 0 {
		t.Errorf("%d workers", n)
	}
	b.create(`{"name": "shard"}`)
	if got := b.call("GET", "/v1/companies/shard/payments", "").want(200).list("payments"); len(got) != 0 {
		t.Errorf("the new company has %v", got)
	}
}
