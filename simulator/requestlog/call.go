package requestlog

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/mask"
)

// Header names a call's id in its answer.
const Header = adminapi.RequestIDHeader

// Call is a call as it is handed over: then it is the log's, which masks it. Header and body must not be changed by others either.
// What is kept of URL, header, body and answer, the outcome and the duration in milliseconds are the log's to fill in.
type Call struct {
	adminapi.RequestSummary
	adminapi.RequestDetails
	Took     time.Duration
	URL      *url.URL
	Header   http.Header
	Sent     openapi.Document // the body as it came, without fields when it is no JSON object; zero = it was not read, or is kept elsewhere
	Answered []byte           // the answer's body when the call was refused
}

// NewCall is a call whose body has not been read.
func NewCall(id string, r *http.Request) *Call {
	return &Call{
		RequestSummary: adminapi.RequestSummary{ID: id, Method: r.Method}, URL: r.URL, Header: r.Header,
		RequestDetails: adminapi.RequestDetails{Protocol: r.Proto, Remote: r.RemoteAddr, BodyBytes: -1},
	}
}

// size is what bodies take while the call waits.
func (c *Call) size() int { return len(c.Sent.Raw) + len(c.Answered) }

// most is how many bytes of a body are kept, mostOfText of one that is no JSON and takes longer to mask; a header's value may have
// mostOfHeader.
const (
	most         = 64 << 10
	mostOfText   = 8 << 10
	mostOfHeader = 4 << 10
	mostHeaders  = 100
)

// pack masks a call, and makes what is kept of it. Of what came nothing else is left.
func (l *Log) pack(c *Call) journal.Request {
	kept := journal.Request{
		Company: c.Company, ID: c.ID, At: c.At, Stage: c.Stage, Rule: c.Rule, Status: c.Status, Payment: c.Payment, Content: c,
	}
	c.At, c.TookMS, c.Method = c.At.UTC().Truncate(time.Millisecond), float64(c.Took.Microseconds())/1000, cut(c.Method, 32)
	c.Outcome, c.Path, c.Headers = "accepted", target(c.URL), l.headers(c)
	if len(c.Sent.Raw) > 0 {
		c.Body, c.Truncated = masked(c.Sent)
	}
	if c.Stage != "" {
		c.Outcome, c.Reason, c.Answer = "refused", mask.Text(c.Reason), mask.Text(string(c.Answered))
		for i, field := range c.Fields {
			c.Fields[i] = mask.Text(field)
		}
	}
	c.URL, c.Header, c.Sent, c.Answered = nil, nil, openapi.Document{}, nil
	return kept
}

// Write implements journal.Content.
func (c *Call) Write() (summary, details []byte, err error) {
	summary, err = json.Marshal(c.RequestSummary)
	if err != nil {
		return nil, nil, fmt.Errorf("write a call: %w", err)
	}
	if details, err = json.Marshal(c.RequestDetails); err != nil {
		return nil, nil, fmt.Errorf("write a call's details: %w", err)
	}
	return summary, details, nil
}

// Size implements journal.Content.
func (c *Call) Size() int {
	size := contentRoom + len(c.Path) + len(c.Reason) + len(c.Body) + len(c.Answer)
	for _, h := range c.Headers {
		size += headerRoom + len(h.Name) + len(h.Value)
	}
	return size
}

// contentRoom is about what a call takes beside its texts, headerRoom a header.
const (
	contentRoom = 500
	headerRoom  = 32
)

// margin is how much more than what is kept of a text is masked: a card number that the cut would halve is still recognized.
const margin = 64

// masked is what is kept of a body.
func masked(body openapi.Document) (kept string, truncated bool) {
	text, limit := body.Raw, most
	if body.Fields != nil {
		text = mask.Fields(text, body.Fields)
	} else {
		limit = mostOfText
		text = []byte(mask.Text(string(text[:min(len(text), limit+margin)])))
		truncated = len(body.Raw) > limit
	}
	if len(text) > limit {
		text, truncated = text[:limit], true
	}
	return strings.ToValidUTF8(string(text), "\uFFFD"), truncated
}

// target is a call's path and query, secrets masked.
func target(u *url.URL) string {
	path := cut(mask.Cards(u.EscapedPath()), 2000)
	if u.RawQuery == "" {
		return path
	}
	query := u.Query()
	for name, values := range query {
		for i, value := range values {
			values[i] = mask.Header(name, value)
		}
	}
	return path + "?" + cut(query.Encode(), 2000)
}

// fewHeaders are those that are kept of an accepted call: who called, and for what.
var fewHeaders = [...]string{"Authorization", "Content-Type", "Mozartosim-Scenario", "User-Agent", "X-User-Authorization", "X-User-Token"}

// few are those of the last accepted call. A client sends the same ones with every call, and one list serves them all.
type few struct {
	values [len(fewHeaders)][]string
	list   []adminapi.RequestHeader // is not changed
}

// of says whether they are those of a header, of which they are from now on.
func (f *few) of(header http.Header) bool {
	same := f.list != nil
	for i, name := range fewHeaders {
		same = same && slices.Equal(header[name], f.values[i])
		f.values[i] = header[name]
	}
	return same
}

// headers lists a call's headers, secrets masked.
func (l *Log) headers(c *Call) (list []adminapi.RequestHeader) {
	add := func(name string, values []string) {
		for _, value := range values {
			list = append(list, adminapi.RequestHeader{Name: name, Value: cut(mask.Header(name, value), mostOfHeader)})
		}
	}
	if c.Stage == "" {
		if !l.few.of(c.Header) {
			list = make([]adminapi.RequestHeader, 0, len(fewHeaders)-1) // a shopper is named by one header
			for _, name := range fewHeaders {
				add(name, c.Header[name])
			}
			l.few.list = list[:min(len(list), mostHeaders)]
		}
		return l.few.list
	}
	list = make([]adminapi.RequestHeader, 0, len(c.Header))
	for name, values := range c.Header {
		add(name, values)
	}
	return list[:min(len(list), mostHeaders)]
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
