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
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// figures are what one round of load measured.
type figures struct {
	rate     float64 // answers per second
	p50, p99 time.Duration
	cpu      time.Duration // of the server, per answer
	ended    time.Time
}

// load sends the process's request again and again on so many connections, each of which waits for its answer, for some time or
// until so many were sent (0 = no matter how many).
func load(p *process, connections int, length time.Duration, atMost int) (figures, error) {
	took := make([][]time.Duration, connections)
	failures := make([]error, connections)
	var group sync.WaitGroup
	var sent atomic.Int64
	before, began := p.spent(), time.Now()
	more := func() bool {
		return time.Since(began) < length && (sent.Add(1) <= int64(atMost) || atMost == 0)
	}
	for i := range connections {
		group.Go(func() { took[i], failures[i] = drive(p, more) })
	}
	group.Wait()
	ended := time.Now()
	elapsed, spent := ended.Sub(began), p.spent()-before
	all := slices.Concat(took...)
	p.answered += len(all)
	if err := errors.Join(failures...); err != nil || len(all) == 0 {
		return figures{}, fmt.Errorf("load on %s: %d answers: %w", p.address, len(all), err)
	}
	slices.Sort(all)
	return figures{float64(len(all)) / elapsed.Seconds(), all[len(all)/2], all[len(all)*99/100], spent / time.Duration(len(all)), ended}, nil
}

func drive(p *process, more func() bool) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 16<<10)
	var took []time.Duration
	for more() {
		began := time.Now()
		if err := exchange(conn, in, p.request); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// paced sends so many requests a second on one connection and returns the mean time that an answer takes.
func paced(p *process, perSecond int, length time.Duration) (time.Duration, error) {
	ticks, ends := time.NewTicker(time.Second/time.Duration(perSecond)), time.Now().Add(length)
	defer ticks.Stop()
	took, err := drive(p, func() bool { return (<-ticks.C).Before(ends) })
	if err != nil || len(took) == 0 {
		return 0, fmt.Errorf("%d answers: %w", len(took), err)
	}
	p.answered += len(took)
	sum := time.Duration(0)
	for _, one := range took {
		sum += one
	}
	return sum / time.Duration(len(took)), nil
}

var contentLength = []byte("Content-Length: ")

// exchange writes one request and reads its answer; any other than 200 is an error.
func exchange(out io.Writer, in *bufio.Reader, request []byte) error {
	if _, err := out.Write(request); err != nil {
		return err
	}
	status, err := readMessage(in)
	if err == nil && !strings.HasPrefix(status, "HTTP/1.1 200") {
		err = fmt.Errorf("answered %q", status)
	}
	return err
}

// readMessage reads a request or an answer and returns its first line. It knows only as much of HTTP as the servers here write,
// so that the load itself costs little.
func readMessage(in *bufio.Reader) (first string, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	first = string(bytes.TrimSpace(line))
	for length := 0; ; {
		if line, err = in.ReadSlice('\n'); err != nil {
			return "", err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			_, err = in.Discard(length)
			return first, err
		}
		if value, found := bytes.CutPrefix(line, contentLength); found {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return "", err
			}
		}
	}
}
