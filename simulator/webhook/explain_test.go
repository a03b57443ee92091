package webhook_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"mozartosim/simulator/webhook"
)

type failure struct {
	name  string
	url   string
	error string
	stage string
}

func (f failure) check(t *testing.T, c *webhook.Client) {
	t.Helper()
	got := c.Send(t.Context(), webhook.Attempt{URL: f.url, Body: []byte(notice)})
	if got.Error != f.error || got.Stage != f.stage || got.Delivered() {
		t.Errorf("%d, error %q at stage %q, want %q at %q", got.Status, got.Error, got.Stage, f.error, f.stage)
	}
}

// closedPort is a port of this machine where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	reset := func(conn *net.TCPConn) { conn.SetLinger(0) } // closing then sends RST
	answering := func(answer string, then func(*net.TCPConn)) func(*net.TCPConn) {
		return func(conn *net.TCPConn) {
			readRequest(conn)
			io.WriteString(conn, answer)
			then(conn)
		}
	}
	hangUp := func(*net.TCPConn) {}
	tests := []failure{
		{"refused", "http://127.0.0.1:" + closedPort(t), "connection refused", "before"},
		{"no such host", "http://nobody.test", "no such host nobody.test", "before"},
		{"closed before an answer", raw(t, answering("", hangUp)), "connection closed before an answer", "during"},
		{"closed in the headers", raw(t, answering("HTTP/1.1 200 OK\r\nX: y", hangUp)), "connection closed in the middle of the answer", "during"},
		{"closed in the body", raw(t, answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", hangUp)), "connection closed in the middle of the answer", "after"},
		{"reset before an answer", raw(t, answering("", reset)), "connection reset", "during"},
		{"not HTTP", raw(t, answering("SSH-2.0-test\r\n", hangUp)), `the answer is not HTTP: malformed HTTP response "SSH-2.0-test"`, "during"},
		{"TLS alert", raw(t, answering("\x15\x03\x01\x00\x02\x02\x16", hangUp)), "", "during"},
		{"huge headers", raw(t, answering("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 300<<10), hangUp)), "the answer's headers are too large", "during"},
	}
	tests[7].error = "plain HTTP was sent to a port that speaks TLS: try " + strings.Replace(tests[7].url, "http", "https", 1)
	c := client(t, webhook.Config{Resolver: resolver(nil)})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.check(t, c)
		})
	}
}

// The connection is cut by a real server's handler after half of the body.
func TestResetInTheBody(t *testing.T) {
	t.Parallel()
	seen := make(chan struct{})
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
		close(seen)
	})
	got := client(t, webhook.Config{}).Send(t.Context(), webhook.Attempt{URL: s.URL, Body: []byte(notice)})
	<-seen
	// Whether the half answer arrives before the RST is the kernel's choice.
	during := got.Status == 0 && got.Stage == webhook.StageDuring
	after := got.Status == 200 && got.Stage == webhook.StageAfter
	if got.Error != "connection reset" || !during && !after || got.Delivered() {
		t.Errorf("result %+v", got)
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	const limit = 50 * time.Millisecond
	release := make(chan struct{})
	hang := server(t, func(http.ResponseWriter, *http.Request) { <-release })
	slow := server(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		http.NewResponseController(w).Flush()
		<-release
	})
	silent := raw(t, func(*net.TCPConn) { <-release })
	t.Cleanup(func() { close(release) }) // the last cleanup comes first: the servers wait for it
	tests := []failure{
		{"no answer", hang.URL, "timeout after 50ms", "during"},
		{"half a body", slow.URL, "timeout after 50ms", "after"},
		{"silent handshake", strings.Replace(silent, "http", "https", 1), "timeout after 50ms", "before"},
		{"silent DNS", "http://silent.test", "timeout after 50ms", "before"},
	}
	silentDNS := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	c := client(t, webhook.Config{Timeout: limit, Resolver: silentDNS})
	t.Run("all", func(t *testing.T) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				test.check(t, c)
			})
		}
	})
}

