package simulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// listen opens both listeners, so that their addresses are known.
func (s *Simulator) listen() (err error) {
	if s.certificate, err = s.config.certificate(); err != nil {
		return err
	}
	if s.public, err = s.listenAt("public-addr", s.config.PublicAddr); err != nil {
		return err
	}
	s.publicURL = s.config.publicURL(s.public.Addr())
	if s.config.AdminAddr == "" {
		return nil
	}
	if s.config.AdminAddr == s.config.PublicAddr && !strings.HasSuffix(s.config.AdminAddr, ":0") {
		return errors.Join(fmt.Errorf("admin-addr must differ from public-addr: both are %s", s.config.AdminAddr), s.public.Close())
	}
	if s.admin, err = s.listenAt("admin-addr", s.config.AdminAddr); err != nil {
		return errors.Join(err, s.public.Close())
	}
	s.adminToken, err = s.config.adminToken()
	return err
}

func (s *Simulator) listenAt(flag, address string) (net.Listener, error) {
	opened, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return &doorway{Listener: opened, most: int64(s.config.MaxConnections), refused: func() { s.metrics.bound("connections") }}, nil
}

// tlsConfig is that of both listeners, nil when they speak plain HTTP.
func (s *Simulator) tlsConfig() *tls.Config {
	if s.certificate == nil {
		return nil
	}
	return &tls.Config{Certificates: []tls.Certificate{*s.certificate}, MinVersion: tls.VersionTLS12}
}

// serveOn serves plain or secured, as configured; never HTTP/2, whose connections can't be cut or reset for one answer.
func (s *Simulator) serveOn(server *http.Server, on net.Listener) error {
	if server.TLSConfig = s.tlsConfig(); server.TLSConfig != nil {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		return server.ServeTLS(on, "", "")
	}
	return server.Serve(on)
}

// doorway bounds the connections that are open at the same time. One too many is closed at once, so that those who have one
// go on undisturbed.
type doorway struct {
	net.Listener
	most    int64 // 0 = any number
	open    atomic.Int64
	refused func()
}

// Accept implements net.Listener.
func (l *doorway) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if open := l.open.Add(1); l.most == 0 || open <= l.most {
			return l.counted(conn), nil
		}
		l.open.Add(-1)
		l.refused()
		_ = conn.Close()
	}
}

// counted makes a connection count until it is closed.
func (l *doorway) counted(conn net.Conn) net.Conn {
	left := sync.OnceFunc(func() { l.open.Add(-1) })
	if tcp, ok := conn.(*net.TCPConn); ok {
		return countedTCP{tcp, left}
	}
	return counted{conn, left}
}

// countedTCP stays a TCP connection to those who want one: a scripted reset needs it.
type countedTCP struct {
	*net.TCPConn
	left func()
}

// Close implements net.Conn.
func (c countedTCP) Close() error {
	c.left()
	return c.TCPConn.Close()
}

type counted struct {
	net.Conn
	left func()
}

// Close implements net.Conn.
func (c counted) Close() error {
	c.left()
	return c.Conn.Close()
}
