package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// receiver is the merchants' webhook handler. It keeps the webhooks that it answered with 200, by transaction_id; it keeps none
// that a scenario has made unreadable.
type receiver struct {
	server   *http.Server
	url      string
	mu       sync.Mutex
	arrivals map[string][]arrival
}

// arrival is a webhook that arrived.
type arrival struct {
	at     time.Time
	sender string // its address
	body   string
}

// newReceiver makes one that is called at a host, from other networks too if it is open.
func newReceiver(host string, open bool) (*receiver, error) {
	address := host
	if open {
		address = ""
	}
	listener, err := net.Listen("tcp", address+":0")
	if err != nil {
		return nil, err
	}
	r := &receiver{arrivals: map[string][]arrival{}, url: fmt.Sprintf("http://%s:%d", host, listener.Addr().(*net.TCPAddr).Port)}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(listener) }() // until the server is closed, which waits for nobody: senders may have been cut off
	return r, nil
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
	if id == "" {
		return
	}
	sender, _, _ := net.SplitHostPort(q.RemoteAddr)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrivals[id] = append(r.arrivals[id], arrival{time.Now(), sender, string(body)})
}

// accepted are a payment's webhooks that were answered with 200.
func (r *receiver) accepted(id string) []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.arrivals[id])
}

// forget keeps the soak's own memory bounded.
func (r *receiver) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.arrivals, id)
}
