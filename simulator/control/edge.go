package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"mozartosim/openapi"
)

// MaxBody bounds a request's body, in bytes.
const MaxBody = 4 << 20

// request is one call as a handler sees it: method and path are right, the query holds against the contract.
type request struct {
	*http.Request
	writer http.ResponseWriter
	path   map[string]string // what stands for {company} and the like
	query  map[string]string // every parameter of the contract, defaults filled in
}

// reply is what a handler answers: a status, and a value to be written as JSON.
type reply struct {
	status   int
	body     any
	location string
}

type (
	handler func(*request) (reply, error)
	methods map[string]handler
)

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

// endpoint is one path of the contract.
type endpoint struct {
	server  *server
	path    string // as the contract writes it
	methods methods
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := e.answer(w, r)
	if err == nil {
		err = write(w, answer)
	}
	if err != nil {
		e.server.refuse(w, r, err)
	}
}

func (e *endpoint) answer(w http.ResponseWriter, r *http.Request) (reply, error) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle := e.methods[method]
	if handle == nil {
		return reply{}, methodNotAllowed(r, slices.Collect(maps.Keys(e.methods)))
	}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return reply{}, invalid("the query is not readable", err.Error())
	}
	query, err := e.server.Reader.Control.Query(method, e.path, given)
	if err != nil {
		return reply{}, err
	}
	return handle(&request{Request: r, writer: w, path: mux.Vars(r), query: query})
}

// write answers with JSON. An error means that nothing has been written yet.
func write(w http.ResponseWriter, answer reply) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // URLs stay readable
	if err := enc.Encode(answer.body); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	if answer.location != "" {
		header.Set("Location", answer.location)
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(text.Bytes()) // nobody is left to tell
	return nil
}

// body reads the request's body as one JSON object.
func (r *request) body(types ...string) (openapi.Document, error) {
	types = append([]string{"application/json"}, types...)
	given, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(types, given) {
		return openapi.Document{}, unsupportedMediaType(types)
	}
	text, err := io.ReadAll(http.MaxBytesReader(r.writer, r.Request.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return openapi.Document{}, tooLarge
	case err != nil:
		return openapi.Document{}, invalid("the body did not arrive whole")
	}
	return openapi.Decode(text)
}

// reveal says whether secrets are shown in clear.
func (r *request) reveal() bool { return r.query["reveal"] == "true" }

// allowed lists methods as Allow does; where there is GET there is HEAD.
func allowed(methods []string) string {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}
