package provider

import (
	"mozartosim/openapi"
)

// The normalised error codes of failures between Mozarto and a provider (documented).
const (
	InvalidCredentials = "INVALID_PSP_CREDENTIALS" // the provider answered 401, 403 or 404
	Timeout            = "PSP_TIMEOUT"             // it answered 408, or named a timeout
	Unavailable        = "PSP_UNAVAILABLE"         // it answered 5xx
	RateLimited        = "PSP_RATE_LIMITED"        // it answered 429
	Unknown            = "UNKNOWN_PSP_ERROR"       // anything else
)

// TransportError is a failure between Mozarto and the provider, normalised. The payment is failed.
type TransportError struct {
	Code string
	Data any // the provider's raw answer, for business rejections that are UNKNOWN_PSP_ERROR; nil leaves it out
}

func (e *TransportError) Error() string { return "provider: " + e.Code }

// Rejection is a voucher that the provider rejected. The payment is declined.
type Rejection struct {
	Message string
	Data    Fields // the provider's raw answer
}

func (e *Rejection) Error() string { return "provider: voucher rejected: " + e.Message }

// broken makes the error of a rule that a field breaks, in the vendor's voice.
func broken(field, reason string) error { return openapi.Problems{{Path: field, Reason: reason}}.Err() }

// missing makes the error of a field that a rule requires.
func missing(field string) error { return &openapi.Invalid{Missing: field} }

// Refuse is the provider's own refusal of a call, for a reason in its own words: a voucher's rejection, or, for providers
// without vouchers, UNKNOWN_PSP_ERROR with the raw answer in data (documented for Brite, assumed for the others, whose raw
// answer is the reason).
func (p Provider) Refuse(reason string) error {
	if p.Voucher {
		return &Rejection{Message: reason, Data: Fields{{"error", reason}, {"errorcode", reason}}}
	}
	if p.RawRefusal != nil {
		return &TransportError{Code: Unknown, Data: p.RawRefusal(reason)}
	}
	return &TransportError{Code: Unknown, Data: reason}
}
