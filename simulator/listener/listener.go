package listener

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// Bound limits the connections that are open at the same time; 0 is no limit. One too many is closed at once, so that the others
// go on undisturbed; refused is called for it.
func Bound(l net.Listener, limit int, refused func()) net.Listener {
	return &bounded{Listener: l, limit: int64(limit), refused: refused}
}

// Serve serves plain HTTP, or TLS with a certificate; never HTTP/2, whose connections can't be cut or reset for one answer.
func Serve(server *http.Server, on net.Listener, certificate *tls.Certificate) error {
	if certificate == nil {
		return server.Serve(on)
	}
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	return server.ServeTLS(on, "", "")
}

type bounded struct {
	net.Listener
	limit   int64
	open    atomic.Int64
	refused func()
}

// Accept implements net.Listener.
func (l *bounded) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if open := l.open.Add(1); l.limit == 0 || open <= l.limit {
			return l.counted(conn), nil
		}
		l.open.Add(-1)
		l.refused()
		_ = conn.Close()
	}
}

// counted makes a connection count until it is closed.
func (l *bounded) counted(conn net.Conn) net.Conn {
	closed := sync.OnceFunc(func() { l.open.Add(-1) })
	if tcp, ok := conn.(*net.TCPConn); ok {
		return countedTCP{tcp, closed}
	}
	return counted{conn, closed}
}

// countedTCP stays a TCP connection for those who need one: a scripted reset does.
type countedTCP struct {
	*net.TCPConn
	closed func()
}

// Close implements net.Conn.
func (c countedTCP) Close() error {
	c.closed()
	return c.TCPConn.Close()
}

type counted struct {
	net.Conn
	closed func()
}

// Close implements net.Conn.
func (c counted) Close() error {
	c.closed()
	return c.Conn.Close()
}
