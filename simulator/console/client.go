package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// client calls a handler as a browser would call its listener, without a network between them.
type client struct {
	handler http.Handler
	token   string // for Authorization; "" = none
}

// problem is an error as the admin API tells it.
type problem struct {
	Status   int
	Message  string
	Problems []string
}

func (p *problem) Error() string {
	return strings.Join(append([]string{p.Message}, p.Problems...), "; ")
}

// get reads a path of the API into a value.
func (c client) get(ctx context.Context, path string, query url.Values, into any) error {
	if encoded := query.Encode(); encoded != "" {
		path += "?" + encoded
	}
	return c.do(ctx, http.MethodGet, path, nil, into)
}

// do calls the API. body is written as JSON unless it is nil, into is read from the answer unless it is nil. What the API
// refuses is a *problem.
func (c client) do(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = marshal(body); err != nil {
			return fmt.Errorf("console: write the request: %w", err)
		}
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.send(ctx, method, path, header, text)
	if err != nil {
		return err
	}
	if answer.status >= http.StatusBadRequest {
		return refused(answer)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer.body.Bytes(), into); err != nil {
		return fmt.Errorf("console: read the answer of %s %s: %w", method, path, err)
	}
	return nil
}

func refused(answer *answer) error {
	var told struct {
		Error struct {
			Code     string   `json:"code"`
			Message  string   `json:"message"`
			Problems []string `json:"problems"`
		} `json:"error"`
	}
	if json.Unmarshal(answer.body.Bytes(), &told) != nil || told.Error.Message == "" {
		return &problem{Status: answer.status, Message: http.StatusText(answer.status)}
	}
	return &problem{answer.status, told.Error.Message, told.Error.Problems}
}

// marshal writes JSON whose URLs stay readable.
func marshal(body any) ([]byte, error) {
	if raw, ok := body.(json.RawMessage); ok {
		return raw, nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err := enc.Encode(body)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

// errCut says that the handler gave the connection up instead of answering.
var errCut = errors.New("the connection was cut before the answer")

// send is one call. The error is errCut, or that the request can't be made.
func (c client) send(ctx context.Context, method, path string, header http.Header, body []byte) (a *answer, err error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	r.Header, r.RemoteAddr = header, "127.0.0.1:0"
	if len(body) == 0 {
		r.Header.Del("Content-Type")
	}
	defer func() {
		if gone := recover(); gone == http.ErrAbortHandler {
			err = errCut
		} else if gone != nil {
			panic(gone)
		}
	}()
	a = &answer{header: http.Header{}}
	c.handler.ServeHTTP(a, r)
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a, nil
}

// answer is what a handler wrote.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(text []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(text)
}

// Flush does nothing: what was written is there.
func (a *answer) Flush() {}

// pathOf makes a path out of its parts, each escaped.
func pathOf(parts ...string) string {
	var out strings.Builder
	for _, part := range parts {
		out.WriteString("/" + url.PathEscape(part))
	}
	return out.String()
}
