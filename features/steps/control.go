package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"mozartosim/features/evidence"
)

// Control calls the simulator's control API.
type Control struct {
	URL    string
	Token  string // "" = none is asked for
	Client *http.Client
}

// ask sends in, if any, as JSON and decodes the answer into out, if any. A refusal is an error with the API's own words.
func (c *Control) ask(ctx context.Context, method, path string, q url.Values, in, out any) error {
	_, _, err := c.call(ctx, method, path, q, in, out)
	return err
}

func (c *Control) call(ctx context.Context, method, path string, q url.Values, in, out any) (status int, text []byte, err error) {
	var body io.Reader
	if in != nil {
		sent, err := json.Marshal(in)
		if err != nil {
			return 0, nil, fmt.Errorf("control API: %w", err)
		}
		body = bytes.NewReader(sent)
	}
	target := strings.TrimRight(c.URL, "/") + path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return 0, nil, fmt.Errorf("control API: %w", err)
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	got, err := c.Client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("the control API at %s does not answer: %w", c.URL, err)
	}
	defer got.Body.Close()
	if text, err = io.ReadAll(got.Body); err != nil {
		return got.StatusCode, nil, fmt.Errorf("the control API's answer to %s %s breaks off: %w", method, path, err)
	}
	if got.StatusCode >= 300 {
		return got.StatusCode, text, fmt.Errorf("the control API refuses %s %s: %d %s", method, path, got.StatusCode, refusal(text))
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			return got.StatusCode, text, fmt.Errorf("the control API's answer to %s %s is no JSON: %w", method, path, err)
		}
	}
	return got.StatusCode, text, nil
}

func refusal(text []byte) string {
	var body struct {
		Error struct {
			Message  string   `json:"message"`
			Problems []string `json:"problems"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &body) != nil || body.Error.Message == "" {
		return string(text[:min(len(text), 200)])
	}
	return strings.TrimSuffix(strings.Join(append([]string{body.Error.Message}, body.Error.Problems...), "; "), "; ")
}

// longest is how much of a control call's bodies is kept.
const longest = 2 << 10

// control asks the control API on the scenario's behalf and keeps the call. Against a target without one the scenario is
// not run.
func (w *World) control(method, path string, q url.Values, in, out any) error {
	if w.env.Control == nil {
		return &NotRun{"needs the simulator's control API"}
	}
	begun := w.env.Now()
	status, text, err := w.env.Control.call(w.ctx, method, path, q, in, out)
	var sent []byte
	if in != nil {
		sent, _ = json.Marshal(in) // it has been written before
	}
	kept := evidence.Exchange{
		Label: w.label("control"), Step: w.step, Control: true,
		At: evidence.Span(begun.Sub(w.born)), Took: evidence.Span(w.env.Now().Sub(begun)),
		Request: evidence.Message{Method: method, Path: path, Body: shortened(w.env.Masker.Body(sent))},
		Answer:  evidence.Message{Status: status, Body: shortened(w.env.Masker.Body(text))},
	}
	if status == 0 && err != nil {
		kept.Error = w.env.Masker.Text(err.Error())
	}
	w.exchanges = append(w.exchanges, kept)
	return err
}

func shortened(text string) string {
	if len(text) <= longest {
		return text
	}
	return fmt.Sprintf("%s… (%d bytes)", text[:longest], len(text))
}

// label names the next call: the same in every run.
func (w *World) label(kind string) string {
	n := 1
	for _, e := range w.exchanges {
		if e.Control == (kind == "control") {
			n++
		}
	}
	return fmt.Sprintf("%s, %s %d", w.id, kind, n)
}

// of is the query that names the company.
func of(c *Company, more ...string) url.Values {
	q := url.Values{"company": {c.ID}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

// Alive asks whether a simulator answers there that takes the token.
func (c *Control) Alive(ctx context.Context) error {
	return c.ask(ctx, http.MethodGet, "/version", nil, nil, nil)
}
