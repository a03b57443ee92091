package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
	"mozartosim/simulator/words"
)

// Forwarder posts webhooks that were delivered elsewhere to a merchant's handler too.
type Forwarder struct {
	url    string
	secret string
	client *http.Client
}

// NewForwarder makes a forwarder to a URL; secret "" leaves the Authorization header out. A handler has as long as for a webhook.
func NewForwarder(to, secret string, guard *egress.Guard) *Forwarder {
	return &Forwarder{to, secret, &http.Client{
		Timeout:       DefaultTimeout,
		Transport:     guard.Transport(&http.Transport{}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Says posts a webhook and returns the result in words.
func (f *Forwarder) Says(ctx context.Context, headers map[string]string, body string) string {
	began := clock.Wall()
	status, text, err := f.Post(ctx, headers, body)
	if err != nil {
		return err.Error()
	}
	says := fmt.Sprintf("%d %s after %s", status, http.StatusText(status), words.Span(max(clock.Wall().Sub(began), time.Millisecond)))
	if text != "" {
		says += ": " + words.OneLine(text)
	}
	if (status == http.StatusUnauthorized || status == http.StatusForbidden) && f.secret == "" {
		says += " (it carries no Authorization: --secret SECRET sends one)"
	}
	if status < 200 || status > 299 {
		says += " (the inbox has taken it already, so it is not retried; with --reply your handler's answer counts)"
	}
	return says
}

// Post sends a webhook as the simulator sent it and returns the answer, of its body the beginning. Only the secret is a new one,
// since no secret is ever written down.
func (f *Forwarder) Post(ctx context.Context, headers map[string]string, body string) (status int, text string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Host", "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding":
		default:
			request.Header.Set(name, value)
		}
	}
	if auth := Authorization("", f.secret); auth != "" {
		request.Header.Set("Authorization", auth)
	}
	answer, err := f.client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return 0, "", fmt.Errorf("%s does not answer: %w", f.url, failed.Err)
	}
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	beginning, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	return answer.StatusCode, string(beginning), nil
}
