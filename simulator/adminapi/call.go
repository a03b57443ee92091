package adminapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Error is an answer that refuses a call. Code is "" when the answer is none of the admin API's.
type Error struct {
	URL      string   `json:"-"` // of the admin API, where a client got the answer
	Status   int      `json:"-"` // of HTTP
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	Problems []string `json:"problems"` // one for each thing that is wrong, beginning with its path
}

// Error returns the message and the problems in one line.
func (e *Error) Error() string {
	if len(e.Problems) == 0 {
		return e.Message
	}
	return e.Message + ": " + strings.Join(e.Problems, "; ")
}

// StatusOf returns the HTTP status of an error that the admin API answered, 0 for any other error.
func StatusOf(err error) int {
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.Status
	}
	return 0
}

// UnreachableError says that there was no answer.
type UnreachableError struct {
	URL string // of the admin API
	Err error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no simulator answers at %s: %v", e.URL, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// ErrCertificate is in the chain of an UnreachableError when TLS failed because the certificate is not trusted, or is
// another one than the fingerprint names.
var ErrCertificate = errors.New("its TLS certificate is not trusted")

func (c *Client) get(ctx context.Context, path string, q url.Values, out any) error {
	return c.do(ctx, http.MethodGet, path, q, nil, out)
}

// entries reads the list that an answer has under the last name of its path.
func entries[T any](ctx context.Context, c *Client, path string, q url.Values) ([]T, error) {
	var out map[string][]T
	err := c.get(ctx, path, q, &out)
	return out[path[strings.LastIndexByte(path, '/')+1:]], err
}

// do sends in, if any, as JSON and decodes the answer into out.
func (c *Client) do(ctx context.Context, method, path string, q url.Values, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("write the request of %s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	return c.pass(ctx, method, path, q, body, out)
}

// pass sends body, if any, as it is, and decodes the answer into out.
func (c *Client) pass(ctx context.Context, method, path string, q url.Values, body io.Reader, out any) error {
	text, err := c.call(ctx, method, path, q, body)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("the answer of %s to %s %s is not JSON of mozartosim's admin API: %w", c.base, method, path, err)
	}
	return nil
}

// call returns the whole answer of a call that is not refused.
func (c *Client) call(ctx context.Context, method, path string, q url.Values, body io.Reader) ([]byte, error) {
	answer, err := c.send(ctx, method, path, q, body, nil)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer of %s to %s %s ended early: %w", c.base, method, path, cause(err))
	}
	return text, nil
}

// send returns the answer of a call that is not refused; the caller closes its body.
func (c *Client) send(ctx context.Context, method, path string, q url.Values, body io.Reader, header http.Header) (*http.Response, error) {
	target := c.base + path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	with := body
	if body == nil {
		with = bytes.NewReader(nil) // a transport that looks at calls finds one
	}
	request, err := http.NewRequestWithContext(ctx, method, target, with)
	if err != nil {
		return nil, fmt.Errorf("the admin API's URL: %w", cause(err))
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &UnreachableError{c.base, certificate(cause(err))}
	}
	if answer.StatusCode < 300 {
		return answer, nil
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20)) // what is left of it says why
	return nil, c.refused(answer, text)
}

// overTLS is what Go's server answers when it is called without TLS.
const overTLS = "Client sent an HTTP request to an HTTPS server"

// refused reads the error out of an answer.
func (c *Client) refused(answer *http.Response, text []byte) error {
	var body map[string]*Error
	if json.Unmarshal(text, &body) == nil && body["error"] != nil && body["error"].Message != "" {
		body["error"].URL, body["error"].Status = c.base, answer.StatusCode
		return body["error"]
	}
	e := &Error{URL: c.base, Status: answer.StatusCode, Message: fmt.Sprintf(
		"%s should answer as mozartosim's admin API does, but answers %s: is it another program?", c.base, answer.Status)}
	if answer.StatusCode == http.StatusBadRequest && strings.Contains(string(text), overTLS) {
		e.Message = fmt.Sprintf("%s speaks TLS: try https://%s", c.base, strings.TrimPrefix(c.base, "http://"))
	}
	return e
}

// Request makes the call of the Cashier API that a merchant makes with the tokens; scenario, unless it is "", shapes its payment.
func (t Tokens) Request(ctx context.Context, body []byte, scenario string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return nil, cause(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + t.Company}, "X-User-Token": {"Bearer " + t.User}, "Content-Type": {"application/json"}}
	if scenario != "" {
		r.Header.Set("Mozartosim-Scenario", scenario)
	}
	return r, nil
}

// cause takes method and URL off an error of net/http, since the caller knows them.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// certificate marks errors about the server's certificate.
func certificate(err error) error {
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unverified) || errors.As(err, &unknown) {
		return fmt.Errorf("%w (%w)", ErrCertificate, err)
	}
	return err
}

// TrustFingerprint makes a TLS configuration that trusts the certificate with this SHA-256 and no other; both listeners of
// a simulator have the same certificate.
func TrustFingerprint(sha256Hex string) *tls.Config {
	wanted := strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(sha256Hex))
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection decides instead
		VerifyConnection: func(state tls.ConnectionState) error {
			sum := sha256.Sum256(state.PeerCertificates[0].Raw)
			if hex.EncodeToString(sum[:]) != wanted {
				return fmt.Errorf("%w: its fingerprint is another one", ErrCertificate)
			}
			return nil
		},
	}
}
