package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/simulator/words"
)

// Preflight checks whether a run can work, by calls that can't become payments: each lacks the amount and everything that its provider
// asks for. After a problem that the later checks depend on they are left out.
func Preflight(ctx context.Context, t *target.Target, p target.Profile, now time.Time) []words.Finding {
	f := &flight{ctx: ctx, target: t, profile: p}
	found := []words.Finding{f.reach()}
	if found[0].Level != words.Problem {
		token := f.token(now)
		found = append(found, token)
		if token.Level != words.Problem {
			found = append(found, f.providers()...)
		}
	}
	return append(found, f.webhooks()...)
}

// flight is a pre-flight in progress.
type flight struct {
	ctx     context.Context //nolint:containedctx // it lasts for one call
	target  *target.Target
	profile target.Profile
}

// answer is what a call without a payment in it brought.
type answer struct {
	status int
	text   string
	doc    openapi.Document
	err    error
}

func (f *flight) call(body string, signed bool) (a answer) {
	e := f.target.Environment
	request, err := http.NewRequestWithContext(f.ctx, http.MethodPost, e.BaseURL+openapi.CashierPath, bytes.NewReader([]byte(body)))
	if err != nil {
		return answer{err: err}
	}
	request.Header.Set("Content-Type", "application/json")
	if signed {
		e.Fixed.Sign(request.Header)
	}
	got, err := e.Client.Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, 64<<10))
	masked := e.Masker.Body(text)
	doc, _ := openapi.Decode([]byte(masked)) // empty when it is no JSON object
	return answer{got.StatusCode, masked, doc, err}
}

// says is the answer in a few words.
func (a answer) says() string {
	if a.err != nil {
		return a.err.Error()
	}
	text := a.doc.Text("message")
	if text == "" {
		text = strings.Join(strings.Fields(a.text), " ")
	}
	if len(text) > 100 {
		text = text[:100] + "…"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.status, text))
}

func (f *flight) reach() words.Finding {
	const check = "reach"
	base := f.profile.BaseURL
	a := f.call("{}", false)
	switch {
	case a.err != nil:
		return words.Problem.Finding(check, fmt.Sprintf("%s does not answer: %v", base, a.err), unreached(a.err))
	case a.status == http.StatusUnauthorized:
		return words.Fine.Finding(check, base+" answers, and asks for a token", "")
	case a.status >= http.StatusInternalServerError:
		return words.Problem.Finding(check, fmt.Sprintf("%s answers %s", base, a.says()), "try again when it works; a proxy between may answer in its place")
	case a.status == http.StatusBadRequest || a.status == http.StatusForbidden:
		return words.Fine.Finding(check, fmt.Sprintf("%s answers %s to a call without a token", base, a.says()), "the contract has 401 there: the run will say so")
	}
	return words.Problem.Finding(check, fmt.Sprintf("%s answers %s: that is no Cashier API", base+openapi.CashierPath, a.says()),
		"baseUrl must be the API's address without a path, such as https://backend.stg-app.mozarto.io; redirects are not followed")
}

// unreached says what to do where nothing answers.
func unreached(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var late net.Error
	switch {
	case errors.As(err, &name):
		return "check the host in baseUrl; behind a proxy, set HTTPS_PROXY"
	case errors.As(err, &certificate):
		return "its certificate must be one that this machine trusts: is there a proxy that inspects TLS? SSL_CERT_FILE names further authorities"
	case errors.As(err, &late) && late.Timeout():
		return "it must be reachable from here: is this machine's address allowed there, is there a VPN or a firewall?"
	}
	return "it must be reachable from here: check baseUrl, firewall and proxy (HTTPS_PROXY)"
}

func (f *flight) token(now time.Time) words.Finding {
	const check = "token"
	a := f.call("{}", true)
	switch a.status {
	case http.StatusBadRequest:
		return words.Fine.Finding(check, "the company token is accepted", "")
	case http.StatusUnauthorized:
		right := "companyToken must be that of the company's API credentials in the back office of this environment: those of production are others"
		if f.profile.CompanyToken == "" {
			right = "apiKey and secretKey must be the company's in the back office of this environment, and this machine's clock right"
		}
		if until := expiry(f.profile.CompanyToken); !until.IsZero() && until.Before(now) {
			right = fmt.Sprintf("it has expired at %s: make a new one in the back office", until.UTC().Format(time.RFC3339))
		}
		return words.Problem.Finding(check, "the company token is refused: "+a.says(), right)
	case http.StatusForbidden:
		return words.Problem.Finding(check, "the company may not do this: "+a.says(), "log in to the back office: an expired password is the known cause")
	}
	return words.Problem.Finding(check, "the answer to a call with the company token is "+a.says(), "the contract has 400 for an empty request")
}

