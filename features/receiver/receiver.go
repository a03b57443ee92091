package receiver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/clock"
)

// maxWebhook is as much of a webhook as the receiver reads.
const maxWebhook = 8 << 20

// Receiver takes webhooks and verify-user calls, each at the address of its mailbox: <base>/<key>/webhooks. What arrives at any
// other address goes to the mailbox of all, if there is one.
type Receiver struct {
	base   string
	name   string // its own, for Reached
	server *http.Server
	done   chan error

	mu    sync.RWMutex
	boxes map[string]*Mailbox
	all   *Mailbox
}

// Listen opens the receiver. public is its base URL as the target reaches it; "" = the address it listens at.
func Listen(addr, public string) (*Receiver, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if public == "" {
		public = "http://" + listener.Addr().String()
	}
	r := &Receiver{base: strings.TrimRight(public, "/"), name: rand.Text(), boxes: map[string]*Mailbox{}, done: make(chan error, 1)}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { r.done <- r.server.Serve(listener) }()
	return r, nil
}

// Open makes the mailbox of a key.
func (r *Receiver) Open(key string) *Mailbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := newMailbox(r.base + "/" + key)
	r.boxes[key] = m
	return m
}

// OpenAll makes the mailbox of all: for what arrives at any other address.
func (r *Receiver) OpenAll() *Mailbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = newMailbox(r.base)
	return r.all
}

// Close forgets a mailbox; what still arrives there is answered with 404.
func (r *Receiver) Close(m *Mailbox) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.boxes, strings.TrimPrefix(m.URL, r.base+"/"))
}

// probe is the path under which the receiver finds itself.
const probe = "/mozartosim-is-it-you"

// Reached checks that this process reaches the receiver at its public address. unchecked trusts that the target does.
func (r *Receiver) Reached(unchecked bool) error {
	if unchecked {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+probe, http.NoBody)
	if err != nil {
		return fmt.Errorf("webhookUrl: %w", err)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("no server answers at %s: %w", r.base, err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, int64(len(r.name)+1))) // what can't be read is not our name
	if string(text) != r.name {
		return fmt.Errorf("another server answers at %s, with %s", r.base, answer.Status)
	}
	return nil
}

// Stop stops listening and waits for the calls that are being answered, but not for longer than five seconds.
func (r *Receiver) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) { // a sender keeps a connection that it has not used yet
		err = r.server.Close()
	}
	if served := <-r.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if strings.HasSuffix(request.URL.Path, probe) {
		_, _ = io.WriteString(w, r.name) // the caller may be gone
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, maxWebhook))
	if err != nil {
		http.Error(w, "the body can't be read", http.StatusBadRequest)
		return
	}
	key, rest, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/"), "/")
	r.mu.RLock()
	m, own := r.boxes[key]
	if !own {
		m = r.all
	}
	r.mu.RUnlock()
	take := (*Mailbox).takeWebhook
	switch {
	case m == nil:
		http.Error(w, "no mailbox has this address", http.StatusNotFound)
		return
	case own && rest == "verify-user":
		take = (*Mailbox).takeVerify
	}
	reply := take(m, request.Header, body, clock.Wall())
	if reply.Body != "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(reply.Status)
	_, _ = io.WriteString(w, reply.Body) // the caller may be gone
}
