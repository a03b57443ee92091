package listener

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Config says how a listener is served.
type Config struct {
	Handler http.Handler
	// Probes answers connections beyond the limit that got a place in the reserve (see Bound); nil when there is none.
	Probes      http.Handler
	Certificate *tls.Certificate // nil = plain HTTP
	MaxHeader   int              // bytes of a request's header
	// Read is how long a request's header may take to arrive, and then its body. Each 64 KiB of a body that have arrived give it
	// another second.
	Read time.Duration
	Idle time.Duration // how long a connection may wait for its next request
	Log  *slog.Logger
}

// stopGrace is how long calls in progress may take once the listener stops.
const stopGrace = 10 * time.Second

// Server serves a listener.
type Server struct {
	http        http.Server
	on          net.Listener
	certificate *tls.Certificate
	ended       chan struct{}
	err         error // set when ended is closed
}

// Start begins to serve plain HTTP, or TLS with a certificate; never HTTP/2, whose connections can't be cut or reset for one
// answer.
func Start(on net.Listener, c Config) *Server {
	s := &Server{on: on, certificate: c.Certificate, ended: make(chan struct{}), http: http.Server{
		Handler:           handler(c),
		ReadHeaderTimeout: c.Read,
		IdleTimeout:       c.Idle,
		MaxHeaderBytes:    c.MaxHeader,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
		ConnContext:       markReserved,
	}}
	go func() {
		defer close(s.ended)
		if err := s.serve(); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
		}
	}()
	return s
}

func (s *Server) serve() error {
	if s.certificate == nil {
		return s.http.Serve(s.on)
	}
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*s.certificate}, MinVersion: tls.VersionTLS12}
	s.http.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	return s.http.ServeTLS(s.on, "", "")
}

// Wait serves until ctx ends, lets calls in progress finish for a while, and stops. The error says why it could not serve.
func (s *Server) Wait(ctx context.Context) error {
	select {
	case <-s.ended:
		return s.err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := s.http.Shutdown(grace); err != nil {
		return s.Close()
	}
	<-s.ended
	return s.err
}

// Close stops at once.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.ended
	return err
}

type reservedKey struct{}

// markReserved tells the handler which connections are in the reserve.
func markReserved(ctx context.Context, c net.Conn) context.Context {
	if secured, ok := c.(*tls.Conn); ok {
		c = secured.NetConn()
	}
	if own, ok := c.(*conn); ok && !own.end.IsZero() {
		return context.WithValue(ctx, reservedKey{}, true)
	}
	return ctx
}

// handler leads connections in the reserve to the probes, and all others to the handler.
func handler(c Config) http.Handler {
	next := LimitBody(c.Read, c.Handler)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(reservedKey{}) != nil {
			w.Header().Set("Connection", "close")
			c.Probes.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
