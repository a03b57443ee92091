package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"mozartosim/simulator/journal"
)

// writer writes a document.
type writer struct {
	out  io.Writer
	text bytes.Buffer // of the value that is being written
	enc  *json.Encoder
	part int // how many of parts have been written
	n    int // elements of the part
}

// parts are the texts that begin each list of the journal, and end it.
var parts = [...]string{`,"streams":[`, `],"jobs":[`, `]},`}

// The numbers of parts.
const (
	inStreams = 1 + iota
	inJobs
	behindBoth
)

func newWriter(out io.Writer) *writer {
	w := &writer{out: out}
	w.enc = json.NewEncoder(&w.text)
	w.enc.SetEscapeHTML(false) // URLs stay readable
	return w
}

// document writes all of it; walk hands over the journal.
func (w *writer) document(before beforeJournal, walk func(journal.Visitor) error, behind behindJournal) error {
	text, err := w.encoded(before)
	if err == nil {
		_, err = w.out.Write(bytes.TrimSuffix(text, []byte("}\n")))
	}
	if err != nil {
		return err
	}
	err = walk(journal.Visitor{
		Counters: func(n journal.Counters) error {
			_, err := fmt.Fprintf(w.out, `,"journal":{"ordinal":%d,"began":%d,"seq":%d`, n.Ordinal, n.Began, n.Seq)
			return err
		},
		Stream: func(st journal.StreamCopy) error { return w.element(inStreams, fromStream(st)) },
		Job: func(d journal.Job) error {
			return w.element(inJobs, documentJob{d.ID, d.Stream, d.At, d.Kind, string(d.Data)})
		},
	})
	if err == nil {
		err = w.begin(behindBoth)
	}
	if err == nil {
		text, err = w.encoded(behind)
	}
	if err == nil {
		_, err = w.out.Write(bytes.TrimPrefix(text, []byte("{")))
	}
	return err
}

// encoded returns a value's JSON and the end of a line; it holds until the next one.
func (w *writer) encoded(v any) ([]byte, error) {
	w.text.Reset()
	err := w.enc.Encode(v)
	return w.text.Bytes(), err
}

// element writes one of a list.
func (w *writer) element(part int, v any) error {
	if err := w.begin(part); err != nil {
		return err
	}
	if w.n++; w.n > 1 {
		if _, err := io.WriteString(w.out, ","); err != nil {
			return err
		}
	}
	text, err := w.encoded(v)
	if err == nil {
		_, err = w.out.Write(bytes.TrimSuffix(text, []byte("\n")))
	}
	return err
}

// begin ends the parts before one and begins it, unless it has begun.
func (w *writer) begin(part int) error {
	for ; w.part < part; w.part++ {
		if _, err := io.WriteString(w.out, parts[w.part]); err != nil {
			return err
		}
		w.n = 0
	}
	return nil
}
