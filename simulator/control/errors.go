package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scenario"
)

// Every error of the admin API is in this file: its code, its status, its words.

// failure is an error as it is answered.
type failure struct {
	status   int
	code     string
	message  string
	problems []string
	header   [2]string // one more header; empty = none
}

func (f *failure) Error() string { return f.code + ": " + f.message }

func invalid(message string, problems ...string) error {
	return &failure{status: http.StatusBadRequest, code: "invalid", message: message, problems: problems}
}

// breaks is for what the contract can't say.
func breaks(format string, args ...any) error {
	return &openapi.Invalid{Problems: []string{fmt.Sprintf(format, args...)}}
}

// refusal is an error of the house that is a matter of how things stand, not of the request.
type refusal interface {
	error
	Conflicts()
}

func unauthorized() error {
	return &failure{
		status: http.StatusUnauthorized, code: "unauthorized",
		message: "this needs the admin token: Authorization, Bearer and the token",
		header:  [2]string{"WWW-Authenticate", "Bearer"},
	}
}

func forbidden(format string, args ...any) error {
	return &failure{status: http.StatusForbidden, code: "forbidden", message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &failure{status: http.StatusNotFound, code: "not_found", message: fmt.Sprintf(format, args...)}
}

func methodNotAllowed(r *http.Request, known []string) error {
	list := allowed(known)
	return &failure{
		status: http.StatusMethodNotAllowed, code: "method_not_allowed",
		message: fmt.Sprintf("%s is not for %s: %s", r.Method, r.URL.Path, list),
		header:  [2]string{"Allow", list},
	}
}

func conflict(message string) error {
	return &failure{status: http.StatusConflict, code: "conflict", message: message}
}

func unsupportedMediaType(types []string) error {
	return &failure{
		status: http.StatusUnsupportedMediaType, code: "unsupported_media_type",
		message: "Content-Type must be " + strings.Join(types, " or "),
	}
}

// tooMany is for clients that stay.
func tooMany(most int) error {
	return &failure{status: http.StatusServiceUnavailable, code: "full", message: fmt.Sprintf("%d clients follow events already, the most allowed", most)}
}

func notReady(reason string) error {
	return &failure{status: http.StatusServiceUnavailable, code: "not_ready", message: reason}
}

// worded turns any error into one that can be answered; ok is false when it is a fault of the simulator.
func worded(err error) (f *failure, ok bool) {
	var (
		broken   *openapi.Invalid
		syntax   *openapi.SyntaxError
		taken    *backoffice.Taken
		full     *backoffice.Full
		tooLarge *http.MaxBytesError
	)
	if standing := asThingsStand(err); standing != nil {
		err = standing
	}
	switch {
	case errors.As(err, &f):
		return f, true
	case errors.As(err, &broken):
		problems := broken.Problems
		if broken.Missing != "" {
			problems = []string{broken.Missing + " must not be missing"}
		}
		err = invalid("the request breaks the contract", problems...)
	case errors.As(err, &syntax):
		err = invalid(syntax.Error())
	case errors.As(err, &taken):
		err = conflict(taken.Error())
	case errors.As(err, &full):
		err = &failure{status: http.StatusConflict, code: "full", message: full.Error()}
	case errors.As(err, &tooLarge):
		err = &failure{
			status: http.StatusRequestEntityTooLarge, code: "too_large",
			message: fmt.Sprintf("body must be at most %d bytes", tooLarge.Limit),
		}
	case errors.Is(err, journal.ErrClosed), errors.Is(err, context.Canceled):
		err = notReady("the simulator is stopping")
	default:
		return &failure{
			status: http.StatusInternalServerError, code: "internal",
			message: "something went wrong in the simulator; its log says what",
		}, false
	}
	errors.As(err, &f)
	return f, true
}

// asThingsStand words the errors of the house that are about what there is, nil for all others.
func asThingsStand(err error) error {
	var (
		unknown *scenario.Unknown
		refused refusal
	)
	switch {
	case errors.As(err, &unknown):
		return notFound("%s", unknown)
	case errors.Is(err, scenario.ErrLimit):
		return &failure{status: http.StatusConflict, code: "full", message: err.Error()}
	case errors.As(err, &refused):
		return conflict(refused.Error())
	case errors.Is(err, journal.ErrExists):
		return conflict("a key of the snapshot belongs to another company")
	}
	return nil
}

// refuse answers with an error.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	f, ok := worded(err)
	if !ok {
		s.Log.Error("admin call failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if bound := f.code == "full" || f.code == "too_large" || f.code == "rate_limited"; bound && s.LimitReached != nil {
		s.LimitReached(f.code)
	}
	if f.header[0] != "" {
		w.Header().Set(f.header[0], f.header[1])
	}
	type content struct {
		Code     string   `json:"code"`
		Message  string   `json:"message"`
		Problems []string `json:"problems"`
	}
	body := map[string]content{"error": {f.code, f.message, append([]string{}, f.problems...)}}
	_ = write(w, reply{status: f.status, body: body}) // strings can always be written
}
