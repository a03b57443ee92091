package certify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/simulator/money"
)

// newClient makes a client that follows no redirects and has connections of its own, which end with the run.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// unguarded is a transport to the simulator.
func unguarded() *http.Transport { return &http.Transport{MaxIdleConnsPerHost: 16} }

// maxAnswer bounds what is kept of the merchant's answers.
const maxAnswer = 64 << 10

// cause removes the method and URL that net/http puts before an error.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// call calls the merchant, and returns the answer's header too.
func call(ctx context.Context, client *http.Client, method, target string, headers map[string]string, body string) (evidence.Exchange, http.Header, error) {
	e := evidence.Exchange{Request: evidence.Message{Method: method, Path: target, Body: body}}
	request, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		return e, nil, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return e, nil, fmt.Errorf("%s %s: %w", method, target, cause(err))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	e.Answer = evidence.Message{Status: answer.StatusCode, Body: string(text)}
	return e, answer.Header, err
}

// visit opens a page. location is where it redirects to, nil when it doesn't.
func visit(ctx context.Context, browser *http.Client, page *url.URL) (made evidence.Exchange, location *url.URL, err error) {
	made, header, err := call(ctx, browser, http.MethodGet, page.String(), nil, "")
	if err == nil && made.Answer.Status/100 == 3 && header.Get("Location") != "" {
		if location, err = page.Parse(header.Get("Location")); err != nil {
			err = fmt.Errorf("its redirect: %w", err)
		}
	}
	return made, location, err
}

// orderState is an order as the merchant shows it.
type orderState struct {
	found    bool // there is such an order
	status   string
	credited money.Amount
}

func (o orderState) String() string {
	if !o.found {
		return "there is no such order"
	}
	return fmt.Sprintf("status %q, credited %s", o.status, o.credited.Fixed(2))
}

// read reads an order by the probe.
func (p Probe) read(ctx context.Context, client *http.Client, values map[string]string) (orderState, evidence.Exchange, error) {
	if len(p.Command) > 0 {
		return p.run(ctx, values)
	}
	made, _, err := call(ctx, client, http.MethodGet, fill(p.URL, values, inURL), p.Headers, "")
	switch {
	case err != nil:
		return orderState{}, made, fmt.Errorf("probe: %w", err)
	case made.Answer.Status == http.StatusNotFound:
		return orderState{}, made, nil
	case made.Answer.Status != http.StatusOK:
		return orderState{}, made, fmt.Errorf("probe: GET %s answered %d, but must answer 200, or 404 for an order that does not exist", made.Request.Path, made.Answer.Status)
	}
	state, err := p.stateIn(made.Answer.Body)
	return state, made, err
}

// run reads an order by a command: it prints JSON, or a status and an amount, or nothing when there is no such order.
func (p Probe) run(ctx context.Context, values map[string]string) (orderState, evidence.Exchange, error) {
	words := make([]string, len(p.Command))
	for i, word := range p.Command {
		words[i] = fill(word, values, unescaped)
	}
	made := evidence.Exchange{Request: evidence.Message{Method: "RUN", Path: strings.Join(words, " ")}}
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	printed := string(bytes.TrimSpace(out))
	made.Answer.Body = printed
	if err != nil {
		return orderState{}, made, fmt.Errorf("probe: %s: %w: %s", words[0], err, bytes.TrimSpace(complaint.Bytes()))
	}
	if printed == "" {
		return orderState{}, made, nil
	}
	if p.Status != "" {
		state, err := p.stateIn(printed)
		return state, made, err
	}
	two := strings.Fields(printed)
	if len(two) != 2 {
		return orderState{}, made, fmt.Errorf("probe: %s must print a status and an amount, but printed %q", words[0], printed)
	}
	state, err := newOrderState(two[0], two[1])
	return state, made, err
}

// stateIn finds status and credited amount in the probe's JSON.
func (p Probe) stateIn(text string) (orderState, error) {
	document := decode(text)
	if document == nil {
		return orderState{}, errors.New("probe: the answer must be JSON")
	}
	status, ok := pick(document, p.Status)
	if !ok {
		return orderState{}, fmt.Errorf("probe: the answer has no %s", p.Status)
	}
	amount, ok := pick(document, p.Credited)
	if !ok {
		return orderState{}, fmt.Errorf("probe: the answer has no %s", p.Credited)
	}
	return newOrderState(status, amount)
}

func newOrderState(status, amount string) (orderState, error) {
	credited, err := money.Parse(amount, 8)
	if err != nil {
		return orderState{}, fmt.Errorf("probe: the credited amount %q %w", amount, err)
	}
	return orderState{true, status, credited}, nil
}