func TestHalfABodyIsKept(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	got := client(t, webhook.Config{Timeout: 200 * time.Millisecond}).Send(t.Context(), webhook.Attempt{URL: s.URL})
	if got.Status != 200 || got.Body != "half" || got.Delivered() {
		t.Errorf("result %+v", got)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := server(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
		cancel()
		<-r.Context().Done()
	})
	got := client(t, webhook.Config{}).Send(ctx, webhook.Attempt{URL: s.URL, Body: []byte(notice)})
	if got.Error != "interrupted: the simulator is stopping" || got.Stage != webhook.StageDuring {
		t.Errorf("result %+v", got)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	plain := server(t, func(http.ResponseWriter, *http.Request) {})
	plainPort := plain.URL[strings.LastIndex(plain.URL, ":")+1:]
	smtp := raw(t, func(conn *net.TCPConn) {
		io.WriteString(conn, "220 smtp.test ESMTP\r\n")
		io.Copy(io.Discard, conn)
	})
	at := func(port string) string { return "https://merchant.test:" + port }
	good := ours.serve(t, -time.Hour, &tls.Config{}, "merchant.test")
	mutual := &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}
	many := []string{"a.test", "b.test", "c.test", "d.test"}
	tests := []failure{
		{"unknown authority", at(theirs.serve(t, -time.Hour, &tls.Config{}, "merchant.test")), "TLS: unknown authority", "before"},
		{"wrong name", at(ours.serve(t, -time.Hour, &tls.Config{}, "other.test")), "TLS: certificate is for other.test, not merchant.test", "before"},
		{"many names", at(ours.serve(t, -time.Hour, &tls.Config{}, many...)), "TLS: certificate is for a.test, b.test, c.test, …, not merchant.test", "before"},
		{"no name", at(ours.serve(t, -time.Hour, &tls.Config{})), "TLS: certificate is for no host at all, not merchant.test", "before"},
		{"expired", at(ours.serve(t, -25*time.Hour, &tls.Config{}, "merchant.test")), "TLS: certificate has expired", "before"},
		{"not yet valid", at(ours.serve(t, time.Hour, &tls.Config{}, "merchant.test")), "TLS: certificate is not valid yet", "before"},
		{"client certificate", at(ours.serve(t, -time.Hour, mutual, "merchant.test")), "TLS: refused by the other side: handshake failure", "before"},
		{"TLS to plain HTTP", at(plainPort), "TLS: the port speaks plain HTTP: try http://merchant.test:" + plainPort, "before"},
		{"TLS to something else", strings.Replace(smtp, "http", "https", 1), "TLS: the port does not speak TLS", "before"},
		{"plain HTTP to TLS", "http://merchant.test:" + good, "plain HTTP was sent to a port that speaks TLS: try https://merchant.test:" + good, "after"},
	}
	c := client(t, webhook.Config{Roots: ours.roots, Resolver: resolver(map[string][]string{"merchant.test": {"127.0.0.1"}})})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.check(t, c)
		})
	}
	if got := c.Send(t.Context(), webhook.Attempt{URL: at(good)}); !got.Delivered() || got.Body != "over TLS" {
		t.Errorf("a good certificate: %+v", got)
	}
}

func TestContainerHint(t *testing.T) {
	t.Parallel()
	port := closedPort(t)
	const hint = "connection refused (from inside a container localhost is the container itself: try http://host.docker.internal:"
	tests := []struct {
		host      string
		container bool
		want      string
	}{
		{"127.0.0.1", true, hint + port + ")"},
		{"127.1.2.3", true, hint + port + ")"},
		{"localhost", true, hint + port + ")"},
		{"localhost", false, "connection refused"},
		{"merchant.test", true, "connection refused"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.host, test.container), func(t *testing.T) {
			t.Parallel()
			c := client(t, webhook.Config{
				Container: func() bool { return test.container },
				Resolver:  resolver(map[string][]string{"merchant.test": {"127.0.0.1"}, "localhost": {"127.0.0.1"}}),
			})
			failure{url: "http://" + test.host + ":" + port + "/hook", error: test.want, stage: "before"}.check(t, c)
		})
	}
}

// Failures that no server on this machine can be made to show.
func TestExplain(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	tests := []struct {
		err          error
		words, stage string
	}{
		{nil, "", ""},
		{dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), "no route to merchant.test", "before"},
		{dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "no route to merchant.test", "before"},
		{dial(os.NewSyscallError("connect", syscall.ETIMEDOUT)), "timeout after 1m30s", "before"},
		{dial(os.NewSyscallError("connect", syscall.EACCES)), "can't connect: permission denied", "before"},
		{dial(&net.DNSError{Name: "merchant.test", Err: "server misbehaving", IsTemporary: true}), "DNS gives no answer about merchant.test: server misbehaving", "before"},
		{fmt.Errorf("write: %w", syscall.EPIPE), "connection reset", "during"},
		{errors.New("http: server closed idle connection"), "connection closed before an answer", "during"},
		{context.DeadlineExceeded, "timeout after 1m30s", "during"},
		{fmt.Errorf("x: %w", errors.New("something new")), "something new", "during"},
		{errors.New("tls: first record is odd"), "TLS: first record is odd", "before"},
	}
	for _, test := range tests {
		words, stage := webhook.Explain(test.err, 90*time.Second, "https://merchant.test/x")
		if words != test.words || stage != test.stage {
			t.Errorf("%v: %q at %q, want %q at %q", test.err, words, stage, test.words, test.stage)
		}
	}
	for limit, want := range map[time.Duration]string{
		10 * time.Second: "10s", time.Hour: "1h", 2 * time.Minute: "2m", 20 * time.Minute: "20m", 61 * time.Minute: "1h1m",
	} {
		if words, _ := webhook.Explain(context.DeadlineExceeded, limit, ""); words != "timeout after "+want {
			t.Errorf("%s: %q", limit, words)
		}
	}
}
