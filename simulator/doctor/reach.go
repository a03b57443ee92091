package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/egress"
	"mozartosim/simulator/webhook"
	"mozartosim/simulator/words"
)

// timeout bounds the check of one URL.
const timeout = 12 * time.Second

// webhooks says where the companies' configurations send webhooks, and checks whether they can arrive there.
func webhooks(ctx context.Context, s Setup) (found []words.Finding) {
	var toInbox []words.Finding
	client, err := webhook.NewClient(webhook.Config{Timeout: timeout, Allow: s.Config.WebhookAllow})
	if err != nil {
		return nil // settings reports it
	}
	defer client.Close()
	guard, _ := egress.New(s.Config.WebhookAllow) // its list is the client's
	base, ok := s.Client.Transport.(*http.Transport)
	if !ok {
		base = &http.Transport{}
	}
	guarded := *s.Client
	guarded.Transport = guard.Transport(base)
	s.Client = &guarded
	checked := map[string]words.Finding{simulator.InboxURL: words.Fine.Finding("", "they go to the built-in inbox", "")}
	for _, c := range s.Companies {
		senders := map[string][]string{}
		for _, code := range slices.Sorted(maps.Keys(c.PSPs)) {
			if target := c.PSPs[code].Text("webhookUrl"); target != "" {
				senders[target] = append(senders[target], code)
			}
		}
		for _, target := range slices.Sorted(maps.Keys(senders)) {
			f, known := checked[target]
			if !known {
				f = s.webhookURL(ctx, client, target)
				checked[target] = f
			}
			f.Check, f.Description = "webhooks of "+c.Name, strings.Join(senders[target], ", ")+": "+f.Description
			if target == simulator.InboxURL {
				toInbox = append(toInbox, f)
			} else {
				found = append(found, f)
			}
		}
	}
	if found == nil {
		return []words.Finding{words.Fine.Finding("webhooks", "all go to the built-in inbox", "")}
	}
	return append(found, toInbox...)
}

// refusals finds the handlers that have refused the newest webhook whose secret was not changed on purpose.
func refusals(_ context.Context, s Setup) (found []words.Finding) {
	if s.Running == nil {
		return nil
	}
	for _, c := range s.Companies {
		asked := map[string]bool{simulator.InboxURL: true} // which answers as it was told to
		for _, d := range s.Running.Deliveries[c.Name] {
			last := d.Last()
			if asked[d.PSP+" "+d.URL] || asked[d.URL] || d.Auth != "" || last == nil {
				continue
			}
			asked[d.PSP+" "+d.URL] = true
			status := last.Status
			if status != http.StatusUnauthorized && status != http.StatusForbidden {
				continue
			}
			has, fix := "no secret", "serve --webhook-secret SECRET with the secret that your handler wants, or set isWebhookSecured and webhookSecret in the configuration of "+d.PSP
			if c.PSPs[d.PSP].Secured() {
				has, fix = "a secret", "give your handler the webhookSecret of "+d.PSP+" (a handler of fixtures/recipes: WEBHOOK_SECRET), and compare the header: mozartosim deliveries "+d.ID
			}
			found = append(found, words.Warning.Finding("webhooks of "+c.Name, fmt.Sprintf("%s answered %d to %s's newest webhook: it refuses the secret, and %s's webhooks carry %s", d.URL, status, d.PSP, d.PSP, has), fix))
		}
	}
	return found
}

// webhookURL checks one webhook URL: is it allowed, does its name resolve, does a handler answer, in time, at that path.
func (s Setup) webhookURL(ctx context.Context, client *webhook.Client, target string) words.Finding {
	u, err := url.Parse(target)
	if err != nil {
		return words.Problem.Finding("", fmt.Sprintf("%s is no URL: %v", target, err), "correct webhookUrl")
	}
	if err := client.CheckURL(target); err != nil {
		return words.Problem.Finding("", err.Error(), "send webhooks elsewhere, or allow it with --webhook-allow (link-local and metadata addresses are never allowed)")
	}
	host := u.Hostname()
	if net.ParseIP(host) == nil {
		if _, err := s.lookup()(ctx, host); err != nil {
			return words.Problem.Finding("", fmt.Sprintf("the name %s does not resolve here: %v", host, err), "correct the host in webhookUrl; in a container, use the service's name or host.docker.internal")
		}
	}
	found := s.ask(ctx, target)
	if found.Level == words.Problem && s.Contained && egress.Loopback(host) {
		found.Description += "; " + host + " is this container itself, not your machine"
		found.Fix = "start your handler, if it runs in this container; if it runs on your machine, use http://host.docker.internal with the same port, and run the container with --add-host host.docker.internal:host-gateway"
	}
	return found
}

