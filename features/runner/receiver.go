package runner

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

	"mozartosim/features/steps"
	"mozartosim/simulator/clock"
)

// maxWebhook bounds what the receiver reads of a webhook.
const maxWebhook = 8 << 20

// Receiver takes webhooks and verify-user calls, each at the address of its mailbox: <base>/<key>/webhooks. What comes to any
// other address is for the mailbox of all, if there is one.
type Receiver struct {
	base   string
	name   string // its own, for Reached
	server *http.Server
	done   chan error

	mu    sync.RWMutex
	boxes map[string]*steps.Mailbox
	all   *steps.Mailbox
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
	r := &Receiver{base: strings.TrimRight(public, "/"), name: rand.Text(), boxes: map[string]*steps.Mailbox{}, done: make(chan error, 1)}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { r.done <- r.server.Serve(listener) }()
	return r, nil
}

// Open makes the mailbox of a key.
func (r *Receiver) Open(key string) *steps.Mailbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := steps.NewMailbox(r.base + "/" + key)
	r.boxes[key] = m
	return m
}

// OpenAll makes the mailbox for everything else.
func (r *Receiver) OpenAll() *steps.Mailbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = steps.NewMailbox(r.base)
	return r.all
}

// Close forgets a mailbox; what still arrives there is answered with 404.
func (r *Receiver) Close(m *steps.Mailbox) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.boxes, strings.TrimPrefix(m.URL, r.base+"/"))
}

// probe is the path under which the receiver finds itself.
const probe = "/mozartosim-is-it-you"

// Reached says whether the receiver can be reached at its own public address, by the runner at least; unchecked believes it.
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
	client, idle := newClient(nil, nil)
	defer idle()
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("nobody is reached at %s: %w", r.base, errors.Unwrap(err))
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, int64(len(r.name)+1))) // what can't be read is not our name
	if string(text) != r.name {
		return fmt.Errorf("at %s somebody else answers, with %s", r.base, answer.Status)
	}
	return nil
}

// Stop stops listening and waits for whatever is being answered.
func (r *Receiver) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if served := <-r.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if strings.HasSuffix(request.URL.Path, probe) {
		_, _ = io.WriteString(w, r.name) // whoever asked may be gone
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
	take := (*steps.Mailbox).Deliver
	switch {
	case m == nil:
		http.Error(w, "nobody waits for webhooks here", http.StatusNotFound)
		return
	case own && rest == "verify-user":
		take = (*steps.Mailbox).Verify
	}
	status, text := take(m, request.Header, body, clock.Wall())
	if text != "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // whoever called may be gone
}
