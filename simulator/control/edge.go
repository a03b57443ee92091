package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/words"
)

// MaxBody bounds a request's body, in bytes.
const MaxBody = 4 << 20

// handler answers one operation of the contract: with a value of adminapi, or with created or stream.
type handler func(ctx context.Context, r *request) (any, error)

type methods map[string]handler

// created is an answer with status 201.
type created struct {
	location string
	body     any
}

// stream is an answer that writes itself.
type stream func(w http.ResponseWriter)

// request is one call as a handler sees it: method, path and query are valid.
type request struct {
	*edge
	http   *http.Request
	writer http.ResponseWriter
	path   map[string]string // what stands for {company} and the like
	query  map[string]string // every parameter of the contract, defaults filled in
}

// edge turns HTTP into calls of handlers, and their answers and errors into HTTP.
type edge struct {
	Config
	streams *streams
}

// endpoint answers one path of the contract.
func (e *edge) endpoint(path string, known methods) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := e.call(w, r, path, known)
		if err == nil {
			err = write(w, answer)
		}
		if err != nil {
			e.refuse(w, r, err)
		}
	})
}

func (e *edge) call(w http.ResponseWriter, r *http.Request, path string, known methods) (any, error) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle := known[method]
	if handle == nil {
		return nil, methodNotAllowed(w, r, slices.Collect(maps.Keys(known)))
	}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("the query is not readable", err.Error())
	}
	query, err := e.Reader.Control.Query(method, path, given)
	if err != nil {
		return nil, err
	}
	return handle(r.Context(), &request{edge: e, http: r, writer: w, path: mux.Vars(r), query: query})
}

// metrics answers for /metrics, the one path whose answer is not JSON.
func (e *edge) metrics(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		e.refuse(w, r, methodNotAllowed(w, r, []string{http.MethodGet}))
	case e.Metrics == nil:
		e.refuse(w, r, notFound("there are no metrics"))
	default:
		w.Header().Set("Cache-Control", "no-store")
		e.Metrics.ServeHTTP(w, r)
	}
}

// refuse answers with an error.
func (e *edge) refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal, known := errorOf(err)
	if !known {
		e.Log.Error("admin call failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if e.LimitReached != nil && slices.Contains([]string{codeFull, codeTooLarge, codeRateLimited}, refusal.Code) {
		e.LimitReached(refusal.Code)
	}
	refusal.Problems = append([]string{}, refusal.Problems...)
	_ = writeJSON(w, refusal.Status, map[string]*adminapi.Error{"error": refusal}) // strings can always be written
}

// write writes a handler's answer. An error means that nothing has been written yet.
func write(w http.ResponseWriter, answer any) error {
	switch answer := answer.(type) {
	case stream:
		answer(w)
		return nil
	case created:
		w.Header().Set("Location", answer.location)
		return writeJSON(w, http.StatusCreated, answer.body)
	}
	return writeJSON(w, http.StatusOK, answer)
}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	var text bytes.Buffer
	if err := words.JSON(&text, body, ""); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	startJSON(w, status)
	_, _ = w.Write(text.Bytes()) // the client has gone
	return nil
}

func startJSON(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
}

