package requestlog

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/mask"
)

// Header names a call's id in its answer.
const Header = "Mozartosim-Request"

// Handled is what the stages found out about a call.
type Handled struct {
	Company  string // by id; "" = it reached none
	PSP      string
	Type     string
	Payment  string // that it made, or whose page it is about
	Scenario string
	Stage    string // that refused it; "" = none did
	Rule     string // of the contract, by its id in the ledger; "" = none is known
	Reason   string // why it was refused
}

// Call is a call as it is handed over. Neither header nor body may be changed afterwards.
type Call struct {
	Handled
	ID       string
	At       time.Time // on the company's clock; on the machine's when it reached none
	Took     time.Duration
	Method   string
	URL      *url.URL
	Protocol string
	Remote   string
	Header   http.Header
	Body     []byte         // as it came; nil = it was not read, or is kept elsewhere
	Fields   map[string]any // the body decoded; nil = it is no JSON object
	Bytes    int64          // of the body; -1 = it was not read
	Status   int
	Answer   []byte // the answer's body when the call was refused
	Fault    string
	Replayed string
}

// NewCall is a call whose body has not been read.
func NewCall(id string, r *http.Request) *Call {
	return &Call{ID: id, Method: r.Method, URL: r.URL, Protocol: r.Proto, Remote: r.RemoteAddr, Header: r.Header, Bytes: -1}
}

// size is what bodies take while the call waits.
func (c *Call) size() int { return len(c.Body) + len(c.Answer) }

// most is how many bytes of a body are kept, mostOfText of one that is no JSON and takes longer to mask; a header's value may have
// mostOfHeader.
const (
	most         = 64 << 10
	mostOfText   = 8 << 10
	mostOfHeader = 4 << 10
	mostHeaders  = 100
)

// pack makes what is kept of a call.
func (l *Log) pack(c *Call) journal.Request {
	outcome := "accepted"
	if c.Stage != "" {
		outcome = "refused"
	}
	summary := adminapi.RequestSummary{
		ID: c.ID, Company: c.Company, At: c.At.UTC().Truncate(time.Millisecond), Method: cut(c.Method, 32), Path: target(c.URL),
		Status: c.Status, Outcome: outcome, Stage: c.Stage, Reason: mask.Text(c.Reason), Rule: c.Rule, PSP: c.PSP, Type: c.Type, Payment: c.Payment,
		Scenario: c.Scenario, Fault: c.Fault, Replayed: c.Replayed, TookMS: float64(c.Took.Microseconds()) / 1000,
	}
	details := adminapi.RequestDetails{Protocol: c.Protocol, Remote: c.Remote, Headers: l.headers(c.Header), BodyBytes: c.Bytes, Answer: mask.Text(string(c.Answer))}
	details.Body, details.Truncated = body(c)
	return journal.Request{
		Company: c.Company, ID: c.ID, At: summary.At, Stage: c.Stage, Rule: c.Rule, Status: c.Status, Payment: c.Payment,
		Summary: l.written(func(dst []byte) []byte { return appendSummary(dst, &summary) }),
		Details: l.written(func(dst []byte) []byte { return appendDetails(dst, &details) }),
	}
}

// written returns what is written, in a slice of its own.
func (l *Log) written(write func([]byte) []byte) []byte {
	l.buffer = write(l.buffer[:0])
	return bytes.Clone(l.buffer)
}

// body masks a call's body.
func body(c *Call) (body string, truncated bool) {
	masked := ""
	if c.Fields != nil {
		masked = string(mask.Fields(c.Body, c.Fields))
	} else if len(c.Body) > 0 {
		masked, truncated = maskedPart(string(c.Body), mostOfText)
	}
	if len(masked) > most {
		masked, truncated = masked[:most], true
	}
	return strings.ToValidUTF8(masked, "\uFFFD"), truncated
}

// margin is how much more than what is kept is masked: a card number that the cut would halve is still recognized.
const margin = 64

// maskedPart masks the beginning of a text.
func maskedPart(text string, most int) (masked string, truncated bool) {
	masked, truncated = mask.Text(text[:min(len(text), most+margin)]), len(text) > most
	return masked[:min(len(masked), most)], truncated
}

// target is a call's path and query, secrets masked.
func target(u *url.URL) string {
	path := u.EscapedPath()
	if countDigits(path) >= fewestDigits {
		path = mask.Cards(path)
	}
	path = cut(path, 2000)
	if u.RawQuery == "" {
		return path
	}
	query := u.Query()
	for name, values := range query {
		for i, value := range values {
			values[i] = hide(isSecret(name), name, value)
		}
	}
	return path + "?" + cut(query.Encode(), 2000)
}

// headers lists a call's headers in the order of their names, secrets masked.
func (l *Log) headers(header http.Header) []adminapi.RequestHeader {
	list := make([]adminapi.RequestHeader, 0, len(header))
	for name, values := range header {
		for _, value := range values {
			list = append(list, adminapi.RequestHeader{Name: name, Value: cut(l.hide(name, value), mostOfHeader)})
		}
	}
	slices.SortStableFunc(list, func(a, b adminapi.RequestHeader) int { return strings.Compare(a.Name, b.Name) })
	return list[:min(len(list), mostHeaders)]
}

// hide is the function hide, whose answer about a header's name it remembers.
func (l *Log) hide(name, value string) string {
	hidden, known := l.secret[name]
	if !known {
		hidden = isSecret(name)
		if len(l.secret) < mostHeaders {
			l.secret[name] = hidden
		}
	}
	if !hidden && countDigits(value) < fewestDigits {
		return value
	}
	return hide(hidden, name, value)
}

// fewestDigits is how many digits the shortest card number has.
const fewestDigits = 12

func countDigits(value string) (n int) {
	for i := range len(value) {
		if '0' <= value[i] && value[i] <= '9' {
			n++
		}
	}
	return n
}

// isSecret says whether the name of a header or a parameter says that its value is secret.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range [...]string{"authorization", "token", "cookie", "secret", "password", "apikey", "api-key", "session"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return mask.SecretName(name)
}

// hide masks a value that is secret, or that looks like a card. Of a token the last characters stay, to tell two apart.
func hide(secret bool, name, value string) string {
	if secret {
		scheme, token, found := strings.Cut(value, " ")
		if !found {
			return mask.Secret(value)
		}
		return scheme + " " + mask.Secret(token)
	}
	masked, isText := mask.Value(name, value).(string)
	if !isText {
		return "***"
	}
	return masked
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
