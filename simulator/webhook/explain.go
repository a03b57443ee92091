package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"mozartosim/simulator/egress"
)

// redirectError is an answer that redirects.
type redirectError int

func (r redirectError) Error() string {
	return fmt.Sprintf("answered with a redirect (%d), which is not followed", int(r))
}

// errPlainOnTLS is an answer from a port that speaks TLS.
var errPlainOnTLS = errors.New("plain HTTP was sent to a port that speaks TLS")

// Explain puts the failure of an attempt at target into words that a merchant's developer can act on, and says at which stage
// it failed, as far as the error itself shows that. A Client knows the stage better.
func Explain(err error, timeout time.Duration, target string) (words, stage string) {
	var (
		denied   egress.NotAllowed
		redirect redirectError
		lookup   *net.DNSError
	)
	switch {
	case err == nil:
		return "", ""
	case errors.As(err, &denied):
		return denied.Error(), StageBefore
	case errors.As(err, &redirect):
		return redirect.Error(), StageAfter
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return "no such host " + lookup.Name, StageBefore
	case errors.Is(err, context.Canceled):
		return "interrupted: the simulator is stopping", StageDuring
	case errors.Is(err, context.DeadlineExceeded):
		return explainTimeout(err, timeout)
	case lookup != nil:
		return fmt.Sprintf("DNS gives no answer about %s: %s", lookup.Name, lookup.Err), StageBefore
	}
	if words := explainTLS(err, target); words != "" {
		return words, StageBefore
	}
	return explainConnection(err, timeout, target)
}

func explainTimeout(err error, timeout time.Duration) (words, stage string) {
	if dialling(err) {
		return "timeout after " + short(timeout), StageBefore
	}
	return "timeout after " + short(timeout), StageDuring
}

func dialling(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func explainConnection(err error, timeout time.Duration, target string) (words, stage string) {
	var slow interface{ Timeout() bool }
	switch {
	case refused(err):
		return "connection refused", StageBefore
	case errors.As(err, &slow) && slow.Timeout():
		return explainTimeout(err, timeout)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "no route to " + hostOf(target), StageBefore
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset", StageDuring
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed in the middle of the answer", StageAfter
	case errors.Is(err, io.EOF), strings.Contains(err.Error(), "server closed idle connection"):
		return "connection closed before an answer", StageDuring
	case errors.Is(err, errPlainOnTLS):
		return errPlainOnTLS.Error() + tryScheme(target, "https"), StageAfter
	case dialling(err):
		return "can't connect: " + innermost(err).Error(), StageBefore
	}
	return explainAnswer(err, target), StageDuring
}

// explainAnswer names answers that are not HTTP. Only net/http's own text tells them apart.
func explainAnswer(err error, target string) string {
	text := innermost(err).Error()
	switch {
	case strings.Contains(text, `malformed HTTP`) && strings.Contains(text, `\x15\x03`): // a TLS alert
		return errPlainOnTLS.Error() + tryScheme(target, "https")
	case strings.Contains(text, "malformed HTTP"), strings.Contains(text, "malformed MIME header"):
		return "the answer is not HTTP: " + text
	case strings.Contains(text, "server response headers exceeded"):
		return "the answer's headers are too large"
	}
	return text
}

// plainOnTLS recognizes what TLS servers answer to plain HTTP: Go's, nginx's and Apache's.
func plainOnTLS(body string) bool {
	return slices.ContainsFunc([]string{
		"HTTP request to an HTTPS server", "plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL-enabled",
	}, func(known string) bool { return strings.Contains(body, known) })
}

// innermost returns the innermost error, without those of net and net/http around it, which repeat URL and addresses.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func hostOf(target string) string {
	if u, err := url.Parse(target); err == nil {
		return u.Hostname()
	}
	return target
}

// tryScheme proposes the same target with another scheme.
func tryScheme(target, scheme string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(": try %s://%s", scheme, u.Host)
}

// loopbackURL says whether a URL means the machine that opens it, and where a container finds its host instead.
func loopbackURL(target string) (elsewhere string, loopback bool) {
	u, err := url.Parse(target)
	if err != nil {
		return "", false
	}
	loopback = egress.Loopback(u.Hostname()) || strings.HasSuffix(egress.PlainHost(u.Hostname()), ".localhost")
	elsewhere = u.Scheme + "://host.docker.internal"
	if port := u.Port(); port != "" {
		elsewhere += ":" + port
	}
	return elsewhere, loopback
}

// short writes 2m0s as 2m.
func short(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
