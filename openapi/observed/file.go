package observed

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// File is an observations file.
type File struct {
	Observations []Observation `json:"observations"`
}

// Observation is one thing that a target was seen to do differently. Exactly one of the fields that Kind lists is set.
type Observation struct {
	Rule string `json:"rule"`           // id in the ledger
	Flow string `json:"flow,omitempty"` // PSP, PSP TYPE or PSP TYPE VARIANT; "" = what the rule says

	Renamed       string             `json:"renamed,omitempty"` // dotted path within the body
	Absent        bool               `json:"absent,omitempty"`
	Added         *Added             `json:"added,omitempty"`
	Form          Form               `json:"form,omitzero"`
	Constant      json.RawMessage    `json:"constant,omitempty"`
	InsteadOf     json.RawMessage    `json:"insteadOf,omitempty"` // with Constant: only in place of this value
	NullWhenEmpty bool               `json:"nullWhenEmpty,omitempty"`
	Status        int                `json:"status,omitempty"`
	Headers       map[string]*string `json:"headers,omitempty"` // nil = missing
	Error         *Error             `json:"error,omitempty"`
	Request       *Request           `json:"request,omitempty"`
	Notifications *Notifications     `json:"notifications,omitempty"`
	Delay         *Delay             `json:"delay,omitempty"`
	Retries       []string           `json:"retries,omitzero"` // durations; empty = no retries
	Authorization string             `json:"authorization,omitempty"`

	Was  string     `json:"was,omitempty"` // see Was
	Seen []Sighting `json:"seen"`

	at *openapi.LineError // where it was read; nil = in no file
}

// Sighting says where, when and how often something was seen.
type Sighting struct {
	Target string `json:"target"`
	Date   string `json:"date"` // YYYY-MM-DD
	Run    string `json:"run"`
	Times  int    `json:"times"`
}

// Added is a field that the contract does not have.
type Added struct {
	Field   string          `json:"field"`         // dotted, within the rule's object
	Form    Form            `json:"form,omitzero"` // zero = always the example
	Example json.RawMessage `json:"example"`
}

// Error is how calls are refused. What is not set stays as it is. Without a case it is about the calls that break the rule; under
// Error, ErrorWithData or TransportError about all refusals of that form.
type Error struct {
	Case    string   `json:"case,omitempty"` // an error's example in the contract
	Status  int      `json:"status,omitempty"`
	Message string   `json:"message,omitempty"` // {message}, {field}
	Problem string   `json:"problem,omitempty"` // an entry of `errors`: {problem}, {field}
	Code    string   `json:"code,omitempty"`    // errorCode
	Absent  []string `json:"absent,omitempty"`  // members
	Added   []Added  `json:"added,omitempty"`

	Headers map[string]*string `json:"headers,omitempty"` // nil = missing
}

// Request is what a request must be.
type Request struct {
	Field    string   `json:"field,omitempty"` // within the rule's schema; "" = the rule is the field's, or a named rule
	Enforced *bool    `json:"enforced,omitempty"`
	Required *bool    `json:"required,omitempty"`
	Pattern  string   `json:"pattern,omitempty"`
	Must     string   `json:"must,omitempty"`
	Enum     []string `json:"enum,omitempty"`
}

// Notifications are what the target notifies of after an outcome.
type Notifications struct {
	Outcome  string         `json:"outcome"` // "opening" = right after the call; otherwise what ended the payment
	Sequence []Notification `json:"sequence"`
}

// Notification is one of them; what is "" is as usual.
type Notification struct {
	Status  string `json:"status"` // transaction_status
	Raw     string `json:"raw,omitempty"`
	Message string `json:"message,omitempty"`
	After   string `json:"after,omitempty"` // counted from the outcome
}

// Delay is how long something takes; without P95 always the median.
type Delay struct {
	Median string `json:"median"`
	P95    string `json:"p95,omitempty"`
}

// kinds are the names of what an observation can say, in the order in which a rule's observations are written.
func (o *Observation) kinds() (set []string) {
	for _, k := range []struct {
		name string
		set  bool
	}{
		{"renamed", o.Renamed != ""}, {"absent", o.Absent}, {"added", o.Added != nil}, {"form", !o.Form.IsZero()}, {"constant", o.Constant != nil},
		{"nullWhenEmpty", o.NullWhenEmpty}, {"status", o.Status != 0}, {"headers", o.Headers != nil}, {"error", o.Error != nil},
		{"request", o.Request != nil}, {"notifications", o.Notifications != nil}, {"delay", o.Delay != nil}, {"retries", o.Retries != nil},
		{"authorization", o.Authorization != ""},
	} {
		if k.set {
			set = append(set, k.name)
		}
	}
	return set
}

// Kind names what the observation says: renamed, absent, added, form, constant, nullWhenEmpty, status, headers, error, request,
// notifications, delay, retries or authorization; "" when nothing or more than one thing is set.
func (o *Observation) Kind() string {
	if set := o.kinds(); len(set) == 1 {
		return set[0]
	}
	return ""
}

// Key is the same for two observations that can't both be true unless they say the same: rule, flow, kind, and what of it they are
// about.
func (o *Observation) Key() string {
	about := ""
	switch {
	case o.Added != nil:
		about = o.Added.Field
	case o.InsteadOf != nil:
		about = string(o.InsteadOf)
	case o.Headers != nil:
		about = strings.Join(slices.Sorted(maps.Keys(o.Headers)), " ")
	case o.Error != nil:
		about = o.Error.about()
	case o.Request != nil:
		about = o.Request.Field
	case o.Notifications != nil:
		about = o.Notifications.Outcome
	}
	return strings.Join([]string{o.Rule, o.Flow, o.Kind(), about}, "\x00")
}

// about is what of which refusals is said.
func (e *Error) about() string {
	about := append([]string{e.Case}, slices.Sorted(slices.Values(e.Absent))...)
	for _, a := range e.Added {
		about = append(about, a.Field)
	}
	about = append(about, slices.Sorted(maps.Keys(e.Headers))...)
	for name, set := range map[string]bool{"status": e.Status != 0, "message": e.Message != "", "problem": e.Problem != "", "code": e.Code != ""} {
		if set {
			about = append(about, name)
		}
	}
	slices.Sort(about[1:])
	return strings.Join(about, " ")
}

// Times is how often it was seen, in all runs.
func (o *Observation) Times() (n int) {
	for _, s := range o.Seen {
		n += s.Times
	}
	return n
}

// Last is the latest sighting.
func (o *Observation) Last() Sighting {
	return slices.MaxFunc(o.Seen, func(a, b Sighting) int { return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.Run, b.Run)) })
}

// Was writes what an entry of the contract said, for Observation.Was.
func Was(e openapi.Entry) string {
	if e.Description == "" {
		return string(e.Provenance.Basis)
	}
	return fmt.Sprintf("%s: %s", e.Provenance.Basis, e.Description)
}

// InOrder returns the observations in the order in which they are applied: what a field's value is, before it is left out, before
// fields are added, before they are renamed, those that are deep in the body first.
func (f File) InOrder() []*Observation {
	order := func(o *Observation) int {
		switch {
		case o.Renamed != "":
			return 3000 - strings.Count(o.Rule, ".")
		case o.Added != nil:
			return 2000
		case o.Absent:
			return 1000 - strings.Count(o.Rule, ".")
		}
		return 0
	}
	all := make([]*Observation, len(f.Observations))
	for i := range f.Observations {
		all[i] = &f.Observations[i]
	}
	slices.SortStableFunc(all, func(a, b *Observation) int { return order(a) - order(b) })
	return all
}
