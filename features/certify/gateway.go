package certify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/features/evidence"
)

// gateway stands between the simulator and the merchant's webhook handler. It forwards webhooks as they are, keeps what was sent
// and answered and how long that took, and drops webhooks or acknowledgements when a check asks for it.
type gateway struct {
	target string        // the merchant's webhook URL
	limit  time.Duration // for the merchant's answer: longer than it may take
	wall   func() time.Time
	client *http.Client
	server *http.Server
	url    string // as the simulator reaches it
	active sync.WaitGroup

	mu   sync.Mutex
	mode gatewayMode
	kept []delivery
}

// gatewayMode is what the gateway does with the next webhooks.
type gatewayMode int

const (
	pass       gatewayMode = iota
	drop                   // one webhook does not reach the merchant; the simulator gets a 503
	dropAnswer             // the answer to one webhook does not reach the simulator, which gets a 504
	swallow                // no webhook reaches the merchant; the simulator gets a 200
)

// delivery is one webhook that came to the gateway, or was forged.
type delivery struct {
	evidence.Webhook // Answered is the merchant's status; 0 = no answer
	check, reference string
	header           http.Header
	answer           string // the body of the merchant's answer
	reached          bool   // it was sent to the merchant
	passed           bool   // by the gateway, from the simulator
}

func newDelivery(header http.Header, body []byte) delivery {
	return delivery{Webhook: evidence.Webhook{Body: string(body)}, header: header.Clone()}
}

// accepted reports whether the merchant acknowledged it.
func (d delivery) accepted() bool { return d.Answered/100 == 2 }

func (d delivery) String() string {
	switch {
	case !d.reached:
		return "lost on the way"
	case d.Error != "":
		return "no answer: " + d.Error
	}
	return fmt.Sprintf("answered %d after %s", d.Answered, time.Duration(d.Took).Round(time.Millisecond))
}

func newGateway(c *Config, wall func() time.Time, client *http.Client) (*gateway, error) {
	g := &gateway{
		target: c.Merchant.Webhook.URL, limit: c.Limits.Acknowledge + c.Limits.Acknowledge/2 + time.Second, wall: wall, client: client,
	}
	listener, err := net.Listen("tcp", c.Gateway.Listen)
	if err != nil {
		return nil, fmt.Errorf("gateway.listen: %w", err)
	}
	if g.url = c.Gateway.URL; g.url == "" {
		g.url = "http://" + listener.Addr().String()
	}
	g.url += "/webhook"
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	g.active.Go(func() {
		_ = g.server.Serve(listener) // ends by Close
	})
	return g, nil
}

// Close stops the gateway and waits for the calls in progress.
func (g *gateway) Close() error {
	err := g.server.Close()
	g.active.Wait()
	g.client.CloseIdleConnections()
	return err
}

func (g *gateway) set(mode gatewayMode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode = mode
}

// next is the mode for a webhook; drop and dropAnswer are for one.
func (g *gateway) next() gatewayMode {
	g.mu.Lock()
	defer g.mu.Unlock()
	mode := g.mode
	if mode == drop || mode == dropAnswer {
		g.mode = pass
	}
	return mode
}

// ServeHTTP receives a webhook of the simulator.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.active.Add(1)
	defer g.active.Done()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	mode := g.next()
	d := newDelivery(r.Header, body)
	if mode == pass || mode == dropAnswer {
		// The simulator may give up before the merchant answers; how long that takes is measured all the same.
		d = g.post(context.WithoutCancel(r.Context()), r.Header, body)
	}
	d.passed = mode == pass
	g.keep(d)
	switch {
	case mode == swallow:
		w.WriteHeader(http.StatusOK)
	case mode == drop:
		w.WriteHeader(http.StatusServiceUnavailable)
	case mode == dropAnswer || d.Answered == 0:
		w.WriteHeader(http.StatusGatewayTimeout)
	default:
		w.WriteHeader(d.Answered)
		_, _ = io.WriteString(w, d.answer)
	}
}

func (g *gateway) keep(d delivery) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = append(g.kept, d)
}

// take returns what came since the last time.
func (g *gateway) take() []delivery {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.kept
	g.kept = nil
	return all
}

// summary says what became of the webhooks that came since the last take.
func (g *gateway) summary() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []string
	for _, d := range g.kept {
		all = append(all, d.String())
	}
	if len(all) == 0 {
		return "no webhook"
	}
	return "webhook " + strings.Join(all, ", ")
}

// post sends a webhook to the merchant and reports what became of it.
func (g *gateway) post(ctx context.Context, header http.Header, body []byte) delivery {
	d := newDelivery(header, body)
	d.reached = true
	ctx, cancel := context.WithTimeout(ctx, g.limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.target, bytes.NewReader(body))
	if err != nil {
		d.Error = err.Error()
		return d
	}
	for name, values := range header {
		if !slices.Contains([]string{"Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding", "Host"}, name) {
			request.Header[name] = values
		}
	}
	began := g.wall()
	answer, err := g.client.Do(request)
	if err == nil {
		defer answer.Body.Close()
		var text []byte
		text, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
		d.Answered, d.answer = answer.StatusCode, string(text)
	}
	d.Took = evidence.Span(g.wall().Sub(began))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		d.Answered, d.Error = 0, "none within "+g.limit.String()
	case err != nil:
		d.Answered, d.Error = 0, cause(err).Error()
	}
	return d
}
