package simulator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/journal"
)

// broken is a journal that fails, or doesn't answer, while a test says so.
type broken struct {
	shared
	how atomic.Pointer[func(context.Context) error] // nil = it works
}

func (b *broken) fault(ctx context.Context) error {
	if how := b.how.Load(); how != nil {
		return journal.Unavailable((*how)(ctx))
	}
	return nil
}

func (b *broken) Ready(ctx context.Context) error { return b.fault(ctx) }

func (b *broken) Append(ctx context.Context, a journal.Append) error {
	if err := b.fault(ctx); err != nil {
		return err
	}
	return b.shared.Append(ctx, a)
}

func (b *broken) Settings(ctx context.Context, q journal.SettingQuery) ([]journal.Setting, error) {
	if err := b.fault(ctx); err != nil {
		return nil, err
	}
	return b.shared.Settings(ctx, q)
}

// get asks a running simulator's admin listener.
func (r *running) get(t *testing.T, path string) (status int, text string) {
	t.Helper()
	answer, err := http.Get(r.AdminURL() + path)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(body)
}

// While the data can't be written a call is answered with 503 and marked as the simulator's own, the simulator says that it isn't
// ready but lives, and all that ends with the outage.
func TestOutageOfTheData(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]bool{"failing": true, "not answering": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := &broken{shared: shared{journal.NewMemory(0)}}
			r := run(t, func(c *Config) { c.Journal, c.DataKey, c.AdminAddr = j, "a key", "127.0.0.1:0" })
			call := r.request("POST", openapi.CashierPath, "", r.body)
			if status, body, _ := r.send(call); status != http.StatusOK {
				t.Fatalf("got %d %s", status, body)
			}
			over := make(chan struct{})
			how := func(ctx context.Context) error {
				if failing {
					return errors.New("no space left on device")
				}
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-over:
					return errors.New("the connection was reset")
				}
			}
			j.how.Store(&how)
			status, body, header := r.send(call)
			want := vendorError("Service unavailable", "the simulator's data can't be read or written now: try again")
			if status != http.StatusServiceUnavailable || body != want || header.Get("Mozartosim-Error") != "data-unavailable" {
				t.Errorf("got %d %s, %v", status, body, header)
			}
			if status, text := r.get(t, "/readyz?verbose"); status != http.StatusServiceUnavailable || !strings.Contains(text, "not_ready") || strings.Contains(text, "device") {
				t.Errorf("/readyz answers %d %s", status, text)
			}
			if status, text := r.get(t, "/healthz?verbose&verbose"); status != http.StatusOK {
				t.Errorf("/healthz answers %d %s", status, text)
			}
			j.how.Store(nil)
			close(over)
			if status, body, _ := r.send(call); status != http.StatusOK {
				t.Errorf("after the outage: %d %s", status, body)
			}
			if status, text := r.get(t, "/readyz"); status != http.StatusOK {
				t.Errorf("after the outage /readyz answers %d %s", status, text)
			}
		})
	}
}

// A body that doesn't come ends its connection on every listener and route, and an answer that is not taken too; meanwhile the
// process is seen to live.
func TestStalledConnections(t *testing.T) {
	t.Parallel()
	const connections = 50
	r := run(t, func(c *Config) {
		c.AdminAddr, c.AdminToken, c.MaxConnections = "127.0.0.1:0", "a token of enough characters", connections
		c.BodyTimeout, c.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	})
	admin := r.admin.Addr().String()
	var all []net.Conn
	for _, c := range []struct{ address, path, kind string }{
		{admin, "/login", "application/x-www-form-urlencoded"},
		{admin, "/v1/companies", "application/json"},
		{admin, "/nowhere", "application/json"},
		{r.address, openapi.CashierPath, "application/json"},
		{r.address, "/pay/payone/unknown", "application/x-www-form-urlencoded"},
		{r.address, "/nowhere", "text/plain"},
	} {
		for range connections {
			conn, err := net.Dial("tcp", c.address)
			must(t, err)
			defer conn.Close()
			must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer a token of enough characters\r\nContent-Type: %s\r\nContent-Length: 20\r\n\r\n{", c.path, c.address, c.kind)
			all = append(all, conn)
		}
	}
	if status, text := r.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d %s", status, text)
	}
	for _, conn := range all {
		if _, err := io.Copy(io.Discard, bufio.NewReader(conn)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%s is still open", conn.RemoteAddr())
		}
	}
}
