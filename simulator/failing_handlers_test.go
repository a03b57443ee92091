package simulator

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/webhook"
)

// cutOff takes the connection over, says something or nothing, and ends it; reset lets the sender see a reset.
func cutOff(says string, reset bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, says)
		if reset {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_ = conn.Close()
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(code)
	}
}

// tooLate answers 200 when the sender has given up.
func tooLate(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	w.WriteHeader(http.StatusOK)
}

// Whatever a handler does to an attempt is recorded in words, and tried again on the schedule's times, until a 2xx: nothing is
// sent after that.
func TestFailingHandlers(t *testing.T) {
	t.Parallel()
	patient, hasty := open(t, nil), open(t, func(c *Config) { c.WebhookTimeout = 200 * time.Millisecond })
	for _, c := range []struct {
		name         string
		handler      http.HandlerFunc
		status       int
		error, stage string
	}{
		{"answers 500", status(500), 500, "", ""},
		{"answers 404", status(404), 404, "", ""},
		{"redirects", status(302), 302, "redirect", webhook.StageAfter},
		{"hangs up without an answer", cutOff("", false), 0, "connection closed", webhook.StageDuring},
		{"resets", cutOff("", true), 0, "connection reset", webhook.StageDuring},
		{"dies in the middle of its 200", cutOff("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false), 200, "connection closed", webhook.StageAfter},
		{"speaks no HTTP", cutOff("SSH-2.0-OpenSSH_9.6\r\n", false), 0, "HTTP", webhook.StageDuring},
		{"answers after the time-out", tooLate, 0, "timeout after 200ms", webhook.StageDuring},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) <= 2 {
					c.handler(w, r)
				}
			}))
			defer server.Close()
			h := patient
			if strings.HasPrefix(c.error, "timeout") {
				h = hasty
			}
			d := h.deliver(t, c.name, server.URL)
			if len(d.Attempts) != 3 || calls.Load() != 3 || d.State != payment.DeliveryDelivered {
				t.Fatalf("%d attempts, %d calls, %s: %+v", len(d.Attempts), calls.Load(), d.State, d.Attempts)
			}
			for _, a := range d.Attempts[:2] {
				if a.Status != c.status || !strings.Contains(a.Error, c.error) || (a.Error == "") != (c.error == "") || a.Stage != c.stage {
					t.Errorf("attempt %d: %d %q in stage %q, want %d %q in %q", a.N, a.Status, a.Error, a.Stage, c.status, c.error, c.stage)
				}
			}
			if took := d.Updated.Sub(start); took != 2*time.Second+10*time.Second+30*time.Second {
				t.Errorf("delivered after %s", took)
			}
		})
	}
}

// deliver makes a payment whose webhook goes to a URL, lets two months pass, and returns its delivery.
func (h *testSimulator) deliver(t *testing.T, company, url string) adminapi.Delivery {
	t.Helper()
	c := h.company(company, h.configure("PAYONE", map[string]any{"webhookUrl": url}))
	p := h.made(t, c, "PayonePayInRequest")
	h.advance(t, c, scheduler.Advance{By: 60 * 24 * time.Hour})
	p = h.read(t, c, p.ID)
	if len(p.Deliveries) != 1 {
		t.Fatalf("%d deliveries", len(p.Deliveries))
	}
	return p.Deliveries[0]
}

// A handler that refuses connections is tried on the whole schedule; one that comes up meanwhile gets its webhook, once.
func TestRefusingHandler(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	url, listen := closedPort(t)
	if d := h.deliver(t, "refuses", url); len(d.Attempts) != 6 || d.State != payment.DeliveryExhausted {
		t.Errorf("%s after %d attempts", d.State, len(d.Attempts))
	} else if a := d.Attempts[5]; !strings.HasPrefix(a.Error, "connection refused") || a.Stage != webhook.StageBefore {
		t.Errorf("%q in stage %q", a.Error, a.Stage)
	}

	c := h.company("comes up", h.configure("PAYONE", map[string]any{"webhookUrl": url}))
	p := h.made(t, c, "PayonePayInRequest")
	h.advance(t, c, scheduler.Advance{Deliveries: 2})
	var calls atomic.Int32
	server := &httptest.Server{Listener: listen(), Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) })}}
	server.Start()
	defer server.Close()
	h.advance(t, c, scheduler.Advance{By: 60 * 24 * time.Hour})
	if d := h.read(t, c, p.ID).Deliveries[0]; len(d.Attempts) != 3 || calls.Load() != 1 || d.State != payment.DeliveryDelivered {
		t.Errorf("%s after %d attempts and %d calls", d.State, len(d.Attempts), calls.Load())
	}
}

// closedPort holds a port that refuses connections until listen is called; nobody else can take it meanwhile.
func closedPort(t *testing.T) (url string, listen func() net.Listener) {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	must(t, err)
	must(t, syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, syscall.SetNonblock(socket, true))
	address, err := syscall.Getsockname(socket)
	must(t, err)
	file := os.NewFile(uintptr(socket), "closed port")
	t.Cleanup(func() { _ = file.Close() })
	return fmt.Sprintf("http://127.0.0.1:%d/", address.(*syscall.SockaddrInet4).Port), func() net.Listener {
		must(t, syscall.Listen(socket, 16))
		listener, err := net.FileListener(file)
		must(t, err)
		return listener
	}
}
