package drift

import (
	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// Kind is the kind of a finding.
type Kind string

// The kinds of findings.
const (
	Added          Kind = "added"
	Missing        Kind = "missing"
	ChangedType    Kind = "changed type"
	ChangedText    Kind = "changed text"
	ChangedFormat  Kind = "changed format"
	DifferentOrder Kind = "different order"
	Slower         Kind = "slower"
	Faster         Kind = "faster"
	MissingWebhook Kind = "missing webhook"
	ExtraWebhook   Kind = "extra webhook"
	Confirmed      Kind = "assumption confirmed"
	Refuted        Kind = "assumption refuted"
	Renamed        Kind = "renamed"        // one field is missing, and another with its format stands in its place
	ChangedStatus  Kind = "changed status" // of HTTP
	ChangedRetries Kind = "changed retries"
	Unmatched      Kind = "unmatched webhook" // it arrived, and names no payment
)

// Report is the result of a comparison.
type Report struct {
	A        string    `json:"a"` // the first run's target, or "contract"
	B        string    `json:"b"` // the target of the second run, or of the one that was compared with the contract
	Findings []Finding `json:"findings"`
	// Uncompared says that there was nothing to compare: the two runs have no scenario in common that both ran, or the run has
	// none that the contract judges. That there are no findings then means nothing.
	Uncompared bool `json:"uncompared,omitempty"`
	// Compared counts what was compared: with the other run's, or with the contract.
	Compared struct {
		Scenarios int `json:"scenarios"`
		Answers   int `json:"answers"`
		Webhooks  int `json:"webhooks"`
	} `json:"compared"`
	// Confirmed are assumptions that scenarios confirmed against another target than the simulator; they are no difference.
	Confirmed []Finding `json:"confirmed,omitempty"`
	Notes     []string  `json:"notes,omitempty"` // what could not be compared, and why

	Observed *evidence.Run `json:"-"` // the run that the contract should follow: not the simulator's, if one is not
	Reversed bool          `json:"-"` // Observed is the first of the two
}

// Finding is one difference.
type Finding struct {
	Kind        Kind               `json:"kind"`
	Rule        string             `json:"rule"` // the ledger's entry
	Provenance  openapi.Provenance `json:"provenance"`
	Description string             `json:"description"`         // of the rule
	Where       string             `json:"where"`               // e.g. "PAYONE PAYIN answer, data.redirect_url"
	A           string             `json:"a,omitempty"`         // what the first saw
	B           string             `json:"b,omitempty"`         // what the second saw
	Request     string             `json:"request,omitempty"`   // what the call said that one of the two refused
	Scenarios   []string           `json:"scenarios,omitempty"` // those that show it
	Refutes     []string           `json:"refutes,omitempty"`   // assumed rules that these scenarios refute by that

	// Observations are what an observations file says of it; package observe writes them, and why one can't be made.
	Observations []observed.Observation `json:"observations,omitempty"`
	Undecided    []string               `json:"undecided,omitempty"`

	Changes []*Change `json:"-"` // what differs as values, those of several schemas apart
}

// Answered is an answer by what it says: its schema, and for a refusal its words in a, without the name of the request's field.
type Answered struct {
	Schema, Words string
	Flow          *openapi.Operation // nil when it is unknown
}
