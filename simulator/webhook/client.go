package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
)

// DefaultTimeout is how long the receiver has for its whole answer (documented).
const DefaultTimeout = 10 * time.Second

// Config is the configuration of a Client. The zero value is the default.
type Config struct {
	Timeout        time.Duration  // for the whole attempt; 0 = DefaultTimeout
	Allow          []string       // targets: host, host:port, *.suffix, CIDR; none = every target that is not forbidden
	Roots          *x509.CertPool // authorities to trust; nil = the machine's
	MaxIdlePerHost int            // connections kept open for reuse; 0 = 32
	// IdleTimeout is how long an idle connection is kept; 0 = 1 s. It is short because a handler that closes an idle
	// connection just when it is used again would show as a failed attempt that the handler never saw.
	IdleTimeout time.Duration
	Resolver    *net.Resolver // nil = the machine's
	Container   func() bool   // says whether this runs in a container; nil = look for the usual files
}

// Client sends attempts. It is safe for concurrent use.
type Client struct {
	transport *http.Transport
	guard     *egress.Guard
	timeout   time.Duration
	container func() bool
}

// NewClient makes a Client. The error names an entry of the allow-list that is not valid.
func NewClient(config Config) (*Client, error) {
	guard, err := egress.New(config.Allow)
	if err != nil {
		return nil, fmt.Errorf("webhook targets: %w", err)
	}
	transport := &http.Transport{ // no Proxy: webhooks go straight to the merchant's handler
		DialContext:            guard.Dial(net.Dialer{Resolver: config.Resolver}),
		TLSClientConfig:        &tls.Config{RootCAs: config.Roots},
		DisableCompression:     true,
		MaxIdleConnsPerHost:    cmp.Or(config.MaxIdlePerHost, 32),
		IdleConnTimeout:        cmp.Or(config.IdleTimeout, time.Second),
		MaxResponseHeaderBytes: 256 << 10,
	}
	c := &Client{
		transport: transport, guard: guard,
		timeout: cmp.Or(config.Timeout, DefaultTimeout), container: config.Container,
	}
	if c.container == nil {
		c.container = InContainer
	}
	return c, nil
}

// Close closes the connections that are kept open for reuse.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// CheckURL says what is wrong with a webhookUrl, as far as that is known without a DNS lookup.
func (c *Client) CheckURL(target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return c.guard.CheckURL(target)
	}
	return c.check(u, target)
}

func (c *Client) check(u *url.URL, target string) error {
	if u.User != nil { // they would be shown and logged wherever the URL is
		return egress.NotAllowed("a webhook's URL carries no user and password: use isWebhookSecured")
	}
	return c.guard.Check(u, target)
}

// Send makes the attempt and returns what came of it; a failure is in the result. When ctx ends, so does the attempt.
func (c *Client) Send(ctx context.Context, a Attempt) Result {
	start := clock.Wall()
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var result Result
	var connected atomic.Bool // set by the transport, which may outlive the attempt
	err := c.exchange(within, a, &connected, &result)
	result.Took = clock.Wall().Sub(start)
	if err == nil {
		return result
	}
	if ctx.Err() != nil {
		err = context.Canceled // by the caller, not by the client's timeout
	}
	result.Error, result.Stage = Explain(err, c.timeout, a.URL)
	switch {
	case result.Status != 0:
		result.Stage = StageAfter
	case connected.Load():
		result.Stage = StageDuring
	default:
		result.Stage = StageBefore
	}
	result.Error = cut(result.Error, headerLimit) + c.hint(err, a.URL) // an answer that is not HTTP is quoted
	return result
}

func (c *Client) exchange(ctx context.Context, a Attempt, connected *atomic.Bool, result *Result) error {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(a.Body))
	if err != nil {
		return cmp.Or(c.CheckURL(a.URL), err)
	}
	if err := c.check(request.URL, a.URL); err != nil {
		return err
	}
	request.Header = a.Headers()
	answer, err := c.transport.RoundTrip(request) // http.Client would add redirects and cookies
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	result.Status = answer.StatusCode
	return read(answer, secretOf(request.Header), result)
}

// hint names the most common mistake in containers, "" otherwise.
func (c *Client) hint(err error, target string) string {
	elsewhere, loopback := loopbackURL(target)
	if !loopback || !refused(err) || !c.container() {
		return ""
	}
	return fmt.Sprintf(" (from inside a container localhost is the container itself: try %s)", elsewhere)
}

// InContainer says whether this process runs in a container, by what Docker, Podman and Kubernetes leave there.
func InContainer() bool {
	for _, file := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return os.Getenv("KUBERNETES_SERVICE_HOST") != "" || os.Getenv("container") != ""
}
