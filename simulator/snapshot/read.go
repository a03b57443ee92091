package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/openapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/portable"
)

// maxValue bounds what is in memory together of a snapshot that is read: one payment with all its webhooks, or all but the payments
// and jobs. What the simulator writes is a hundredth of it.
const maxValue = 64 << 20

// reading is a snapshot that was spooled, and where its lists are. It is a journal.Source.
type reading struct {
	spool *Spool
	document
	streams, jobs int64      // the offsets of what follows the lists' brackets; 0 = there is no list
	trying        *Snapshots // which try each piece that is read; nil = all have been tried
}

// limited reads at most so much between two values.
type limited struct {
	io.Reader
	left int
}

var errTooLong = fmt.Errorf("a payment, or what is beside the payments and jobs, must not be longer than %d bytes", maxValue)

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.Reader.Read(p)
	l.left -= n
	return n, err
}

// scan reads a document's syntax: where its lists are, and rest, the document with its lists empty. Errors are
// *openapi.SyntaxError.
func (r *reading) scan() (rest []byte, err error) {
	in := &limited{r.spool.from(0), maxValue}
	dec := jsontext.NewDecoder(in)
	lists := map[jsontext.Pointer]*int64{"/journal/streams": &r.streams, "/journal/jobs": &r.jobs}
	keep := func(from int64) error {
		if int64(len(rest))+dec.InputOffset()-from > maxValue {
			return errTooLong
		}
		text, err := io.ReadAll(io.LimitReader(r.spool.from(from), dec.InputOffset()-from))
		rest = append(rest, text...)
		return err
	}
	var kept int64 // what is before it is in rest, or in a list
	for first := true; err == nil && (first || dec.StackDepth() > 0); first = false {
		var list *int64
		if dec.StackDepth() == 2 && dec.PeekKind() == '[' {
			list = lists[dec.StackPointer()]
		}
		if _, err = dec.ReadToken(); list != nil && err == nil {
			*list = dec.InputOffset()
			if err = keep(kept); err == nil {
				kept, err = passList(dec, in)
			}
		}
	}
	if err == nil {
		err = keep(kept)
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &openapi.SyntaxError{Reason: fmt.Sprintf("must be one JSON object with nothing after it (byte %d)", dec.InputOffset())}
	}
	return rest, nil
}

// passList passes over a list that has begun, and returns the offset of its closing bracket.
func passList(dec *jsontext.Decoder, in *limited) (int64, error) {
	for dec.PeekKind() != ']' {
		if in.left = maxValue; dec.PeekKind() == 0 {
			break // of the token's error
		}
		if err := dec.SkipValue(); err != nil {
			return 0, err
		}
	}
	_, err := dec.ReadToken()
	return dec.InputOffset() - 1, err
}

// syntaxError says what is wrong with the JSON.
func syntaxError(err error) error {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooLong):
		return &openapi.SyntaxError{Reason: "can't be read: " + errTooLong.Error()}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &openapi.SyntaxError{Reason: "must be valid JSON: it ends too early"}
	case errors.As(err, &syntactic):
		reason := strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")
		return &openapi.SyntaxError{Reason: fmt.Sprintf("must be valid JSON: %s (byte %d)", reason, syntactic.ByteOffset)}
	}
	return err
}

// Read implements journal.Source. The first time it tries everything that it reads.
func (r *reading) Read(to journal.Visitor) error {
	err := to.Counters(r.Journal.Counters)
	if err == nil {
		err = elements(r, "streams", r.streams, func(from *portable.Stream) error {
			st := from.Copied()
			if err := r.trying.tryStream(r.Company.ID, st); err != nil {
				return err
			}
			return to.Stream(st)
		})
	}
	if err == nil {
		err = elements(r, "jobs", r.jobs, func(from *portable.Job) error {
			d := from.Copied()
			if err := r.trying.tryJob(d); err != nil {
				return err
			}
			return to.Job(d)
		})
	}
	if err == nil {
		r.trying = nil
	}
	return err
}

// elements reads the list after an offset.
func elements[T any](r *reading, name string, at int64, each func(*T) error) error {
	in := &limited{io.MultiReader(strings.NewReader("["), r.spool.from(at)), maxValue}
	dec := jsontext.NewDecoder(in)
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for n := 0; dec.PeekKind() != ']'; n++ {
		in.left = maxValue
		var v T
		if err := jsonv2.UnmarshalDecode(dec, &v, jsonv2.RejectUnknownMembers(true)); err != nil {
			return elementError("journal."+name, err)
		}
		if err := each(&v); err != nil {
			return err
		}
	}
	return nil
}

// elementError says what is wrong with an element of a list, or that the file can't be read.
func elementError(list string, err error) error {
	var semantic *jsonv2.SemanticError
	if !errors.As(err, &semantic) {
		return fmt.Errorf("%w: %w", ErrSpool, err) // its syntax was right
	}
	path := list
	for token := range semantic.JSONPointer.Tokens() {
		path += "." + token
	}
	reason := "it must be another kind of value than " + kindOf(semantic.JSONKind)
	switch {
	case errors.Is(err, jsonv2.ErrUnknownName):
		reason = "it must not be set"
	case semantic.Err != nil:
		reason = semantic.Err.Error()
	}
	return openapi.Problems{{Path: "body", Reason: "must be a snapshot: " + path + ": " + reason}}.Err()
}

func kindOf(k jsontext.Kind) string {
	switch k {
	case '"':
		return "a text"
	case '0':
		return "this number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	return k.String()
}

// read reads what is beside the journal's lists, which it finds, and tries it.
func (s *Snapshots) read(id string, spool *Spool) (*reading, error) {
	r := &reading{spool: spool, trying: s}
	text, err := r.scan()
	if err != nil {
		return nil, err
	}
	written, err := openapi.Decode(text)
	if err != nil {
		return nil, err
	}
	if v := written.Text("version"); v != "" && v != strconv.Itoa(version) {
		return nil, openapi.Problems{{
			Path: "version", Reason: fmt.Sprintf("must be %d: a snapshot of version %.20s can't be restored here", version, v),
		}}.Err()
	}
	if problems := s.Control.Problems("Snapshot", written); problems != nil {
		return nil, problems.Err()
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r.document); err != nil {
		return nil, openapi.Problems{{Path: "body", Reason: "must be a snapshot: " + err.Error()}}.Err()
	}
	return r, s.tryDocument(id, &r.document)
}
