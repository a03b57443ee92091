package main

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// receiver is the merchants' webhook handler. It counts the webhooks that it answered with 200, by transaction_id; those that
// a scenario has made unreadable count under "".
type receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	count  map[string]int
}

// newReceiver makes one that listens on an address, and is called at a host.
func newReceiver(address, host string) (*receiver, error) {
	r := &receiver{count: map[string]int{}}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	r.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}}
	r.server.Start()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	r.server.URL = "http://" + net.JoinHostPort(host, port)
	return r, err
}

// ServeHTTP implements http.Handler: the path says how it answers.
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(io.LimitReader(q.Body, 16<<20))
	if err != nil {
		return
	}
	switch {
	case q.URL.Path == "/failing" && rand.IntN(4) == 0:
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	case q.URL.Path == "/hanging" && rand.IntN(20) == 0:
		<-q.Context().Done() // until the sender gives up
		return
	case q.URL.Path == "/slow":
		time.Sleep(time.Duration(rand.IntN(80)) * time.Millisecond)
	}
	var hook struct {
		ID any `json:"transaction_id"`
	}
	id := ""
	if json.Unmarshal(body, &hook) == nil {
		id, _ = hook.ID.(string)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count[id]++
}

// accepted is how many webhooks of a payment were answered with 200.
func (r *receiver) accepted(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count[id]
}

// forget keeps the soak's own memory bounded.
func (r *receiver) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.count, id)
}
