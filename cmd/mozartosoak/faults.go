package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// store is where the simulator keeps its data, and how that is made to fail.
type store struct {
	data  string // the simulator's --data
	fail  func() error
	mend  func() error
	close func() error
}

func nothing() error { return nil }

// newStore makes the store that -data names: memory for "", a file for a name, a database for a URL. A file is put on a small
// file system, which is filled up for a fault (that needs root); a database is reached through a proxy, which is cut.
func newStore(data string, faults bool) (*store, error) {
	u, err := url.Parse(data)
	switch {
	case data == "" || !faults:
		return &store{data: data, fail: nothing, mend: nothing, close: nothing}, nil
	case err == nil && u.Scheme == "postgres":
		return newDatabase(u)
	}
	return newDisk(data)
}

// diskSize is the size of the small file system, in MiB.
const diskSize = 256

func newDisk(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", diskSize)); err != nil {
		return nil, fmt.Errorf("mount a small file system at %s (needs root): %w", dir, err)
	}
	filler := filepath.Join(dir, "filler")
	return &store{
		data: filepath.Join(dir, "soak.db"),
		fail: func() error {
			file, err := os.Create(filler)
			if err != nil {
				return err
			}
			if _, err := io.CopyN(file, zeros{}, diskSize<<20); !errors.Is(err, syscall.ENOSPC) {
				return errors.Join(fmt.Errorf("the disk is not full: %w", err), file.Close())
			}
			return file.Close()
		},
		mend:  func() error { return os.Remove(filler) },
		close: func() error { return syscall.Unmount(dir, 0) },
	}, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// newDatabase reaches a database through a proxy.
func newDatabase(u *url.URL) (*store, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, to: u.Host, open: map[net.Conn]bool{}}
	go p.serve()
	through := *u
	through.Host = listener.Addr().String()
	return &store{
		data: through.String(),
		fail: func() error { p.cut(true); return nil },
		mend: func() error { p.cut(false); return nil },
		close: func() error {
			p.cut(true)
			return listener.Close()
		},
	}, nil
}

// proxy passes connections on, but while it is cut.
type proxy struct {
	listener net.Listener
	to       string

	mu   sync.Mutex
	off  bool
	open map[net.Conn]bool
}

func (p *proxy) serve() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", p.to)
		if err != nil || !p.add(from, to) {
			_ = from.Close()
			continue
		}
		go p.pass(from, to)
		go p.pass(to, from)
	}
}

// add notes connections; false means that the proxy is cut.
func (p *proxy) add(all ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range all {
		if p.off {
			_ = c.Close()
			continue
		}
		p.open[c] = true
	}
	return !p.off
}

func (p *proxy) pass(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range []net.Conn{from, to} {
		delete(p.open, c)
		_ = c.Close()
	}
}

func (p *proxy) cut(off bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.off = off
	for c := range p.open {
		_ = c.Close()
	}
	clear(p.open)
}

// fault is how long a store fails, and the simulator has rest between two faults.
const (
	fault = 5 * time.Second
	rest  = 10 * time.Second
)

// faults fails the store, and kills the simulator and starts it again, in turn until stop is closed. Killed and failed are called
// with the time of each. It ends with all well.
func (p *process) faults(s *store, stop <-chan struct{}, during func(what string, began time.Time)) error {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		case <-time.After(rest):
		}
		began := time.Now()
		if n%2 == 0 {
			if err := p.restart(); err != nil {
				return fmt.Errorf("start again: %w", err)
			}
			during("kill", began)
			continue
		}
		if err := s.fail(); err != nil {
			return err
		}
		time.Sleep(fault)
		if err := s.mend(); err != nil {
			return err
		}
		during("store", began)
	}
}
