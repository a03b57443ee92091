package listener

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mozartosim/simulator/clock"
)

// Limits bound the connections of a listener.
type Limits struct {
	Connections int           // open at the same time; 0 = any number
	Reserve     int           // further ones, for probes alone, so that liveness is seen when all others are stuck
	Write       time.Duration // for a client to take 16 KiB of an answer
	Refused     func()        // is called for each connection beyond Connections
}

// reserveTime is how long a connection in the reserve may live.
const reserveTime = 2 * time.Second

// Bound limits a listener's connections. One too many gets a place in the reserve, the one that was there longest losing its
// own; without a reserve it is closed at once. The others go on undisturbed.
func Bound(l net.Listener, limits Limits) net.Listener {
	return &bounded{Listener: l, limits: limits}
}

type bounded struct {
	net.Listener
	limits Limits
	open   atomic.Int64

	mu      sync.Mutex
	reserve []*conn // the oldest first
}

// Accept implements net.Listener.
func (l *bounded) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if open := l.open.Add(1); l.limits.Connections == 0 || open <= int64(l.limits.Connections) {
			return &conn{Conn: accepted, write: l.limits.Write, closed: sync.OnceFunc(func() { l.open.Add(-1) })}, nil
		}
		l.open.Add(-1)
		l.limits.Refused()
		if l.limits.Reserve > 0 {
			return l.reserved(accepted), nil
		}
		_ = accepted.Close()
	}
}

// reserved gives a connection a place in the reserve.
func (l *bounded) reserved(accepted net.Conn) net.Conn {
	c := &conn{Conn: accepted, write: l.limits.Write, end: clock.Wall().Add(reserveTime)}
	c.closed = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.reserve = slices.DeleteFunc(l.reserve, func(other *conn) bool { return other == c })
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.reserve) == l.limits.Reserve {
		_ = l.reserve[0].Conn.Close()
		l.reserve = l.reserve[1:]
	}
	l.reserve = append(l.reserve, c)
	return c
}

// conn counts until it is closed, and gives up on a client that doesn't take what is written.
type conn struct {
	net.Conn
	write  time.Duration
	until  atomic.Int64 // the write deadline, in nanoseconds since 1970
	end    time.Time    // of a connection in the reserve; zero = none
	closed func()

	mu      sync.Mutex
	read    time.Time // the read deadline
	set     time.Time // that of the connection below, until the next read begins
	reading bool
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.begin(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = false
	return n, err
}

// begin sets the read deadline, if it has changed.
func (c *conn) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = true
	return c.apply()
}

// apply sets the read deadline of the connection below. The caller holds the lock.
func (c *conn) apply() error {
	if c.read.Equal(c.set) {
		return nil
	}
	c.set = c.read
	return c.Conn.SetReadDeadline(c.read)
}

// written is how many bytes a client must take in the time that Limits.Write allows.
const written = 16 << 10

// Write implements net.Conn. Each part that the client has taken renews its time, unless most of it is left: setting a deadline costs
// more than looking at the clock.
func (c *conn) Write(p []byte) (n int, err error) {
	for {
		part := p[n:min(len(p), n+written)]
		if now := clock.Wall(); c.until.Load()-now.UnixNano() < int64(c.write*3/4) {
			if err := c.SetWriteDeadline(now.Add(c.write)); err != nil {
				return n, err
			}
		}
		m, err := c.Conn.Write(part)
		if n += m; err != nil || n == len(p) {
			return n, err
		}
	}
}

// SetReadDeadline implements net.Conn. net/http sets several between two reads, of which only the last one matters: it is set below when
// the next read begins, or at once for the one that goes on.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read = c.within(t); !c.reading {
		return nil
	}
	return c.apply()
}

// SetDeadline implements net.Conn; net/http takes both deadlines away for who takes a connection over.
func (c *conn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read, c.set = t, t
	return c.Conn.SetDeadline(t)
}

// SetWriteDeadline implements net.Conn. A deadline can't be taken away, as net/http does after each answer: Write sets the next.
func (c *conn) SetWriteDeadline(t time.Time) error {
	if t.IsZero() {
		return nil
	}
	c.until.Store(t.UnixNano())
	return c.Conn.SetWriteDeadline(c.within(t))
}

// within returns a deadline, or the connection's end when that comes first.
func (c *conn) within(t time.Time) time.Time {
	if !c.end.IsZero() && (t.IsZero() || t.After(c.end)) {
		return c.end
	}
	return t
}

// SetLinger says what Close does with what was not sent, as of a net.TCPConn: a scripted reset needs it.
func (c *conn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// CloseWrite ends what is sent, as of a net.TCPConn or a tls.Conn: after an answer to a body that it hasn't read net/http sends nothing
// more and waits a moment before it closes the connection, because an answer is lost with a connection that is reset.
func (c *conn) CloseWrite() error {
	if one, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return one.CloseWrite()
	}
	return nil
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.closed()
	return c.Conn.Close()
}
