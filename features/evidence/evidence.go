package evidence

import (
	"cmp"
	"encoding/json"
	"iter"
	"strings"
	"time"
)

// Version is that of the file format; a file of another version is refused.
const Version = 1

// Run is one run of features against one target.
type Run struct {
	Version  int       `json:"version"`
	Tool     string    `json:"tool"`     // which mozartosim
	Kind     string    `json:"kind"`     // "contract" or "certify"
	Target   string    `json:"target"`   // "simulator", "sandbox" or a base URL
	BaseURL  string    `json:"baseUrl"`  // "" for the in-process simulator
	Contract string    `json:"contract"` // digest of the contract that it was checked against
	Started  time.Time `json:"started"`
	Took     Span      `json:"tookMs"`
	Stopped  bool      `json:"stopped,omitempty"` // before its end: by a person, or by what made it impossible to go on
	Features []Feature `json:"features"`
	// Unmatched are the webhooks that arrived for the company that all scenarios share and name the payment of none.
	Unmatched []Webhook `json:"unmatched,omitempty"`
	Grades    []Grade   `json:"grades,omitempty"` // of a run of the kind "certify": one for each capability, "" the overall one
}

// Where names the target: by its URL, if it has one.
func (r *Run) Where() string { return cmp.Or(r.BaseURL, r.Target) }

// Named is the target's name, with its URL where that is another.
func (r *Run) Named() string {
	if r.BaseURL != "" && r.BaseURL != r.Target {
		return r.Target + " (" + r.BaseURL + ")"
	}
	return r.Target
}

// Simulated says whether the target was a simulator; every other target is closer to the vendor's.
func (r *Run) Simulated() bool { return r.Target == "simulator" }

// Scenarios goes through the scenarios in the run's order, each with its feature.
func (r *Run) Scenarios() iter.Seq2[*Feature, *Scenario] {
	return func(yield func(*Feature, *Scenario) bool) {
		for i := range r.Features {
			f := &r.Features[i]
			for j := range f.Scenarios {
				if !yield(f, &f.Scenarios[j]) {
					return
				}
			}
		}
	}
}

// Grade is what a merchant's system is worth in one capability.
type Grade struct {
	Capability string `json:"capability"` // "" = overall
	Word       string `json:"word"`       // full marks, partial, not finished, failed
	Points     int    `json:"points"`
	Of         int    `json:"of"`
}

// Span is a duration that is kept in milliseconds.
type Span time.Duration

// MarshalJSON writes milliseconds, with three decimals.
func (s Span) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Duration(s).Microseconds()) / 1000)
}

// UnmarshalJSON reads milliseconds.
func (s *Span) UnmarshalJSON(text []byte) error {
	var ms float64
	if err := json.Unmarshal(text, &ms); err != nil {
		return err
	}
	*s = Span(ms * float64(time.Millisecond))
	return nil
}

