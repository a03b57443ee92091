package adminapi

import (
	"errors"
	"fmt"
	"strings"
)

// Basis says where a rule of the contract comes from, by one of the words of Bases.
type Basis string

// MarshalText fails for a rule without a mark, which would print nothing.
func (b Basis) MarshalText() ([]byte, error) {
	if b == "" {
		return nil, errors.New("a rule of the contract has no x-provenance")
	}
	return []byte(b), nil
}

// Provenance is the mark of every rule of the contract: how it is known.
type Provenance struct {
	Basis  Basis  `json:"basis" yaml:"basis"`
	Source string `json:"source,omitempty" yaml:"source"`
	Note   string `json:"note,omitempty" yaml:"note"`
}

// NamedRule is a rule that OpenAPI can't express: the contract has it in words, the simulator in code.
type NamedRule struct {
	Name        string     `json:"name" yaml:"name"`
	Description string     `json:"description" yaml:"description"`
	Provenance  Provenance `json:"x-provenance" yaml:"x-provenance"`
}

// LedgerEntry is one rule of the contract, what it requires, and how it is known.
type LedgerEntry struct {
	// ID names the entry and never changes, so that features and reports can refer to it: a behaviour and a rule of every call
	// by its name, an operation as "POST /v1/api/mozarto/cashier", a schema by its name, a field as "PayonePayInRequest.phone",
	// a schema's rule as "PayonePayInRequest/payone-currency".
	ID          string     `json:"id"`
	Rule        string     `json:"rule"` // e.g. "PayonePayInRequest.phone", or "payone-currency"
	Description string     `json:"description"`
	Provenance  Provenance `json:"provenance"`
	// Inherited says that the provenance is that of the schema or the field around it, or of the field's own schema.
	Inherited bool `json:"inherited,omitempty"`
}

// ContractField describes one field of a schema to people and to generators of forms and requests.
type ContractField struct {
	Path        string     `json:"path"` // dotted
	Required    bool       `json:"required"`
	Secret      bool       `json:"secret,omitempty"`
	Type        string     `json:"type"` // string, number, boolean, object, array; alternatives joined by " or "
	Enum        []string   `json:"enum,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Must        string     `json:"must,omitempty"` // what a value must do, in words
	MinLength   int        `json:"minLength,omitempty"`
	MaxLength   int        `json:"maxLength,omitempty"`
	Description string     `json:"description,omitempty"`
	Provenance  Provenance `json:"provenance"` // of the field: that it is there, and whether it is required
	// Form is the mark of what a value must be, where it differs: a documented field's form may be assumed.
	Form *Provenance `json:"form,omitempty"`
}

// Demands says what a value must do, and how that is known where the field itself is better known; without any demand, what the field
// means.
func (f ContractField) Demands() string {
	var demands []string
	demand := func(when bool, format string, args ...any) {
		if when {
			demands = append(demands, fmt.Sprintf(format, args...))
		}
	}
	demand(len(f.Enum) == 1, "be %s", strings.Join(f.Enum, ""))
	demand(len(f.Enum) > 1 && f.Must == "", "be one of %s", strings.Join(f.Enum, ", "))
	demand(f.Must != "", "%s", f.Must)
	demand(f.MinLength > 1, "be at least %d characters", f.MinLength)
	demand(f.MinLength == 1 && f.Must == "", "not be empty")
	demand(f.MaxLength > 0, "be at most %d characters", f.MaxLength)
	text := strings.Join(demands, "; ")
	switch {
	case text == "" && f.Description != "":
		return "(" + strings.TrimSuffix(f.Description, ".") + ")"
	case text != "" && f.Form != nil && f.Form.Basis != f.Provenance.Basis && f.Form.Basis != "documented":
		return fmt.Sprintf("%s [%s]", text, f.Form.Basis)
	}
	return text
}
