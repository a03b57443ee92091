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
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/openapi"
	"mozartosim/simulator/scenario"
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
	stream   func(http.ResponseWriter) // answers instead, not with JSON; nil = nothing does
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
	switch {
	case err != nil:
	case answer.stream != nil:
		answer.stream(w)
	default:
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
	text, err := r.text(MaxBody, types...)
	if err != nil {
		return openapi.Document{}, err
	}
	return openapi.Decode(text)
}

// text reads the request's body, of at most limit bytes.
func (r *request) text(limit int64, types ...string) ([]byte, error) {
	types = append([]string{"application/json"}, types...)
	given, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(types, given) {
		return nil, unsupportedMediaType(types)
	}
	text, err := io.ReadAll(http.MaxBytesReader(r.writer, r.Request.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, tooLarge
	case err != nil:
		return nil, invalid("the body did not arrive whole")
	}
	return text, nil
}

// input reads the request's body and holds it against a schema of the contract.
func (s *server) input(r *request, schema string) (openapi.Document, error) {
	doc, err := r.body()
	if err != nil {
		return doc, err
	}
	if problems := s.Reader.Control.Problems(schema, doc); problems != nil {
		return doc, &openapi.Invalid{Problems: problems}
	}
	return doc, nil
}

// optionalInput is input for a body that may be left out.
func (s *server) optionalInput(r *request, schema string) (openapi.Document, error) {
	if r.ContentLength == 0 {
		return openapi.Document{}, nil
	}
	return s.input(r, schema)
}

// span reads a duration of a document that holds; 0 when it isn't there.
func span(doc openapi.Document, path string) (time.Duration, error) {
	text := doc.Text(path)
	if text == "" {
		return 0, nil
	}
	d, err := scenario.ParseDuration(text)
	if err != nil {
		return 0, breaks("%s %v", path, err)
	}
	return d, nil
}

// whole reads a whole number of a document that holds; 0 when it isn't there. The contract's bounds are far below 2^53.
func whole(doc openapi.Document, path string) int {
	f, _ := strconv.ParseFloat(doc.Text(path), 64) // 1e2 is a whole number too
	return int(f)
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
