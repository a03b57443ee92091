package certify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/webhook"
)

// gateway stands between the simulator and the merchant's webhook handler. It hands webhooks on as they are, keeps what was
// sent and answered and how long that took, and loses webhooks or acknowledgements when it is told to.
type gateway struct {
	target string        // the merchant's webhook URL
	limit  time.Duration // for the merchant's answer: longer than it may take
	wall   func() time.Time
	client *http.Client
	server *http.Server
	url    string // as the simulator reaches it
	under  sync.WaitGroup

	mu    sync.Mutex
	mode  gatewayMode
	times int // how many more webhooks the mode is for
	sent  []sent
}

// gatewayMode is what the gateway does with the next webhooks.
type gatewayMode int

const (
	pass        gatewayMode = iota
	lose                    // the merchant never sees it; the simulator is told 503
	loseAnswer              // the merchant sees it; the simulator is told 504
	swallow                 // the merchant never sees it; the simulator is told 200
	swallowRest             // as swallow, for all that come
)

// sent is one webhook that came to the gateway, or was forged.
type sent struct {
	body    string
	header  http.Header
	reached bool // whether the merchant saw it
	status  int  // what the merchant answered; 0 = nothing
	answer  string
	took    time.Duration
	err     string // why the merchant did not answer
	genuine bool   // neither forged nor spoiled
}

// ok says whether the merchant acknowledged it.
func (s sent) ok() bool { return s.status/100 == 2 }

func (s sent) says() string {
	switch {
	case !s.reached:
		return "lost on the way"
	case s.err != "":
		return "no answer: " + s.err
	}
	return fmt.Sprintf("answered %d after %s", s.status, s.took.Round(time.Millisecond))
}

// maxAnswer bounds what is kept of the merchant's answers.
const maxAnswer = 64 << 10

func newGateway(c *Config, wall func() time.Time) (*gateway, error) {
	g := &gateway{
		target: c.Merchant.Webhook.URL, limit: c.Limits.Acknowledge + c.Limits.Acknowledge/2 + time.Second, wall: wall,
		client: newClient(0),
	}
	listener, err := net.Listen("tcp", c.Gateway.Listen)
	if err != nil {
		return nil, fmt.Errorf("gateway.listen: %w", err)
	}
	if g.url = c.Gateway.URL; g.url == "" {
		g.url = "http://" + listener.Addr().String()
	}
	g.url += "/webhook"
	g.server = &http.Server{Handler: http.HandlerFunc(g.take), ReadHeaderTimeout: 10 * time.Second}
	g.under.Add(1)
	go func() {
		defer g.under.Done()
		_ = g.server.Serve(listener) // ends by Close
	}()
	return g, nil
}

// newClient makes a client that follows no redirects and keeps no connections that could outlive the run unnoticed.
func newClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close stops the gateway and waits for what is under way.
func (g *gateway) Close() error {
	err := g.server.Close()
	g.under.Wait()
	g.client.CloseIdleConnections()
	return err
}

// set says what to do with the next webhooks; the mode ends after them.
func (g *gateway) set(mode gatewayMode, times int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode, g.times = mode, times
}

func (g *gateway) next() gatewayMode {
	g.mu.Lock()
	defer g.mu.Unlock()
	mode := g.mode
	if mode == pass || mode == swallowRest {
		return mode
	}
	if g.times--; g.times <= 0 {
		g.mode = pass
	}
	return mode
}

// take is a webhook of the simulator.
func (g *gateway) take(w http.ResponseWriter, r *http.Request) {
	g.under.Add(1)
	defer g.under.Done()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	mode := g.next()
	seen := sent{body: string(body), header: r.Header.Clone()}
	if mode == pass || mode == loseAnswer {
		// The simulator may give up before the merchant answers; how long that takes is to be known all the same.
		seen = g.post(context.WithoutCancel(r.Context()), r.Header, body)
	}
	seen.genuine = mode == pass
	g.keep(seen)
	switch {
	case mode == swallow || mode == swallowRest:
		w.WriteHeader(http.StatusOK)
	case mode == lose:
		w.WriteHeader(http.StatusServiceUnavailable)
	case mode == loseAnswer || seen.status == 0:
		w.WriteHeader(http.StatusGatewayTimeout)
	default:
		w.WriteHeader(seen.status)
		_, _ = io.WriteString(w, seen.answer)
	}
}

func (g *gateway) keep(s sent) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, s)
}

// taken returns what came since the last time.
func (g *gateway) taken() []sent {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.sent
	g.sent = nil
	return all
}

// peek returns what came since the last time, and leaves it there.
func (g *gateway) peek() []sent {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.sent)
}

// post hands a webhook to the merchant and says what came of it.
func (g *gateway) post(ctx context.Context, header http.Header, body []byte) sent {
	seen := sent{body: string(body), header: maps.Clone(header), reached: true}
	ctx, cancel := context.WithTimeout(ctx, g.limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.target, bytes.NewReader(body))
	if err != nil {
		seen.err = err.Error()
		return seen
	}
	for name, values := range header {
		switch name {
		case "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding", "Host":
		default:
			request.Header[name] = values
		}
	}
	began := g.wall()
	answer, err := g.client.Do(request)
	if err == nil {
		defer answer.Body.Close()
		var text []byte
		text, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
		seen.status, seen.answer = answer.StatusCode, string(text)
	}
	seen.took = g.wall().Sub(began)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		seen.status, seen.err = 0, "none within "+g.limit.String()
	case err != nil:
		seen.status, seen.err = 0, cause(err).Error()
	}
	return seen
}

// secured are the headers of a webhook as the simulator sends it, with a secret or without one.
func (w Webhook) secured(secret string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Mozarto-Webhook/1.0 (mozartosim)"}}
	if auth := webhook.Authorization(w.Authorization, secret); auth != "" {
		header.Set("Authorization", auth)
	}
	return header
}

// right are the headers with the merchant's own secret.
func (w Webhook) right() http.Header { return w.secured(w.Secret) }
