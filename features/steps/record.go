package steps

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"mozartosim/features/evidence"
)

// record is the evidence of a scenario's calls.
type record struct {
	id        string // of the scenario
	step      int    // that runs
	began     time.Time
	wall      func() time.Time
	masker    *evidence.Masker
	exchanges []evidence.Exchange
}

// At says which step runs, so that calls are kept under it.
func (r *record) At(step int) { r.step = step }

// Exchanges returns the calls that were made, masked.
func (r *record) Exchanges() []evidence.Exchange { return slices.Clone(r.exchanges) }

// keep adds a call and names it: the same in every run.
func (r *record) keep(e evidence.Exchange, begun, ended time.Time, err error) {
	n := 1
	for _, other := range r.exchanges {
		if other.Control == e.Control {
			n++
		}
	}
	kind := "call"
	if e.Control {
		kind = "control"
	}
	e.Label, e.Step = fmt.Sprintf("%s, %s %d", r.id, kind, n), r.step
	e.At, e.Took = evidence.Span(begun.Sub(r.began)), evidence.Span(ended.Sub(begun))
	if err != nil {
		e.Error = r.masker.Text(err.Error())
	}
	r.exchanges = append(r.exchanges, e)
}

// recorder is a transport that keeps the calls of the admin API, their bodies cut when they are long.
type recorder struct {
	record *record
	next   http.RoundTripper
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	var sent []byte
	if body, err := request.GetBody(); err == nil {
		sent, _ = io.ReadAll(body) // it is in memory
	}
	begun := r.record.wall()
	got, err := r.next.RoundTrip(request)
	e := evidence.Exchange{Control: true, Request: evidence.Message{
		Method: request.Method, Path: request.URL.Path, Body: shortened(r.record.masker.Body(sent)),
	}}
	if err == nil {
		var text []byte
		text, err = io.ReadAll(got.Body)
		_ = got.Body.Close() // it has been read
		got.Body = io.NopCloser(bytes.NewReader(text))
		e.Answer = evidence.Message{Status: got.StatusCode, Body: shortened(r.record.masker.Body(text))}
	}
	r.record.keep(e, begun, r.record.wall(), err)
	if err != nil {
		return nil, err
	}
	return got, nil
}

// longest is how much of a long body is kept.
const longest = 2 << 10

func shortened(text string) string {
	if len(text) <= longest {
		return text
	}
	return fmt.Sprintf("%s… (%d bytes)", text[:longest], len(text))
}
