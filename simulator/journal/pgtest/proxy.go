package pgtest

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/clock"
)

// Proxy stands between a client and a server and spoils their connections as it is told.
type Proxy struct {
	listener net.Listener
	target   string
	wall     *clock.Clock
	all      sync.WaitGroup
	ctx      context.Context
	stop     context.CancelFunc

	mu    sync.Mutex
	conns map[net.Conn]bool
	delay time.Duration
	cut   bool          // connections are closed, new ones at once
	stuck chan struct{} // nothing goes through until it is closed; nil = it flows
	lose  int           // so many answers from now is the one that is lost; 0 = none
	loses string        // an answer that says this is lost; "" = none
	ended int           // transactions
}

// NewProxy starts a proxy in front of an address; it ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	p, err := StartProxy("127.0.0.1:0", target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// StartProxy starts a proxy that listens on an address, in front of another. Close must be called.
func StartProxy(address, target string) (*Proxy, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &Proxy{listener: l, target: target, wall: clock.New(), ctx: ctx, stop: stop, conns: map[net.Conn]bool{}}
	p.all.Go(p.accept)
	return p, nil
}

// Close ends the proxy and all its connections.
func (p *Proxy) Close() {
	p.stop()
	_ = p.listener.Close()
	p.Cut()
	p.all.Wait()
}

// Address is where the proxy listens.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Cut closes all connections, and new ones at once, until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	p.drop()
}

// Drop closes all connections; new ones go through.
func (p *Proxy) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop()
}

func (p *Proxy) drop() {
	for c := range p.conns {
		_ = c.Close()
	}
}

// Slow makes every piece of data wait, in both directions.
func (p *Proxy) Slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// LoseAnswer lets so many of the server's answers through and loses the next: the server has done what it was told, and the
// client, whose connection is closed then, can't know.
func (p *Proxy) LoseAnswer(after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = after + 1
}

// LoseCommit loses the answer to the next commit.
func (p *Proxy) LoseCommit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loses = "COMMIT"
}

// Transactions is how many the server has ended. Its own statistics (pg_stat_database) are up to ten seconds late.
func (p *Proxy) Transactions() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// isLost looks at an answer.
func (p *Proxy) isLost(answer []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended += bytes.Count(answer, []byte("Z\x00\x00\x00\x05I")) // ready for a query, outside of a transaction
	if p.loses != "" && bytes.Contains(answer, []byte(p.loses)) {
		p.loses = ""
		return true
	}
	if p.lose == 0 {
		return false
	}
	p.lose--
	return p.lose == 0
}

// Swallow lets nothing through, without a word to anybody, until Mend: as a firewall that has forgotten its connections.
func (p *Proxy) Swallow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stuck == nil {
		p.stuck = make(chan struct{})
	}
}

// Mend undoes Cut, Slow, Swallow, LoseAnswer and LoseCommit; what was swallowed goes on its way.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.delay, p.lose, p.loses = false, 0, 0, ""
	if p.stuck != nil {
		close(p.stuck)
		p.stuck = nil
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.all.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	if !p.keep(client) {
		return
	}
	defer p.forget(client)
	server, err := net.Dial("tcp", p.target)
	if err != nil || !p.keep(server) {
		return
	}
	defer p.forget(server)
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client, func([]byte) bool { return false }) })
	both.Go(func() { p.copy(client, server, p.isLost) })
	both.Wait()
}

func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		_ = c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = c.Close()
	delete(p.conns, c)
}

// copy passes data on until either side ends, and then ends both.
func (p *Proxy) copy(to, from net.Conn, isLost func([]byte) bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !p.pass() || isLost(buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// pass waits as long as the proxy is told to.
func (p *Proxy) pass() bool {
	p.mu.Lock()
	delay, stuck := p.delay, p.stuck
	p.mu.Unlock()
	if _, err := p.wall.Hold(p.ctx, delay); err != nil {
		return false
	}
	if stuck == nil {
		return true
	}
	select {
	case <-stuck:
		return true
	case <-p.ctx.Done():
		return false
	}
}
