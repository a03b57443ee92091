package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/webhook"
)

// forwarder posts webhooks to a merchant's handler.
type forwarder struct {
	url    string
	secret string
	client *http.Client
}

// forwardTimeout is how long a handler may take; the vendor waits as long (documented).
const forwardTimeout = 10 * time.Second

// newForwarder returns nil when there is nowhere to forward to.
func newForwarder(to, secret string) (*forwarder, error) {
	if to == "" {
		if secret != "" {
			return nil, wrong("--secret goes with --forward-to")
		}
		return nil, nil
	}
	if !strings.Contains(to, "://") {
		to = "http://" + to
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, wrong("--forward-to %q must be an http or https URL, such as http://localhost:9090/webhooks", to)
	}
	client := &http.Client{
		Timeout:       forwardTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &forwarder{to, secret, client}, nil
}

// post sends a webhook as it was sent, but for the secret, which is never written down; it says what came of it.
func (f *forwarder) post(ctx context.Context, headers map[string]string, body string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	for name, value := range headers {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Host", "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding":
		default:
			request.Header.Set(name, value)
		}
	}
	if request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if auth := webhook.Authorization("", f.secret); auth != "" {
		request.Header.Set("Authorization", auth)
	}
	began := clock.Wall()
	answer, err := f.client.Do(request)
	if err != nil {
		return fmt.Sprintf("%s does not answer: %v", f.url, cause(err))
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10)) // what came of it is enough to show
	says := fmt.Sprintf("%s after %s", answer.Status, words(max(clock.Wall().Sub(began), time.Millisecond)))
	if len(text) > 0 {
		says += ": " + oneLine(string(text))
	}
	return says
}

// longestEvent bounds one event of the stream, in bytes.
const longestEvent = 16 << 20

// eachEvent reads Server-Sent Events and hands their id and data over. It returns nil at the stream's end.
func eachEvent(stream io.Reader, do func(id, data string) error) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, longestEvent)
	var id string
	var data []string
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if data != nil {
				if err := do(id, strings.Join(data, "\n")); err != nil {
					return err
				}
			}
			data = nil
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name { // "" is a comment: the heartbeat
		case "id":
			id = value
		case "data":
			data = append(data, value)
		}
	}
	return lines.Err()
}
