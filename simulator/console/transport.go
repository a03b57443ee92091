package console

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"mozartosim/simulator/adminapi"
)

// inProcessURL is the address of handlers that are called in process.
const inProcessURL = "http://localhost"

// inProcessClient calls the admin API's handler; from is the address whose calls they count as.
func inProcessClient(api http.Handler, token, from string) *adminapi.Client {
	return adminapi.New(inProcessURL, token, adminapi.WithHTTPClient(&http.Client{Transport: inProcess{api, from}}))
}

// ownAddress is where calls of the console's own come from.
const ownAddress = "127.0.0.1:0"

// inProcess is a transport that calls a handler instead of a server.
type inProcess struct {
	handler http.Handler
	from    string
}

// InProcess calls a handler instead of a server, as from this machine; an aborted connection is an error.
func InProcess(handler http.Handler) http.RoundTripper { return inProcess{handler, ownAddress} }

// errAborted says that a handler closed the connection instead of answering.
var errAborted = errors.New("the connection was closed before the answer was complete")

// RoundTrip returns what the handler answers, or errAborted.
func (t inProcess) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	r = r.Clone(r.Context())
	r.RemoteAddr = t.from
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		switch reason := recover(); reason {
		case nil:
		case http.ErrAbortHandler:
			answer, err = nil, errAborted
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