// ask sends a HEAD and derives from the answer, or from the error, what would happen to a webhook; its callers name the check.
func (s Setup) ask(ctx context.Context, target string) words.Finding {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, target, nil)
	if err != nil {
		return words.Problem.Finding("", err.Error(), "correct webhookUrl")
	}
	began := s.Wall()
	answer, err := s.Client.Do(request)
	if err != nil {
		return unanswered(target, err)
	}
	_ = answer.Body.Close()
	switch took := s.Wall().Sub(began); {
	case answer.StatusCode == http.StatusNotFound:
		return words.Warning.Finding("", target+" answers 404: a server is there, but perhaps not at that path", "compare the path with your handler's (a handler that knows only POST may answer a HEAD with 404)")
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return words.Problem.Finding("", fmt.Sprintf("%s redirects to %s: webhooks follow no redirects", target, answer.Header.Get("Location")), "set webhookUrl to where it leads")
	case answer.StatusCode >= 500:
		return words.Warning.Finding("", fmt.Sprintf("%s answers %s", target, answer.Status), "read your handler's log")
	case took > s.slow():
		return words.Warning.Finding("", fmt.Sprintf("%s took %s to answer; a webhook fails after 10 s", target, took.Round(10*time.Millisecond)), "answer first, work later")
	}
	return words.Fine.Finding("", target+" answers", "")
}

func unanswered(target string, err error) words.Finding {
	var certificate *tls.CertificateVerificationError
	var refused *net.OpError
	var denied egress.NotAllowed
	switch {
	case errors.As(err, &denied):
		return words.Problem.Finding("", target+": "+denied.Error(), "send webhooks elsewhere")
	case errors.As(err, &certificate):
		return words.Problem.Finding("", fmt.Sprintf("%s has a certificate that is not trusted here: %v", target, certificate.Err), "use http in tests, or install your authority's certificate on the simulator's machine (SSL_CERT_FILE)")
	case errors.Is(err, context.DeadlineExceeded):
		return words.Problem.Finding("", fmt.Sprintf("%s gave no answer within %s", target, timeout), "check for a firewall on the way, or a handler that waits")
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return words.Problem.Finding("", target+" speaks plain HTTP", "write http:// in webhookUrl")
	case errors.As(err, &refused):
		return words.Problem.Finding("", fmt.Sprintf("no server answers at %s: %v", target, refused.Err), "start your handler, and check its port; when the simulator runs in a container, it must listen on more than loopback")
	}
	return words.Problem.Finding("", fmt.Sprintf("%s can't be reached: %v", target, err), "correct webhookUrl")
}

// publicURL checks whether a shopper's browser can open the hosted pages.
func publicURL(ctx context.Context, s Setup) []words.Finding {
	const check = "public URL"
	configured := s.Config.PublicURL
	if configured == "" {
		return []words.Finding{words.Fine.Finding(check, "redirect URLs lead to where each call came in", "")}
	}
	u, err := url.Parse(configured)
	if err != nil {
		return []words.Finding{words.Problem.Finding(check, err.Error(), "correct --public-url")}
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return []words.Finding{words.Problem.Finding(check, configured+" is no address that a browser can open", "use localhost or this machine's name")}
	}
	if net.ParseIP(host) == nil && !egress.Loopback(host) {
		if _, err := s.lookup()(ctx, host); err != nil {
			return []words.Finding{words.Warning.Finding(check, fmt.Sprintf("the name %s does not resolve here: a browser elsewhere may know it, one on this machine does not", host), "use a name that resolves on the browser's machine: a container's service name resolves in containers only")}
		}
	}
	if s.Running == nil {
		return []words.Finding{words.Unclear.Finding(check, configured+": not checked, because no simulator runs", "start one and check again")}
	}
	f := s.ask(ctx, strings.TrimRight(configured, "/")+"/pay/payone/doctor")
	if f.Level == words.Warning && strings.Contains(f.Description, "404") { // an unknown session, as expected
		return []words.Finding{words.Fine.Finding(check, configured+" leads to the hosted pages", "")}
	}
	f.Check = check
	if f.Level == words.Fine {
		f = words.Warning.Finding(check, configured+" is answered by another server, without hosted pages", "compare host and port with --public-addr")
	}
	return []words.Finding{f}
}
