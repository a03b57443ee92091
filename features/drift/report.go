package drift

import "mozartosim/openapi"

// Kind is what sort of difference a finding is.
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
	Renamed        Kind = "renamed"        // one field is missing, and another of the same form stands in its place
	ChangedStatus  Kind = "changed status" // of HTTP
)

// Report is what a comparison found.
type Report struct {
	A        string    `json:"a"` // what the first run was held against
	B        string    `json:"b"` // the second run's target, or "contract"
	Findings []Finding `json:"findings"`
	// Uncompared says that there was nothing to compare: the two have no scenario in common that both ran, or the run has none
	// that the contract judges. That there are no findings then means nothing.
	Uncompared bool `json:"uncompared,omitempty"`
	// Confirmed are assumptions that held against another target than the simulator; they are no drift.
	Confirmed []Finding `json:"confirmed,omitempty"`
	Notes     []string  `json:"notes,omitempty"` // what could not be compared, and why
	// Patch is all the changes together, for `git apply` at the repository's root; `make contract` comes after it.
	Patch string `json:"patch,omitempty"`
}

// Finding is one difference.
type Finding struct {
	Kind       Kind               `json:"kind"`
	Rule       string             `json:"rule"` // the ledger's entry
	Provenance openapi.Provenance `json:"provenance"`
	Says       string             `json:"description"`          // what the contract says there
	Where      string             `json:"where"`                // e.g. "PAYONE PAYIN answer, data.redirect_url"
	A          string             `json:"a,omitempty"`          // what the first saw
	B          string             `json:"b,omitempty"`          // what the second saw
	Seen       []string           `json:"candidates,omitempty"` // the scenarios that show it
	Fix        string             `json:"fix,omitempty"`        // what would settle it, in words
	Patch      string             `json:"patch,omitempty"`      // the change to openapi/ that would settle it, a unified diff
}
