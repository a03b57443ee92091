package record

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"mozartosim/fixtures/recorded"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
)

// WebhookPath is where the recorder receives webhooks.
const WebhookPath = "/webhooks"

// Config is the configuration of a recorder.
type Config struct {
	Upstream *url.URL // the vendor's base URL
	Webhooks *url.URL // where webhooks go; nil = none are received
	Dir      string   // where the files are written
	Contract *openapi.Contract
	Log      *slog.Logger
	Personal bool              // keep personal data as it is
	Saved    func(file string) // called for each file; may be nil
	Client   http.RoundTripper // such as Transport
}

// recorder is the proxy.
type recorder struct {
	Config
	saving sync.Mutex // one file at a time
	people *recorded.People
}

// New makes the recorder's handler.
func New(config Config) http.Handler {
	rec := &recorder{Config: config}
	if !config.Personal {
		rec.people = recorded.NewPeople()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rec.Webhooks != nil && r.URL.Path == WebhookPath {
			rec.forward(w, r, rec.Webhooks, true)
			return
		}
		rec.forward(w, r, rec.Upstream, false)
	})
}

// Transport is one that adds nothing to a request: no compression that was not asked for, no proxy.
// guard says what it may dial.
func Transport(guard *egress.Guard) *egress.Transport {
	return guard.Transport(&http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16, ForceAttemptHTTP2: true, ResponseHeaderTimeout: 2 * time.Minute})
}

// forward sends a request on, and records it when its answer has passed whole.
func (rec *recorder) forward(w http.ResponseWriter, r *http.Request, target *url.URL, webhook bool) {
	x := recorded.Exchange{
		At: clock.Wall(), Upstream: target.Host, Webhook: webhook, Method: r.Method, Path: r.URL.RequestURI(), RequestHeader: r.Header.Clone(),
		People: rec.people,
	}
	request := &copied{ReadCloser: http.NoBody}
	if r.Body != nil {
		request.ReadCloser = r.Body
		r.Body = request
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if webhook {
				r.Out.URL, r.Out.Host = new(url.URL), ""
				*r.Out.URL = *target
			} else {
				r.SetURL(target) // sets the Host too
				r.Out.URL.RawQuery = r.In.URL.RawQuery
			}
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values, ok := r.In.Header[name]; ok { // the proxy removed the caller's own
					r.Out.Header[name] = values
				}
			}
		},
		Transport:     rec.Client,
		FlushInterval: -1,
		ModifyResponse: func(answer *http.Response) error {
			x.Status, x.AnswerHeader = answer.StatusCode, answer.Header.Clone()
			answer.Body = &copied{ReadCloser: answer.Body, closed: func(answer *copied) { rec.keep(x, request, answer) }}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			rec.Log.Error("not recorded: the upstream does not answer", "method", r.Method, "path", r.URL.Path, "error", err)
			http.Error(w, "mozartosim record: the upstream does not answer", http.StatusBadGateway)
		},
		ErrorLog: slog.NewLogLogger(rec.Log.Handler(), slog.LevelDebug),
	}
	proxy.ServeHTTP(w, r)
}

// keep writes an exchange to a file.
func (rec *recorder) keep(x recorded.Exchange, request, answer *copied) {
	x.Took = clock.Wall().Sub(x.At)
	why := ""
	switch {
	case request.large || answer.large:
		why = fmt.Sprintf("a body is larger than %d MiB", recorded.MaxBody>>20)
	case !answer.whole:
		why = "the answer was cut off"
	case x.Status == http.StatusSwitchingProtocols || x.Status < 200:
		why = "it is not an answer"
	}
	if why != "" {
		rec.Log.Warn("not recorded: "+why, "method", x.Method, "status", x.Status)
		return
	}
	x.RequestBody, x.AnswerBody = request.plain(x.RequestHeader), answer.plain(x.AnswerHeader)
	rec.saving.Lock()
	defer rec.saving.Unlock()
	file, err := recorded.New(rec.Contract, x).Save(rec.Dir)
	if err != nil {
		rec.Log.Error("not recorded", "error", err)
		return
	}
	rec.Log.Info("recorded", "file", file, "status", x.Status)
	if rec.Saved != nil {
		rec.Saved(file)
	}
}

// copied is a body that is copied as it passes.
type copied struct {
	io.ReadCloser
	closed func(*copied) // called once; may be nil
	once   sync.Once
	kept   bytes.Buffer
	large  bool
	whole  bool
}

func (c *copied) Read(into []byte) (int, error) {
	n, err := c.ReadCloser.Read(into)
	if c.large = c.large || c.kept.Len()+n > recorded.MaxBody; c.large {
		c.kept = bytes.Buffer{}
	} else {
		c.kept.Write(into[:n])
	}
	c.whole = c.whole || errors.Is(err, io.EOF)
	return n, err
}

func (c *copied) Close() error {
	err := c.ReadCloser.Close()
	if c.closed != nil {
		c.once.Do(func() { c.closed(c) })
	}
	return err
}

// plain is what was copied, without compression; nil when it can't be read.
func (c *copied) plain(header http.Header) []byte {
	switch header.Get("Content-Encoding") {
	case "", "identity":
		return c.kept.Bytes()
	case "gzip":
		reader, err := gzip.NewReader(&c.kept)
		if err != nil {
			return nil
		}
		if text, err := io.ReadAll(io.LimitReader(reader, recorded.MaxBody)); err == nil {
			return text
		}
	}
	return nil
}
