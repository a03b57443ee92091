package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/snapshot"
)

// Every error of the admin API is in this file: its code, its status, its message.

// The codes of errors because a limit was reached.
const (
	codeFull        = "full"
	codeTooLarge    = "too_large"
	codeRateLimited = "rate_limited"
)

func refusal(status int, code, format string, args ...any) *adminapi.Error {
	return &adminapi.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalid(message string, problems ...string) error {
	return &adminapi.Error{Status: http.StatusBadRequest, Code: "invalid", Message: message, Problems: problems}
}

// conflicting is an error of the simulator because of its state, not because of the request.
type conflicting interface {
	error
	Conflicts()
}

func unauthorized(w http.ResponseWriter) error {
	w.Header().Set("WWW-Authenticate", "Bearer")
	return refusal(http.StatusUnauthorized, "unauthorized", "this needs the admin token: Authorization, Bearer and the token")
}

func forbidden(format string, args ...any) error {
	return refusal(http.StatusForbidden, "forbidden", format, args...)
}

func notFound(format string, args ...any) error {
	return refusal(http.StatusNotFound, "not_found", format, args...)
}

// orNotFound words journal.ErrNotFound; other errors stay.
func orNotFound(err error, format string, args ...any) error {
	if errors.Is(err, journal.ErrNotFound) {
		return notFound(format, args...)
	}
	return err
}

// methodNotAllowed sets Allow; where there is GET there is HEAD.
func methodNotAllowed(w http.ResponseWriter, r *http.Request, known []string) error {
	if slices.Contains(known, http.MethodGet) {
		known = append(known, http.MethodHead)
	}
	slices.Sort(known)
	list := strings.Join(known, ", ")
	w.Header().Set("Allow", list)
	return refusal(http.StatusMethodNotAllowed, "method_not_allowed", "%s is not for %s: %s", r.Method, r.URL.Path, list)
}

func conflict(format string, args ...any) error {
	return refusal(http.StatusConflict, "conflict", format, args...)
}

func unsupportedMediaType(types []string) error {
	return refusal(http.StatusUnsupportedMediaType, "unsupported_media_type", "Content-Type must be %s", strings.Join(types, " or "))
}

func tooManyFollowers(most int) error {
	return refusal(http.StatusServiceUnavailable, codeFull, "%d clients follow events already, the most allowed", most)
}

func rateLimited() error {
	return refusal(http.StatusTooManyRequests, codeRateLimited, "the admin token was wrong too often from this address: wait a minute")
}

func notReady(reason string) error {
	return refusal(http.StatusServiceUnavailable, "not_ready", "%s", reason)
}

// errorOf turns any error into one that can be answered; known is false when it is a fault of the simulator.
func errorOf(err error) (out *adminapi.Error, known bool) {
	var (
		answered *adminapi.Error
		broken   *openapi.Invalid
		syntax   *openapi.SyntaxError
		taken    *backoffice.Taken
		full     *backoffice.Full
		tooLarge *http.MaxBytesError
		unknown  *scenario.Unknown
		conflict conflicting
	)
	if errors.Is(err, journal.ErrCursor) {
		err = openapi.InvalidAt("cursor", "must be what an earlier answer gave as next")
	}
	switch {
	case errors.As(err, &unknown):
		return refusal(http.StatusNotFound, "not_found", "%s", unknown), true
	case errors.Is(err, scenario.ErrLimit):
		return refusal(http.StatusConflict, codeFull, "%s", err), true
	case errors.As(err, &conflict):
		return refusal(http.StatusConflict, "conflict", "%s", conflict), true
	case errors.Is(err, journal.ErrExists):
		return refusal(http.StatusConflict, "conflict", "a key of the snapshot belongs to another company"), true
	case errors.As(err, &answered):
		return answered, true
	case errors.As(err, &broken):
		problems := broken.Problems.Texts()
		if broken.Missing != "" {
			problems = []string{broken.Missing + " must not be missing"}
		}
		return &adminapi.Error{Status: http.StatusBadRequest, Code: "invalid", Message: "the request breaks the contract", Problems: problems}, true
	case errors.As(err, &syntax):
		return refusal(http.StatusBadRequest, "invalid", "%s", syntax), true
	case errors.As(err, &taken):
		return refusal(http.StatusConflict, "conflict", "%s", taken), true
	case errors.As(err, &full):
		return refusal(http.StatusConflict, codeFull, "%s", full), true
	case errors.As(err, &tooLarge):
		return refusal(http.StatusRequestEntityTooLarge, codeTooLarge, "body must be at most %d bytes", tooLarge.Limit), true
	case errors.Is(err, journal.ErrEmptied):
		return refusal(http.StatusInternalServerError, "internal",
			"the snapshot could not be read to its end while it was restored: the company has no payments and no jobs now, its clock, scenarios, outages and inbox are as they were; restore it again"), false
	case errors.Is(err, snapshot.ErrSpool):
		return refusal(http.StatusInternalServerError, "internal", "%s", snapshot.ErrSpool.Error()+", and there is no room for it where the simulator runs; its log has the details"), false
	case errors.Is(err, journal.ErrNotFound):
		return refusal(http.StatusNotFound, "not_found", "what the call is about was deleted meanwhile"), true
	case errors.Is(err, journal.ErrUnavailable):
		return refusal(http.StatusServiceUnavailable, "not_ready", "what --data names can't be read or written now; the log says why"), false
	case errors.Is(err, journal.ErrClosed), errors.Is(err, context.Canceled):
		return refusal(http.StatusServiceUnavailable, "not_ready", "the simulator is stopping"), true
	}
	return refusal(http.StatusInternalServerError, "internal", "something went wrong in the simulator; its log has the details"), false
}
