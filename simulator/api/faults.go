package api

import (
	"crypto/tls"
	"net/http"
	"strconv"
	"time"

	"mozartosim/simulator/cashier"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/scenario"
)

// garbage is what the fault garbage sends: bytes that are no JSON and no text.
var garbage = []byte("\x00\x01\xfe\xff{{]<html>\x80\x81")

// send writes the answer, late or broken if it is scripted so. Written is called in any case.
func (h *handler) send(w http.ResponseWriter, r *http.Request, a cashier.Answer) {
	if a.Written != nil {
		defer a.Written()
	}
	if a.Delay > 0 && !h.hold(w, r, a.Clock, a.Delay) {
		return
	}
	switch a.Fault {
	case scenario.NoFault:
		write(w, a)
	case scenario.Lost:
		cut(w, false)
	case scenario.Reset:
		cut(w, true)
	case scenario.Empty:
		a.Body = nil
		write(w, a)
	case scenario.Garbage:
		a.Body = garbage
		write(w, a)
	case scenario.Truncated:
		truncate(w, a)
	case scenario.Slow:
		h.trickle(w, r, a)
	case scenario.Hang:
		if a.Written != nil {
			a.Written() // webhooks don't wait for the gateway's answer
		}
		h.hold(w, r, a.Clock, h.Hang)
		w.Header().Set("Content-Type", "text/html")
		write(w, cashier.Answer{Status: http.StatusGatewayTimeout, Body: []byte(gatewayTimeout)})
	}
}

// hold waits on the company's clock; false means that the caller has left. On a manual clock it doesn't wait: a header has the
// delay.
func (h *handler) hold(w http.ResponseWriter, r *http.Request, c *clock.Clock, d time.Duration) bool {
	virtual, err := c.Hold(r.Context(), d)
	if virtual {
		addDelay(w, d)
	}
	return err == nil
}

// addDelay adds to what a manual clock did not wait for: an answer may be late and then slow.
func addDelay(w http.ResponseWriter, d time.Duration) {
	before, _ := time.ParseDuration(w.Header().Get(VirtualDelay))
	w.Header().Set(VirtualDelay, (before + d).String())
}

// cut closes the connection without an answer; with reset the caller sees a reset.
func cut(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, or a recorder: aborting the handler is the closest
		panic(http.ErrAbortHandler)
	}
	below := conn
	if secured, ok := conn.(*tls.Conn); ok {
		below = secured.NetConn()
	}
	if tcp, ok := below.(interface{ SetLinger(seconds int) error }); ok && reset {
		_ = tcp.SetLinger(0)
		_ = below.Close() // before TLS sends its close
	}
	_ = conn.Close()
}

// truncate promises the whole body, sends half of it, and closes.
func truncate(w http.ResponseWriter, a cashier.Answer) {
	setHeader(w.Header(), a)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// trickle sends the body in ten steps a second at the scripted rate. On a manual clock it is sent at once.
func (h *handler) trickle(w http.ResponseWriter, r *http.Request, a cashier.Answer) {
	rate := max(1, a.Rate)
	step := max(1, rate/10)
	whole := time.Duration(len(a.Body)) * time.Second / time.Duration(rate)
	if mode, _ := a.Clock.Mode(); mode == clock.Manual {
		addDelay(w, whole)
		write(w, a)
		return
	}
	setHeader(w.Header(), a)
	w.WriteHeader(a.Status)
	control := http.NewResponseController(w)
	for at := 0; at < len(a.Body); at += step {
		if _, err := a.Clock.Hold(r.Context(), time.Duration(step)*time.Second/time.Duration(rate)); err != nil {
			return
		}
		_, _ = w.Write(a.Body[at:min(at+step, len(a.Body))])
		_ = control.Flush()
	}
}
