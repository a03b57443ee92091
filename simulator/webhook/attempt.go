package webhook

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Attempt is one POST to a merchant's handler.
type Attempt struct {
	URL     string
	Header  http.Header // beside Content-Type and User-Agent, which it may replace
	Body    []byte
	Key     string // the payment's id: attempts with one Key never overlap and keep their order (Lanes)
	PoolKey string // as Lane makes it: attempts of one lane are bounded together (Lanes)
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

// PoolKey names the lane of a company's attempts at one target: the company's id and the target's host and port.
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
	Error     string            // in words; "" when an answer came in whole, whatever its status
	Stage     string            // "" when Error is
}

// Delivered says whether the attempt succeeded: a 2xx that came in whole and in time (documented).
func (r Result) Delivered() bool { return r.Status/100 == 2 && r.Error == "" }

// resultJSON is a Result as it is written. Durations are milliseconds whatever the encoder thinks of them.
type resultJSON struct {
	Status    int               `json:"status,omitempty"`
	Header    map[string]string `json:"headers,omitempty"`
	Body      string            `json:"body,omitempty"`
	Truncated bool              `json:"truncated,omitempty"`
	TookMS    float64           `json:"tookMs"`
	Error     string            `json:"error,omitempty"`
	Stage     string            `json:"stage,omitempty"`
}

// MarshalJSON writes the result, Took in milliseconds to the microsecond.
func (r Result) MarshalJSON() ([]byte, error) {
	took := float64(r.Took.Microseconds()) / 1000
	return json.Marshal(resultJSON{r.Status, r.Header, r.Body, r.Truncated, took, r.Error, r.Stage})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Result) UnmarshalJSON(text []byte) error {
	var j resultJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	took := time.Duration(j.TookMS*1000+0.5) * time.Microsecond
	*r = Result{j.Status, j.Header, j.Body, j.Truncated, took, j.Error, j.Stage}
	return nil
}
