package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// figures are what one round of load measured.
type figures struct {
	rate     float64 // answers per second
	p50, p99 time.Duration
	cpu      time.Duration // of the server, per answer
}

// load sends the process's request again and again on all connections, each of which waits for its answer.
func load(p *process, o options) (figures, error) {
	took := make([][]time.Duration, o.connections)
	failures := make([]error, o.connections)
	var group sync.WaitGroup
	before, began := p.spent(), time.Now()
	for i := range o.connections {
		group.Go(func() { took[i], failures[i] = drive(p, began.Add(o.length)) })
	}
	group.Wait()
	elapsed, spent := time.Since(began), p.spent()-before
	all := slices.Concat(took...)
	if err := errors.Join(failures...); err != nil || len(all) == 0 {
		return figures{}, fmt.Errorf("load on %s: %d answers: %w", p.address, len(all), err)
	}
	p.answered += len(all)
	slices.Sort(all)
	return figures{float64(len(all)) / elapsed.Seconds(), all[len(all)/2], all[len(all)*99/100], spent / time.Duration(len(all))}, nil
}

func drive(p *process, until time.Time) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 16<<10)
	var took []time.Duration
	for now := time.Now(); now.Before(until); {
		if err := exchange(conn, in, p.request); err != nil {
			return took, err
		}
		after := time.Now()
		took, now = append(took, after.Sub(now)), after
	}
	return took, nil
}

var contentLength = []byte("Content-Length: ")

// exchange writes one request and reads its answer; any other than 200 is an error. It reads only as much of HTTP as these two
// servers write, so that the load itself costs little.
func exchange(out io.Writer, in *bufio.Reader, request []byte) error {
	if _, err := out.Write(request); err != nil {
		return err
	}
	status, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("answered %q", bytes.TrimSpace(status))
	}
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		if value, found := bytes.CutPrefix(line, contentLength); found {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	_, err = in.Discard(length)
	return err
}
