package webhook

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Attempt is one POST to a merchant's handler.
type Attempt struct {
	URL    string
	Header http.Header // besides Content-Type and User-Agent, which it may replace
	Body   []byte
}

// UserAgent names the sender (assumed).
const UserAgent = "Mozarto-Webhook/1.0 (mozartosim)"

// Headers returns what the attempt is sent with: its own headers over Content-Type and User-Agent.
func (a Attempt) Headers() http.Header {
	all := make(http.Header, len(a.Header)+2)
	all.Set("Content-Type", "application/json")
	all.Set("User-Agent", UserAgent)
	for name, values := range a.Header {
		all[http.CanonicalHeaderKey(name)] = values
	}
	return all
}

// PoolKey names what the attempts of a company at one target share in a Pool: the company's id and the target's host and
// port.
func PoolKey(company, target string) string {
	parsed, err := url.Parse(target)
	if err != nil {
		return company + " " + target
	}
	return company + " " + strings.ToLower(parsed.Host)
}

// Stages of an attempt: where it failed.
const (
	StageBefore = "before" // nothing was sent: name, dial, TLS, or a target that is not allowed
	StageDuring = "during" // while sending or waiting: the handler may have seen it
	StageAfter  = "after"  // the answer had begun
)

// Result is what came of an attempt.
type Result struct {
	Status    int               // the answer's HTTP status; 0 without an answer
	Header    map[string]string // of the answer; at most 32, each at most 1 KiB
	Body      string            // the answer's first 4 KiB
	Truncated bool              // the answer's body was longer
	Took      time.Duration     // on the machine's clock
	Error     string            // in words; "" when a whole answer came, whatever its status
	Stage     string            // "" when Error is
}

// Delivered says whether the attempt succeeded: a 2xx that came whole and in time (documented).
func (r Result) Delivered() bool { return r.Status/100 == 2 && r.Error == "" }
