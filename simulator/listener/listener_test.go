package listener_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mozartosim/simulator/listener"
)

// net/http holds a connection half open for half a second where a body was not read.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// quick are time-outs that a test can wait for.
const quick = 50 * time.Millisecond

// started serves a handler until the test is over and returns its address.
func started(t *testing.T, limits listener.Limits, c listener.Config) string {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.Log, c.MaxHeader, c.Idle = slog.New(slog.DiscardHandler), 4096, time.Minute
	server := listener.Start(listener.Bound(on, limits), c)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return on.Addr().String()
}

// dial connects; only a broken server lets the test wait so long that the deadline counts.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// get asks on a connection of its own for a path's answer.
func get(t *testing.T, address, path string) (status int, text string) {
	t.Helper()
	c := dial(t, address)
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func reads(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); errors.Is(err, os.ErrDeadlineExceeded) {
		w.WriteHeader(http.StatusRequestTimeout)
	}
}

// A header, or a body, that doesn't arrive ends its connection, whether the handler reads it or not.
func TestSlowRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sent    string
		handler http.HandlerFunc
		status  string // of the answer before the end; "" = there is none
	}{
		"nothing":                  {"", reads, ""},
		"half a header":            {"POST / HTTP/1.1\r\nHo", reads, ""},
		"no body":                  {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n", reads, "408"},
		"half a body":              {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345", reads, "408"},
		"half a body, in chunks":   {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123", reads, "408"},
		"a body that nobody reads": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1", func(http.ResponseWriter, *http.Request) {}, "200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := started(t, listener.Limits{Write: time.Minute}, listener.Config{Handler: test.handler, Read: quick})
			c := dial(t, address)
			if _, err := io.WriteString(c, test.sent); err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(c)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal("the connection is still open")
			}
			if _, after, _ := strings.Cut(string(text), " "); !strings.HasPrefix(after, test.status) {
				t.Errorf("answered %q", text)
			}
		})
	}
}

// A body that never ends, and of which something arrives all the time, but little, ends its connection too.
func TestTricklingBody(t *testing.T) {
	t.Parallel()
	address := started(t, listener.Limits{Write: time.Minute}, listener.Config{Handler: http.HandlerFunc(reads), Read: quick})
	c := dial(t, address)
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
	for n := 0; ; n++ {
		if n == 1_000_000 {
			t.Fatal("the connection is still open")
		}
		if _, err := c.Write([]byte("x")); err != nil {
			return
		}
		get(t, address, "/") // a byte with each round trip of another connection is slower than a second for 64 KiB
	}
}

// deadlines notes the deadlines that are set on it.
type deadlines struct {
	http.ResponseWriter
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// Each 64 KiB give a body another second.
func TestLargeBody(t *testing.T) {
	t.Parallel()
	w, began := &deadlines{}, time.Now()
	read := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadFull(r.Body, make([]byte, 640<<10)); err != nil {
			t.Error(err)
		}
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(strings.Repeat("x", 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	listener.LimitBody(time.Minute, read).ServeHTTP(w, r)
	if len(w.set) < 2 || w.set[0].Before(began.Add(time.Minute)) || !w.set[len(w.set)-1].Equal(w.set[0].Add(10*time.Second)) {
		t.Errorf("deadlines after %s: %v", began, w.set)
	}
}

// A client that asks and never takes the answers loses its connection; one that takes a large answer bit by bit does not.
func TestUnreadAnswers(t *testing.T) {
	t.Parallel()
	large := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	address := started(t, listener.Limits{Write: quick}, listener.Config{Handler: large, Read: time.Minute})
	c := dial(t, address)
	for {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the connection is still open")
		} else if err != nil {
			break
		}
	}
	if status, text := get(t, address, "/"); status != http.StatusOK || len(text) != 1<<20 {
		t.Errorf("answered %d, %d bytes", status, len(text))
	}
}

// When all connections are taken by clients that are stuck, probes are answered, however many others wait in the reserve.
func TestReserve(t *testing.T) {
	t.Parallel()
	limits := listener.Limits{Connections: 2, Reserve: 4, Write: time.Minute, Refused: func() {}}
	address := started(t, limits, listener.Config{
		Handler: http.HandlerFunc(reads), Read: time.Minute,
		Probes: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "alive") }),
	})
	for range 200 {
		fmt.Fprintf(dial(t, address), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1")
	}
	for range 200 {
		if status, text := get(t, address, "/"); status != http.StatusOK || text != "alive" {
			t.Errorf("answered %d %q", status, text)
		}
	}
}

// Without a reserve a connection too many is closed, and the others go on.
func TestLimit(t *testing.T) {
	t.Parallel()
	address := started(t, listener.Limits{Connections: 1, Write: time.Minute, Refused: func() {}}, listener.Config{Handler: http.HandlerFunc(reads), Read: time.Minute})
	first := dial(t, address)
	in := bufio.NewReader(first)
	for range 2 {
		fmt.Fprint(first, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if answer, err := http.ReadResponse(in, nil); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("the first: %v, %v", answer, err)
		}
		if text, err := io.ReadAll(dial(t, address)); len(text) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("one too many gets %q, %v", text, err)
		}
	}
}

// A client that is refused in the middle of its body gets the answer to its end, and not a connection that is reset.
func TestAnswerToUnreadBody(t *testing.T) {
	t.Parallel()
	address := started(t, listener.Limits{Write: time.Minute}, listener.Config{
		Read: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<10)); err != nil {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
		}),
	})
	c := dial(t, address)
	if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 1<<24, strings.Repeat(" ", 300<<10)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 413 ") {
		t.Errorf("got %q, %v", answer, err)
	}
}

// counted counts the read deadlines that are set on a listener's connections.
type counted struct {
	net.Listener
	set *atomic.Int64
}

func (l counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countedConn{c, l.set}, err
}

type countedConn struct {
	net.Conn
	set *atomic.Int64
}

func (c countedConn) SetReadDeadline(t time.Time) error {
	c.set.Add(1)
	return c.Conn.SetReadDeadline(t)
}

// A request sets three read deadlines, not each of the seven that net/http and LimitBody ask for: none while the client may leave, one
// in the past that ends this, and that of the next request.
func TestReadDeadlines(t *testing.T) {
	t.Parallel()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var set atomic.Int64
	server := listener.Start(listener.Bound(counted{on, &set}, listener.Limits{Write: time.Minute}), listener.Config{
		Handler: http.HandlerFunc(reads), Read: time.Minute, Idle: time.Minute, Log: slog.New(slog.DiscardHandler),
	})
	defer server.Close()
	c := dial(t, on.Addr().String())
	in := bufio.NewReader(c)
	const requests = 50
	for range requests {
		fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345")
		answer, err := http.ReadResponse(in, nil)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(answer, err)
		}
		_ = answer.Body.Close()
	}
	if got := set.Load(); got > 3*requests+2 {
		t.Errorf("%d requests set %d read deadlines", requests, got)
	}
}
