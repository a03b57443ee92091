package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/cashier"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/refusal"
)

// over asks a server on the network.
func over(t *testing.T, server *httptest.Server, body string) (answer, http.Header) {
	t.Helper()
	response, err := server.Client().Post(server.URL+openapi.CashierPath, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Content-Type"), string(text)}, response.Header
}

// wire is a connection on which a test writes byte by byte.
type wire struct {
	t *testing.T
	*net.TCPConn
	in *bufio.Reader
}

func dial(t *testing.T, server *httptest.Server) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	// Only a broken server lets a read of this test wait so long.
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &wire{t, conn.(*net.TCPConn), bufio.NewReader(conn)}
}

func (w *wire) write(line, header, body string) {
	w.t.Helper()
	if _, err := fmt.Fprintf(w, "%s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", line, header, body); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) send(header, body string) {
	w.t.Helper()
	w.write("POST "+openapi.CashierPath, header, body)
}

func (w *wire) receive() (got answer, closes bool) {
	w.t.Helper()
	response, err := http.ReadResponse(w.in, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Content-Type"), string(text)}, response.Close
}

// closed checks that the server hangs up, without being asked to.
func (w *wire) closed() {
	w.t.Helper()
	if _, err := w.in.ReadByte(); !errors.Is(err, io.EOF) && !strings.Contains(fmt.Sprint(err), "reset by peer") {
		w.t.Errorf("the connection is still open: %v", err)
	}
}

const quickBody = 500 * time.Millisecond

func quick(c *api.Config) { c.BodyTimeout = quickBody }

var timedOut = refused(408, "Request timeout", "body must arrive within 500ms")

// A caller who sends its body slowly, or never, is told so and loses its connection: it can't hold one forever.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, header, body string }{
		{"half of it", "Content-Length: 100", `{"a":`},
		{"nothing of it", "Content-Length: 100", ``},
		{"half of a large one", "Content-Length: 80000", `{"a":"` + strings.Repeat("x", 40_000)},
		{"half of a chunked one", "Transfer-Encoding: chunked", "6\r\n{\"a\":1\r\n"},
		{"half of a chunk", "Transfer-Encoding: chunked", "60\r\n{\"a\":"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(listener.LimitBody(quickBody, door(good(), quick)))
			t.Cleanup(server.Close)
			w := dial(t, server)
			w.send(test.header, test.body)
			got, closes := w.receive()
			if diff := cmp.Diff(timedOut, got); diff != "" {
				t.Error(diff)
			}
			if !closes {
				t.Error("the answer doesn't say that the connection closes")
			}
			w.closed()
		})
	}
}

// The time for a body ends with that body: the connection may rest longer than that before its next call.
func TestConnectionOutlivesTheBodyTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(listener.LimitBody(quickBody, door(good(), quick)))
	defer server.Close()
	steady, slow := dial(t, server), dial(t, server)
	for range 2 {
		for _, size := range []int{8, 70_000} { // read in one go, and piece by piece
			text := body(size)
			steady.send(fmt.Sprintf("Content-Length: %d", len(text)), text)
			if got, _ := steady.receive(); got != accepted {
				t.Fatalf("got %+v", got)
			}
		}
		slow.send("Content-Length: 100", `{`) // the timeout passes here
		slow.receive()
		slow = dial(t, server)
	}
}

// A call that is refused before its body was read doesn't hold its connection either, whatever the body does.
func TestRefusedBeforeTheBody(t *testing.T) {
	t.Parallel()
	tooLarge := refused(413, "Payload too large", "body must be at most 81920 bytes")
	chunks := strings.Repeat("4000\r\n"+strings.Repeat("x", 0x4000)+"\r\n", 6)
	tests := []struct {
		name, method, path, header, body string
		want                             answer
	}{
		{"too large by its length", "POST", openapi.CashierPath, "Content-Length: 10000000", "{", tooLarge},
		{"a little too large by its length", "POST", openapi.CashierPath, "Content-Length: 81921", "{", tooLarge},
		{"too large by its chunks", "POST", openapi.CashierPath, "Transfer-Encoding: chunked", chunks, tooLarge},
		{"another content type", "POST", openapi.CashierPath, "Content-Type: text/plain\r\nContent-Length: 100", "{",
			refused(415, "Unsupported media type", "Content-Type must be application/json")},
		{"another method", "PUT", openapi.CashierPath, "Content-Length: 100", "{", refused(405, "Method not allowed")},
		{"another path", "POST", "/", "Content-Length: 100", "{", refused(404, "Not found")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(listener.LimitBody(quickBody, door(good(), quick)))
			t.Cleanup(server.Close)
			w := dial(t, server)
			w.write(test.method+" "+test.path, test.header, test.body)
			got, _ := w.receive()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			w.closed()
		})
	}
}

// A body whose deadline has been met leaves the call alone: it may take longer than its body.
func TestCallOutlivesTheBodyTimeout(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	inside := make(chan struct{})
	c := &patient{inside: inside, left: left}
	server := httptest.NewServer(listener.LimitBody(quickBody, door(c, quick)))
	defer server.Close()
	steady, slow := dial(t, server), dial(t, server)
	steady.send("Content-Length: 2", "{}")
	<-inside
	slow.send("Content-Length: 100", `{`) // the timeout passes here
	slow.receive()
	close(left)
	if got, _ := steady.receive(); got != accepted {
		t.Errorf("got %+v", got)
	}
}

// stages has a name of its own: a field Cashier would hide the method.
type stages = api.Cashier

// patient is a fakeCashier that takes its time, and says whether the call was given up meanwhile.
type patient struct {
	stages
	inside, left chan struct{}
}

func (p *patient) Cashier(ctx context.Context, _ *cashier.Call) (cashier.Answer, error) {
	p.inside <- struct{}{}
	<-p.left
	return good().answer, ctx.Err()
}

func (p *patient) Refuse(_ cashier.Answer, err error) (refusal.Answer, bool) {
	return refusal.Explain(err)
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(door(good(), nil))
	defer server.Close()
	for _, header := range []string{"Content-Length: 100", "Content-Length: 80000"} {
		w := dial(t, server)
		w.send(header, `{"a":`)
		if err := w.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, _ := w.receive()
		if diff := cmp.Diff(refused(400, "Validation failed", "body must arrive whole"), got); diff != "" {
			t.Error(diff)
		}
		w.closed()
	}
}
