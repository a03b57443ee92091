package portable

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"mozartosim/simulator/journal"
)

// Version is the version of the format. Version 1 had other names, also within payments, which this program does not know.
const Version = 2

// ErrFormat says that a file is not what it should be; the message names the line.
var ErrFormat = errors.New("not a file that `mozartosim data export` wrote")

// line is one line of the file: one of its fields is set.
type line struct {
	Head    *head    `json:"mozartosim,omitempty"`
	Setting *setting `json:"setting,omitempty"`
	Company *company `json:"company,omitempty"`
	Stream  *Stream  `json:"stream,omitempty"`
	Job     *Job     `json:"job,omitempty"`
	End     *end     `json:"end,omitempty"`
}

type head struct {
	Version int    `json:"version"`
	Program string `json:"program"`
}

type setting struct {
	Company string `json:"company"`
	Name    string `json:"name"`
	Content
}

type company struct {
	ID string `json:"id"`
	journal.Counters
}

// Stream is a journal.StreamCopy as it is written.
type Stream struct {
	ID      string      `json:"id"`
	Ordinal uint64      `json:"ordinal"`
	Labels  [][2]string `json:"labels,omitempty"`
	Keys    []string    `json:"keys,omitempty"`
	Final   int         `json:"final,omitempty"`
	Entries []Entry     `json:"entries"`
}

// Entry is a journal.Entry as it is written.
type Entry struct {
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Content
}

// Job is a pending journal.Job as it is written.
type Job struct {
	ID     string    `json:"id"`
	Stream string    `json:"stream"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Content
}

type end struct {
	Lines int `json:"lines"` // of the file, this one included
}

// Content is opaque data: as a text where it is one.
type Content struct {
	Data   string `json:"data,omitempty"`
	Base64 []byte `json:"base64,omitempty"`
}

func contentOf(data []byte) Content {
	if utf8.Valid(data) {
		return Content{Data: string(data)}
	}
	return Content{Base64: data}
}

func (c Content) bytes() []byte {
	if c.Data != "" {
		return []byte(c.Data)
	}
	return c.Base64
}

// StreamOf makes what is written of a stream.
func StreamOf(from journal.StreamCopy) *Stream {
	st := &Stream{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Final: from.Final, Entries: []Entry{}}
	for _, l := range from.Labels {
		st.Labels = append(st.Labels, [2]string{l.Name, l.Value})
	}
	for _, e := range from.Entries {
		st.Entries = append(st.Entries, Entry{e.Seq, e.At, e.Kind, contentOf(e.Data)})
	}
	return st
}

// Copied returns the stream.
func (from *Stream) Copied() journal.StreamCopy {
	st := journal.StreamCopy{ID: from.ID, Ordinal: from.Ordinal, Keys: from.Keys, Final: from.Final}
	for _, l := range from.Labels {
		st.Labels = append(st.Labels, journal.Label{Name: l[0], Value: l[1]})
	}
	for _, e := range from.Entries {
		st.Entries = append(st.Entries, journal.Entry{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: e.bytes()})
	}
	return st
}

// JobOf makes what is written of a job.
func JobOf(d journal.Job) *Job { return &Job{d.ID, d.Stream, d.At.UTC(), d.Kind, contentOf(d.Data)} }

// Copied returns the job.
func (from *Job) Copied() journal.Job {
	return journal.Job{ID: from.ID, Stream: from.Stream, At: from.At, Kind: from.Kind, Data: from.bytes()}
}

// writer writes lines and counts them.
type writer struct {
	out   *bufio.Writer
	lines int
}

func (w *writer) write(l line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	w.lines++
	_, err = w.out.Write(append(text, '\n'))
	return err
}

// maxLine bounds a line: a payment with all its webhooks is a hundredth of it.
const maxLine = 64 << 20

// reader reads lines.
type reader struct {
	file io.ReadSeeker
	in   *bufio.Scanner
	place
}

// place is where a reader stands: after a line.
type place struct {
	line   int
	offset int64
}

func newReader(file io.ReadSeeker) *reader {
	r := &reader{file: file}
	r.in = r.scanner()
	return r
}

func (r *reader) scanner() *bufio.Scanner {
	scanner := bufio.NewScanner(r.file)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	scanner.Split(func(data []byte, atEnd bool) (used int, token []byte, err error) {
		used, token, err = bufio.ScanLines(data, atEnd)
		r.offset += int64(used)
		return used, token, err
	})
	return scanner
}

// seek goes back to a place.
func (r *reader) seek(to place) error {
	if r.place == to {
		return nil
	}
	_, err := r.file.Seek(to.offset, io.SeekStart)
	r.place, r.in = to, r.scanner()
	return err
}

func (r *reader) wrong(format string, args ...any) error {
	return fmt.Errorf("line %d: %w: %s", r.line, ErrFormat, fmt.Sprintf(format, args...))
}

// next returns the next line; a file without its last line is one of which something is missing.
func (r *reader) next() (l line, err error) {
	r.line++
	if !r.in.Scan() {
		if err := r.in.Err(); err != nil {
			return l, fmt.Errorf("line %d: %w", r.line, err)
		}
		return l, r.wrong("it ends before its last line, {\"end\":…}: it was cut off")
	}
	dec := json.NewDecoder(bytes.NewReader(r.in.Bytes()))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return l, r.wrong("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	switch {
	case r.line == 1 && l.Head == nil:
		return l, r.wrong("it must begin with {\"mozartosim\":{\"version\":%d,…}}", Version)
	case r.line == 1 && l.Head.Version < Version:
		return l, r.wrong("it has the version %d, whose payments this program can't read: use mozartosim %s", l.Head.Version, l.Head.Program)
	case r.line == 1 && l.Head.Version > Version:
		return l, r.wrong("it has the version %d, this program knows %d: use mozartosim %s or a newer one", l.Head.Version, Version, l.Head.Program)
	case r.line > 1 && l.Head != nil:
		return l, r.wrong("there is one head only")
	case l == line{}:
		return l, r.wrong("it must be a setting, company, stream, job or end")
	case l.End != nil && l.End.Lines != r.line:
		return l, r.wrong("it says that the file has %d lines: some are missing, or too many", l.End.Lines)
	case l.End != nil && r.in.Scan():
		return l, r.wrong("something follows the last line")
	}
	return l, nil
}
