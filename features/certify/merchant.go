package certify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"

	"mozartosim/simulator/money"
)

// called is one call to the merchant and its answer.
type called struct {
	method, url string
	in          string
	status      int
	out         string
}

// document is the answer's JSON, nil when it is none.
func (c called) document() any {
	dec := json.NewDecoder(strings.NewReader(c.out))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) != nil {
		return nil
	}
	return value
}

// cause strips the method and URL that net/http puts before what went wrong.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// call calls the merchant, within limits.call.
func call(ctx context.Context, client *http.Client, method, target string, headers map[string]string, body string) (called, error) {
	c := called{method: method, url: target, in: body}
	request, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		return c, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return c, fmt.Errorf("%s %s: %w", method, target, cause(err))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	c.status, c.out = answer.StatusCode, string(text)
	return c, err
}

// reading is an order as the merchant shows it.
type reading struct {
	found    bool // whether there is such an order
	status   string
	credited money.Amount
}

func (r reading) String() string {
	if !r.found {
		return "there is no such order"
	}
	return fmt.Sprintf("status %q, credited %s", r.status, r.credited.Fixed(2))
}

// read reads an order by the probe.
func (p Probe) read(ctx context.Context, client *http.Client, values map[string]string) (reading, called, error) {
	if len(p.Command) > 0 {
		return p.run(ctx, values)
	}
	made, err := call(ctx, client, http.MethodGet, fill(p.URL, values, inURL), p.Headers, "")
	if err != nil {
		return reading{}, made, fmt.Errorf("probe: %w", err)
	}
	switch {
	case made.status == http.StatusNotFound:
		return reading{}, made, nil
	case made.status != http.StatusOK:
		return reading{}, made, fmt.Errorf("probe: GET %s answered %d, but must answer 200, or 404 for an order that there is not", made.url, made.status)
	}
	seen, err := p.judge(made.document())
	return seen, made, err
}

// judge finds status and credited amount in the probe's JSON.
func (p Probe) judge(document any) (reading, error) {
	if document == nil {
		return reading{}, errors.New("probe: the answer must be JSON")
	}
	status, ok := pick(document, p.Status)
	if !ok {
		return reading{}, fmt.Errorf("probe: the answer has no %s", p.Status)
	}
	amount, ok := pick(document, p.Credited)
	if !ok {
		return reading{}, fmt.Errorf("probe: the answer has no %s", p.Credited)
	}
	return newReading(status, amount)
}

func newReading(status, amount string) (reading, error) {
	credited, err := money.Parse(amount, 8)
	if err != nil {
		return reading{}, fmt.Errorf("probe: the credited amount %q %w", amount, err)
	}
	return reading{true, status, credited}, nil
}

// run reads an order by a command: it prints JSON, or "STATUS AMOUNT", or nothing when there is no such order.
func (p Probe) run(ctx context.Context, values map[string]string) (reading, called, error) {
	words := make([]string, len(p.Command))
	for i, word := range p.Command {
		words[i] = fill(word, values, plain)
	}
	made := called{method: "RUN", url: strings.Join(words, " ")}
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	made.out = string(bytes.TrimSpace(out))
	if err != nil {
		return reading{}, made, fmt.Errorf("probe: %s: %w: %s", words[0], err, bytes.TrimSpace(complaint.Bytes()))
	}
	if made.out == "" {
		return reading{}, made, nil
	}
	if p.Status != "" {
		seen, err := p.judge(made.document())
		return seen, made, err
	}
	two := strings.Fields(made.out)
	if len(two) != 2 {
		return reading{}, made, fmt.Errorf("probe: %s must print a status and an amount, but printed %q", words[0], made.out)
	}
	seen, err := newReading(two[0], two[1])
	return seen, made, err
}
