package refusal

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// PaymentError carries an error together with the payment that it happened to.
type PaymentError struct {
	ID  string // the transactionId of normalised transport errors
	Err error
}

func (e *PaymentError) Error() string { return fmt.Sprintf("payment %s: %v", e.ID, e.Err) }
func (e *PaymentError) Unwrap() error { return e.Err }

// Request is a call that is refused before any stage saw it.
type Request struct {
	Status  int
	Message string
	Problem string // what is wrong and what would be right; "" = nothing more to say
}

func (e *Request) Error() string { return e.Message + ": " + e.Problem }

// TooLarge refuses a body over a limit in bytes.
func TooLarge(limit int64) *Request {
	return &Request{http.StatusRequestEntityTooLarge, "Payload too large", fmt.Sprintf("body must be at most %d bytes", limit)}
}

// Answer is a refusal on the wire.
type Answer struct {
	Status int
	Fields provider.Fields
	Case   string      // the contract's example of it; "" = it has none
	Header http.Header // an observed one: besides those that refusals have, or instead of them; without values = left out
	Error  string      // of the header ErrorHeader: the refusal is the simulator's own, and no behaviour of the vendor's; "" = it is not
}

// Body is the answer as it is sent.
func (a Answer) Body() []byte { return a.Fields.Append(nil, false) }

// ErrorHeader marks answers that are the simulator's own.
const ErrorHeader = "Mozartosim-Error"

// Explain returns the vendor's answer to a stage's error. unexpected is true for an error that no stage declares.
func Explain(err error) (answer Answer, unexpected bool) {
	var request *Request
	var syntax *openapi.SyntaxError
	var invalid *openapi.Invalid
	var unknown *scenario.Unknown
	var mismatch *scenario.Mismatch
	var noRule *backoffice.RuleNotMatched
	var noPSP *backoffice.PSPNotFound
	var rejected *provider.Rejection
	var transport *provider.TransportError
	switch {
	case errors.Is(err, journal.ErrUnavailable):
		answer = failure("", http.StatusServiceUnavailable, "Service unavailable", "the simulator's data can't be read or written now: try again")
		answer.Error = "data-unavailable"
		return answer, true // for the log
	case errors.As(err, &request):
		return ofRequest(request), false
	case errors.As(err, &syntax):
		return failure("ValidationFailed", http.StatusBadRequest, "Validation failed", syntax.Error()), false
	case errors.Is(err, identity.ErrUnauthorized):
		return failure("Unauthorized", http.StatusUnauthorized, "Unauthorized"), false
	case errors.Is(err, identity.ErrPasswordExpired):
		return failure("PasswordExpired", http.StatusForbidden, "Password expired"), false
	case errors.As(err, &invalid) && invalid.Missing != "":
		return failure("MissingField", http.StatusBadRequest, "Missing required field: "+invalid.Missing), false
	case errors.As(err, &invalid):
		return failure("ValidationFailed", http.StatusBadRequest, "Validation failed", invalid.Problems.Texts()...), false
	case errors.As(err, &unknown):
		return failure("ValidationFailed", http.StatusBadRequest, "Validation failed", unknown.Error()), false
	case errors.As(err, &mismatch):
		return failure("ValidationFailed", http.StatusBadRequest, "Validation failed", mismatch.Error()), false
	case errors.As(err, &noRule):
		return failure("RuleNotMatched", http.StatusBadRequest, "Rules action is not matched"), false
	case errors.As(err, &noPSP): // the typo is the vendor's
		return withData("PspConfigurationNotFound", http.StatusBadRequest, "Something went wrong", "PSP Configuration not found. Please check you psp Configuration"), false
	case errors.As(err, &rejected):
		return withData("Rejection", http.StatusBadRequest, rejected.Message, rejected.Data), false
	case errors.As(err, &transport):
		return normalised(transport, err), false
	}
	return withData("InternalServerError", http.StatusInternalServerError, "Internal server error", "Something went wrong"), !errors.Is(err, identity.ErrVerifyUser)
}

func ofRequest(e *Request) Answer {
	example := strings.ReplaceAll(http.StatusText(e.Status), " ", "")
	if e.Status == http.StatusRequestEntityTooLarge {
		example = "BodyTooLarge"
	}
	if e.Problem == "" {
		return failure(example, e.Status, e.Message)
	}
	return failure(example, e.Status, e.Message, e.Problem)
}

// failure is the error body with `errors`.
func failure(of string, status int, message string, problems ...string) Answer {
	if problems == nil {
		problems = []string{}
	}
	return Answer{Status: status, Case: of, Fields: provider.Fields{
		{Name: "status", Value: "error"},
		{Name: "message", Value: message},
		{Name: "isSuccess", Value: false},
		{Name: "errors", Value: problems},
	}}
}

// withData is the error body with `data` and without `errors`.
func withData(of string, status int, message string, data any) Answer {
	return Answer{Status: status, Case: of, Fields: provider.Fields{
		{Name: "status", Value: "error"},
		{Name: "message", Value: message},
		{Name: "isSuccess", Value: false},
		{Name: "data", Value: data},
	}}
}

// normalised is the error body of a failure between Mozarto and the provider.
func normalised(transport *provider.TransportError, err error) Answer {
	var of *PaymentError
	id := ""
	if errors.As(err, &of) {
		id = of.ID
	}
	name, status, message := transportMessage(transport.Code)
	fields := provider.Fields{
		{Name: "status", Value: "error"},
		{Name: "isSuccess", Value: false},
		{Name: "errorCode", Value: transport.Code},
		{Name: "message", Value: message},
		{Name: "transactionId", Value: id},
		{Name: "errors", Value: []string{}},
	}
	if transport.Data != nil {
		fields = append(fields, provider.Field{Name: "data", Value: transport.Data})
	}
	return Answer{Status: status, Case: name, Fields: fields}
}

// transportMessage returns the contract's example, HTTP status and message of a normalised code; those of INVALID_PSP_CREDENTIALS and
// UNKNOWN_PSP_ERROR are documented, the others assumed.
func transportMessage(code string) (example string, status int, message string) {
	switch code {
	case provider.InvalidCredentials:
		return "InvalidPspCredentials", http.StatusBadRequest, "Payment could not be processed due to invalid PSP credentials."
	case provider.Timeout:
		return "PspTimeout", http.StatusInternalServerError, "The payment provider did not answer in time. It is safe to retry."
	case provider.Unavailable:
		return "PspUnavailable", http.StatusInternalServerError, "The payment provider is unavailable. Retry later."
	case provider.RateLimited:
		return "PspRateLimited", http.StatusInternalServerError, "The payment provider is receiving too many requests. Retry after a delay."
	}
	return "UnknownPspError", http.StatusInternalServerError, "An unexpected error occurred. Contact support if it continues."
}
