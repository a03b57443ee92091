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
)

// WebhookPath is where the recorder takes webhooks.
const WebhookPath = "/webhooks"

// Config is what a recorder stands on.
type Config struct {
	Upstream *url.URL // the vendor's base URL
	Webhooks *url.URL // where webhooks go; nil = none are taken
	Dir      string   // where the files are written
	Contract *openapi.Contract
	Log      *slog.Logger
	Saved    func(file string) // told of each file; nil = nobody is
	Client   http.RoundTripper // nil = a transport of its own that changes nothing
	Wall     func() time.Time  // nil = the machine's clock
}

// recorder is the proxy.
type recorder struct {
	Config
	saving sync.Mutex // one file after the other
}

// New makes the recorder's handler.
func New(config Config) http.Handler {
	if config.Wall == nil {
		config.Wall = clock.Wall
	}
	if config.Client == nil {
		config.Client = Transport()
	}
	rec := &recorder{Config: config}
	calls, webhooks := rec.proxy(config.Upstream, false), http.Handler(nil)
	if config.Webhooks != nil {
		webhooks = rec.proxy(config.Webhooks, true)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if webhooks != nil && r.URL.Path == WebhookPath {
			webhooks.ServeHTTP(w, r)
			return
		}
		calls.ServeHTTP(w, r)
	})
}

// Transport is one that adds nothing to a request: no compression that was not asked for, no proxy.
func Transport() *http.Transport {
	return &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16, ForceAttemptHTTP2: true, ResponseHeaderTimeout: 2 * time.Minute}
}

// exchangeKey is the context's key of the exchange under way.
type exchangeKey struct{}

// passing is an exchange under way.
type passing struct {
	recorded.Exchange
	request *copied
}

func (rec *recorder) proxy(target *url.URL, webhook bool) http.Handler {
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if webhook {
				r.Out.URL, r.Out.Host = new(url.URL), ""
				*r.Out.URL = *target
			} else {
				r.SetURL(target) // sets the Host too
				r.Out.URL.RawQuery = r.In.URL.RawQuery
			}
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values, ok := r.In.Header[name]; ok { // the proxy took the caller's own away
					r.Out.Header[name] = values
				}
			}
		},
		Transport:      rec.Client,
		FlushInterval:  -1,
		ModifyResponse: rec.answered,
		ErrorHandler:   rec.failed,
		ErrorLog:       slog.NewLogLogger(rec.Log.Handler(), slog.LevelDebug),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &passing{Exchange: recorded.Exchange{
			At: rec.Wall(), Upstream: target.Host, Webhook: webhook, Method: r.Method, Path: r.URL.RequestURI(), RequestHeader: r.Header.Clone(),
		}}
		if r.Body != nil {
			p.request = &copied{body: r.Body}
			r.Body = p.request
		}
		forward.ServeHTTP(w, r.WithContext(with(r.Context(), p)))
	})
}

// answered puts a copier behind the answer's body: when it has passed whole, the exchange is written down.
func (rec *recorder) answered(answer *http.Response) error {
	p := of(answer.Request.Context())
	if p == nil {
		return nil
	}
	p.Status, p.AnswerHeader = answer.StatusCode, answer.Header.Clone()
	answer.Body = &copied{body: answer.Body, done: func(c *copied) { rec.keep(p, c) }}
	return nil
}

// failed answers for an upstream that does not: that is nothing to be recorded.
func (rec *recorder) failed(w http.ResponseWriter, r *http.Request, err error) {
	rec.Log.Error("not recorded: the upstream does not answer", "method", r.Method, "path", r.URL.Path, "error", err)
	http.Error(w, "mozartosim record: the upstream does not answer", http.StatusBadGateway)
}

// keep writes an exchange down that has passed whole.
func (rec *recorder) keep(p *passing, answer *copied) {
	p.Took = rec.Wall().Sub(p.At)
	why := ""
	switch {
	case p.request != nil && p.request.large || answer.large:
		why = fmt.Sprintf("a body is larger than %d MiB", recorded.MaxBody>>20)
	case !answer.whole:
		why = "the answer broke off"
	case p.Status == http.StatusSwitchingProtocols || p.Status < 200:
		why = "it is no answer"
	}
	if why != "" {
		rec.Log.Warn("not recorded: "+why, "method", p.Method, "status", p.Status)
		return
	}
	if p.request != nil {
		p.RequestBody = plain(p.request.kept.Bytes(), p.RequestHeader)
	}
	p.AnswerBody = plain(answer.kept.Bytes(), p.AnswerHeader)
	rec.saving.Lock()
	defer rec.saving.Unlock()
	file, err := recorded.New(rec.Contract, p.Exchange).Save(rec.Dir)
	if err != nil {
		rec.Log.Error("not recorded", "error", err)
		return
	}
	rec.Log.Info("recorded", "file", file, "status", p.Status)
	if rec.Saved != nil {
		rec.Saved(file)
	}
}

// plain takes compression off a copy. What can't be read is left out.
func plain(text []byte, header http.Header) []byte {
	switch header.Get("Content-Encoding") {
	case "", "identity":
		return text
	case "gzip":
		reader, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil
		}
		text, err = io.ReadAll(io.LimitReader(reader, recorded.MaxBody))
		if err != nil {
			return nil
		}
		return text
	}
	return nil
}

// copied is a body that is copied aside as it passes.
type copied struct {
	body  io.ReadCloser
	done  func(*copied) // called once, when it is closed
	kept  bytes.Buffer
	large bool
	whole bool
	once  sync.Once
}

func (c *copied) Read(into []byte) (int, error) {
	n, err := c.body.Read(into)
	switch {
	case c.large:
	case c.kept.Len()+n > recorded.MaxBody:
		c.large = true
		c.kept = bytes.Buffer{}
	default:
		c.kept.Write(into[:n])
	}
	if errors.Is(err, io.EOF) {
		c.whole = true
	}
	return n, err
}

func (c *copied) Close() error {
	err := c.body.Close()
	if c.done != nil {
		c.once.Do(func() { c.done(c) })
	}
	return err
}
