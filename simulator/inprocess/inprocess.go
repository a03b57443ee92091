package inprocess

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// Own is the address that the simulator's own calls come from.
const Own = "127.0.0.1:0"

// Admin returns a client of the admin API's handler; from is the address whose calls they count as.
func Admin(api http.Handler, token, from string) *adminapi.Client {
	return adminapi.New("http://localhost", token, adminapi.WithHTTPClient(&http.Client{Transport: transport{handler: api, from: from}}))
}

// Cashier returns a transport of merchants' calls to the public listener's handler; agent is their User-Agent, "" for none. Whatever
// stands before the Cashier API's path in the URL by which merchants reach it, does not stand there in this process.
func Cashier(public http.Handler, agent string) http.RoundTripper {
	return transport{public, Own, openapi.CashierPath, agent}
}

// transport calls a handler instead of a server.
type transport struct {
	handler http.Handler
	from    string
	path    string // of all calls; "" = each has its own
	agent   string // User-Agent of all calls; "" = each has its own
}

// ErrAborted says that a handler closed the connection instead of answering.
var ErrAborted = errors.New("the connection was closed before the answer was complete")

// RoundTrip returns what the handler answers, or ErrAborted.
func (t transport) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	r = r.Clone(r.Context())
	r.RemoteAddr = t.from
	if t.path != "" {
		r.URL.Path, r.URL.RawPath = t.path, ""
	}
	if t.agent != "" {
		r.Header.Set("User-Agent", t.agent)
	}
	if r.URL.Scheme == "https" {
		r.TLS = &tls.ConnectionState{}
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		switch reason := recover(); reason {
		case nil:
		case http.ErrAbortHandler:
			answer, err = nil, ErrAborted
		default:
			panic(reason)
		}
	}()
	w := &recorder{header: http.Header{}}
	t.handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// recorder keeps what a handler writes.
type recorder struct {
	status int // 0 until the header is written
	header http.Header
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(text []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(text)
}

// Flush does nothing: what was written is there.
func (w *recorder) Flush() {}