// text reads the request's body, of at most limit bytes and of one of the media types, application/json if none is named.
func (r *request) text(limit int64, types ...string) ([]byte, error) {
	if err := r.is(append([]string{"application/json"}, types...)...); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(http.MaxBytesReader(r.writer, r.http.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, tooLarge
	case err != nil:
		return nil, notWhole()
	}
	return text, nil
}

// is says whether the body is of one of the media types.
func (r *request) is(types ...string) error {
	given, _, err := mime.ParseMediaType(r.http.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(types, given) {
		return unsupportedMediaType(types)
	}
	return nil
}

func notWhole() error { return invalid("the body did not arrive whole") }

// document reads the request's body as one JSON object.
func (r *request) document(types ...string) (openapi.Document, error) {
	text, err := r.text(MaxBody, types...)
	if err != nil {
		return openapi.Document{}, err
	}
	return openapi.Decode(text)
}

// valid reads the request's body, which must be valid by a schema of the contract.
func (r *request) valid(schema string) (openapi.Document, error) {
	doc, err := r.document()
	if err != nil {
		return doc, err
	}
	if problems := r.Reader.Control.Problems(schema, doc); problems != nil {
		return doc, problems.Err()
	}
	return doc, nil
}

// optional is valid for a body that may be left out, or turn out to be empty where its length was not told.
func (r *request) optional(schema string) (openapi.Document, error) {
	if r.http.ContentLength == 0 {
		return openapi.Document{}, nil
	}
	body := bufio.NewReader(r.http.Body)
	if _, err := body.Peek(1); errors.Is(err, io.EOF) {
		return openapi.Document{}, nil
	}
	r.http.Body = struct {
		io.Reader
		io.Closer
	}{body, r.http.Body}
	return r.valid(schema)
}

// limit is the query parameter limit, which the contract requires to be a whole number; 0 when it is not set.
func (r *request) limit() int {
	n, _ := strconv.Atoi(r.query["limit"])
	return n
}

// queryOf is what a call asks for, as the admin API's clients do.
func queryOf[T any](r *request) T {
	return adminapi.QueryOf[T](func(name string) string { return r.query[name] })
}

// reveal says whether secrets are shown in clear.
func (r *request) reveal() bool { return r.query["reveal"] == "true" }

// keepClock says whether a reset leaves clocks as they are.
func (r *request) keepClock() bool { return r.query["keepClock"] == "true" }

// duration reads a duration of a body; 0 when it is not set.
func duration(path, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := scenario.ParseDuration(text)
	if err != nil {
		return 0, openapi.InvalidAt(path, "%v", err)
	}
	return d, nil
}

// each converts the entries of a list; the result is never nil, so that JSON has a list.
func each[A, B any](list []A, convert func(A) B) []B {
	out := make([]B, len(list))
	for i, entry := range list {
		out[i] = convert(entry)
	}
	return out
}

// orEmpty makes a list that JSON writes as one, not as null.
func orEmpty[T any](list []T) []T { return append([]T{}, list...) }

// find finds a company by id or name; "" is the demo company, the first one.
func (r *request) find(idOrName string) (*backoffice.Company, error) {
	if idOrName != "" {
		if c, ok := r.Companies.Get(idOrName); ok {
			return c, nil
		}
		return nil, notFound("there is no company %s", idOrName)
	}
	all := r.Companies.List()
	if len(all) == 0 {
		return nil, notFound("there is no company")
	}
	return all[0], nil
}

// of finds the company of a call, which the path or the query names, before its handler is called.
func of(handle func(ctx context.Context, r *request, c *backoffice.Company) (any, error)) handler {
	return func(ctx context.Context, r *request) (any, error) {
		name, inPath := r.path["company"]
		if !inPath {
			name = r.query["company"]
		}
		c, err := r.find(name)
		if err != nil {
			return nil, err
		}
		return handle(ctx, r, c)
	}
}

// sent is of for a call with a body, which must be valid by the contract's schema of the same name as T.
func sent[T any](handle func(ctx context.Context, r *request, c *backoffice.Company, in T) (any, error)) handler {
	return of(func(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
		doc, err := r.valid(reflect.TypeFor[T]().Name())
		if err != nil {
			return nil, err
		}
		var in T
		dec := json.NewDecoder(bytes.NewReader(doc.Raw))
		dec.UseNumber()
		err = dec.Decode(&in)
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) { // a whole number such as 1e2 is valid by the contract
			err = openapi.InvalidAt(wrong.Field, "must be a number in digits")
		}
		if err != nil {
			return nil, err
		}
		return handle(ctx, r, c, in)
	})
}

// below makes the path of something that belongs to a company.
func below(c *backoffice.Company, parts ...string) string {
	path := "/v1/companies/" + c.ID
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}