// expiry is when a JWT ends; zero when it doesn't, or is none.
func expiry(token string) time.Time {
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil || claims.ExpiresAt == nil {
		return time.Time{}
	}
	return claims.ExpiresAt.Time
}

func (f *flight) providers() (found []words.Finding) {
	psps := f.profile.PSPs
	if psps == nil {
		psps = f.target.Environment.Contract.PSPs()
	}
	for _, psp := range psps {
		found = append(found, f.provider(psp))
	}
	return found
}

func (f *flight) provider(psp string) words.Finding {
	body, _ := json.Marshal(map[string]string{"pspType": psp, "type": "PAYIN"}) // text is always JSON
	a := f.call(string(body), true)
	leave := fmt.Sprintf("configure %s for the company in the back office, or leave it out of psps in contract.yaml", psp)
	switch {
	case a.err != nil:
		return words.Problem.Finding(psp, "does not answer: "+a.says(), "leave it out of psps until it does")
	case a.status == http.StatusBadRequest && strings.Contains(a.text, "PSP Configuration"):
		return words.Problem.Finding(psp, "is not configured: "+a.says(), leave)
	case a.status == http.StatusBadRequest:
		return words.Fine.Finding(psp, "answers, and asks for the fields that a payment needs; whether it is configured shows the first payment", "")
	case a.status == http.StatusOK:
		return words.Problem.Finding(psp, "takes a payment without an amount: "+a.says(), "nothing more is sent there: ask its operator, or leave it out of psps")
	case a.status == http.StatusUnauthorized:
		return words.Problem.Finding(psp, "refuses the shopper's token: "+a.says(), "the first of users in contract.yaml must be one that the target knows")
	case a.status == http.StatusForbidden:
		return words.Problem.Finding(psp, "is not allowed: "+a.says(), leave)
	}
	return words.Problem.Finding(psp, "does not work there: "+a.says(), "leave it out of psps until it does")
}

func (f *flight) webhooks() []words.Finding {
	const check = "webhooks"
	if !f.target.Foreign && f.target.NoWebhooks == "" {
		return []words.Finding{words.Fine.Finding(check, "the receiver and the target are on this machine", "")}
	}
	if f.profile.WebhookURL == "" {
		return []words.Finding{words.Fine.Finding(check, "there is no receiver: what needs webhooks is not run", "set listen and webhookUrl in contract.yaml, or --listen and --webhook-url")}
	}
	if f.target.NoWebhooks != "" {
		return []words.Finding{words.Problem.Finding(check, f.target.NoWebhooks, "webhookUrl must lead to this machine at listen, as by a reverse proxy or a tunnel that runs")}
	}
	u, err := url.Parse(f.profile.WebhookURL)
	if err != nil {
		return []words.Finding{words.Problem.Finding(check, err.Error(), "webhookUrl must be an https URL")}
	}
	if f.hidden(u.Hostname()) {
		return []words.Finding{words.Problem.Finding(check, u.Hostname()+" is an address of this machine or its network, which the target can't reach",
			"webhookUrl must be a public address that leads to this machine, as by a reverse proxy or a tunnel")}
	}
	if u.Scheme != "https" {
		return []words.Finding{words.Fine.Finding(check, f.profile.WebhookURL+" leads to this run, but not by https", "the vendor's environments need https")}
	}
	return []words.Finding{words.Fine.Finding(check, f.profile.WebhookURL+" leads to this run; that the target gets there shows the first webhook",
		"it must also be the webhookUrl of each provider in the back office")}
}

// hidden reports whether a host is one that the target can't reach: this machine, or a private network where the target is in none.
func (f *flight) hidden(host string) bool {
	if f.all(host, net.IP.IsLoopback) {
		return true
	}
	base, err := url.Parse(f.profile.BaseURL)
	private := func(ip net.IP) bool { return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() }
	return err == nil && f.all(host, private) && !f.all(base.Hostname(), net.IP.IsPrivate)
}

// all reports whether all addresses of a host are of a kind; not where it has none here, as it may have one there.
func (f *flight) all(host string, kind func(net.IP) bool) bool {
	addresses, err := net.DefaultResolver.LookupIPAddr(f.ctx, host)
	return err == nil && !slices.ContainsFunc(addresses, func(a net.IPAddr) bool { return !kind(a.IP) })
}
