package steps

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// record is the evidence of a scenario's calls.
type record struct {
	id        string // of the scenario
	step      int    // that runs
	began     time.Time
	masker    *evidence.Masker
	exchanges []evidence.Exchange
}

// At says which step runs, so that calls are kept under it.
func (r *record) At(step int) { r.step = step }

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

// keepControl adds a call of the admin API, its bodies cut when they are long.
func (r *record) keepControl(e evidence.Exchange, begun, ended time.Time, err error) {
	e.Control = true
	e.Request.Path, _, _ = strings.Cut(e.Request.Path, "?")
	for _, body := range []*string{&e.Request.Body, &e.Answer.Body} {
		*body = shortened(r.masker.Body([]byte(*body)))
	}
	r.keep(e, begun, ended, err)
}

// What is kept of a long body, and how long one that the target reads or sends must be to be long.
const (
	longest  = 2 << 10
	longBody = 64 << 10
)

func shortened(text string) string {
	if len(text) <= longest {
		return text
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:longest], ""), len(text))
}

// shortenedWebhook shortens the texts in a long webhook, so that it stays the JSON object that drift and learn read; what is none is cut.
func shortenedWebhook(body string) string {
	if len(body) <= longBody {
		return body
	}
	doc, err := openapi.Decode([]byte(body))
	for name, value := range doc.Fields {
		if text, ok := value.(string); ok {
			doc.Fields[name] = shortened(text)
		}
	}
	if short, failed := json.Marshal(doc.Fields); err == nil && failed == nil && len(short) <= longBody {
		return string(short)
	}
	return shortened(body)
}
