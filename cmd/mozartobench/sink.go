package main

import (
	"bufio"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// sink answers every webhook with 200 and counts them.
type sink struct {
	listener net.Listener
	got      atomic.Int64
	last     atomic.Int64 // when the last one came, in ns
}

func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{listener: l}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s, nil
}

func (s *sink) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		if _, err := readMessage(in); err != nil {
			return
		}
		s.last.Store(time.Now().UnixNano())
		s.got.Add(1)
		if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")); err != nil {
			return
		}
	}
}

func (s *sink) address() string { return s.listener.Addr().String() }

func (s *sink) close() { _ = s.listener.Close() }

func (s *sink) count() int { return int(s.got.Load()) }

// wait waits for so many webhooks and returns when the last one came.
func (s *sink) wait(all int, atMost time.Duration) (time.Time, error) {
	for ends := time.Now().Add(atMost); s.count() < all; time.Sleep(time.Millisecond) {
		if time.Now().After(ends) {
			return time.Time{}, fmt.Errorf("%d of %d webhooks came within %s", s.count(), all, atMost)
		}
	}
	return time.Unix(0, s.last.Load()), nil
}