// Feature is one feature file.
type Feature struct {
	URI         string     `json:"uri"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Line        int        `json:"line"`
	Source      string     `json:"source,omitempty"` // the file's text, for the format `messages`; "" when there is no file
	Tags        []string   `json:"tags,omitempty"`
	Capability  string     `json:"capability"` // by what the summary groups: the folder or the file's stem
	Scenarios   []Scenario `json:"scenarios"`
}

// Status is how a scenario or a step ended.
type Status string

// The statuses. NotRun is a scenario's: it was left out for a reason, and counts neither as passed nor as failed.
const (
	Passed    Status = "passed"
	Failed    Status = "failed"
	NotRun    Status = "notrun"
	Skipped   Status = "skipped"   // a step after one that failed
	Undefined Status = "undefined" // a step that no pattern matches; its scenario failed
)

// Scenario is one scenario, or one example of an outline.
type Scenario struct {
	ID        string         `json:"id"` // the same in every run: URI, name and the example's values
	Name      string         `json:"name"`
	Line      int            `json:"line"`
	Tags      []string       `json:"tags,omitempty"`
	PSP       string         `json:"psp,omitempty"`   // of the @psp:… tag
	Flow      string         `json:"flow,omitempty"`  // of the @flow:… tag
	Rules     []string       `json:"rules,omitempty"` // ids of the ledger's entries that it bears on, of @assumes:… tags
	Status    Status         `json:"status"`
	Reason    string         `json:"reason,omitempty"`  // why it was not run, or failed, in a sentence
	Advice    string         `json:"advice,omitempty"`  // what to do about it; of a run of the kind "certify"
	Tries     int            `json:"tries"`             // 1 unless it was tried again
	Earlier   []string       `json:"earlier,omitempty"` // why the tries before failed
	Before    [][]Step       `json:"before,omitempty"`  // the steps of each of them, without what they say
	Took      Span           `json:"tookMs"`
	Steps     []Step         `json:"steps"`
	Exchanges []Exchange     `json:"exchanges,omitempty"`
	Webhooks  []Webhook      `json:"webhooks,omitempty"`
	Timeline  string         `json:"timeline,omitempty"` // of the payment that failed, in words, when there is one
	Contract  []ContractRule `json:"contract,omitempty"` // what the contract says on what failed
}

// Interrupted begins the reason of a scenario that a stop kept from its end, or from its beginning.
const Interrupted = "the run was interrupted"

// Ended says that a scenario has come to its end, so that nothing of it has to be sent again.
func (s *Scenario) Ended() bool {
	return s.Status != NotRun || s.Sent() > 0 && !strings.HasPrefix(s.Reason, Interrupted)
}

// Sent counts its calls to the target, without those of the simulator's admin API.
func (s *Scenario) Sent() (n int) {
	for _, e := range s.Exchanges {
		if !e.Control {
			n++
		}
	}
	return n
}

// Step is one step of a scenario.
type Step struct {
	Keyword  string `json:"keyword"` // "Given ", "When ", … as written
	Text     string `json:"text"`
	Line     int    `json:"line"`
	Argument string `json:"argument,omitempty"` // its doc string or table, as written
	Status   Status `json:"status"`
	Error    string `json:"error,omitempty"`
	Took     Span   `json:"tookMs"`
}

// Exchange is one call and its answer. Headers and bodies are masked; of a body that is no text the length stands there.
type Exchange struct {
	Label   string  `json:"label"` // what it is compared under: the same place of the same scenario in every run
	Step    int     `json:"step"`  // index into Steps
	PSP     string  `json:"psp,omitempty"`
	Type    string  `json:"type,omitempty"`    // PAYIN, PAYOUT
	Variant string  `json:"variant,omitempty"` // ETO, ACH
	At      Span    `json:"atMs"`              // since the scenario began, in real time
	Took    Span    `json:"tookMs"`
	Request Message `json:"request"`
	Answer  Message `json:"answer"`
	Error   string  `json:"error,omitempty"`   // why there is no answer
	Control bool    `json:"control,omitempty"` // a call of the simulator's own admin API: never compared
}

// Message is one side of an exchange.
type Message struct {
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path,omitempty"`
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// Webhook is one webhook that the runner's receiver got for a payment of the scenario.
type Webhook struct {
	Label     string            `json:"label"` // of the exchange that made the payment
	N         int               `json:"n"`     // the payment's n-th webhook, from 1
	Step      int               `json:"step"`  // index into Steps of the step that saw it first; drift needs it: a webhook that a run never waited for is not missing
	PSP       string            `json:"psp,omitempty"`
	Type      string            `json:"type,omitempty"`
	After     Span              `json:"afterMs"`             // after the answer, on the target's clock as far as it is known; negative = before it
	Unclocked bool              `json:"unclocked,omitempty"` // After is real time, though the target has a clock of its own: never compared
	Headers   map[string]string `json:"headers,omitempty"`
	Body      string            `json:"body"`
	Answered  int               `json:"answered"`            // what the receiver said
	Took      Span              `json:"tookMs,omitempty"`    // to answer
	Error     string            `json:"error,omitempty"`     // why there was no answer
	Duplicate bool              `json:"duplicate,omitempty"` // the same body as one before
}

// ContractRule is one entry of the ledger.
type ContractRule struct {
	ID     string `json:"id"`
	Says   string `json:"description"`
	Basis  string `json:"basis"` // documented, provider, assumed
	Source string `json:"source,omitempty"`
}

// Counts are how many scenarios ended how.
type Counts struct{ Passed, Failed, NotRun int }

// Count counts a run's scenarios.
func (r *Run) Count() (c Counts) {
	for _, s := range r.Scenarios() {
		c.Add(s.Status)
	}
	return c
}

// Add counts one more.
func (c *Counts) Add(status Status) {
	switch status {
	case Passed:
		c.Passed++
	case NotRun:
		c.NotRun++
	default:
		c.Failed++
	}
}
