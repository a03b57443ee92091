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
	"mozartosim/simulator/webhook"
)

// patience is how long one target is waited for.
const patience = 12 * time.Second

// webhooks looks whether webhooks could arrive where the companies' configurations send them.
func webhooks(ctx context.Context, p Patient) (found []Finding) {
	client, err := webhook.NewClient(webhook.Config{Timeout: patience, Allow: p.Config.WebhookAllow})
	if err != nil {
		return nil // settings says so
	}
	defer client.Close()
	seen := map[string]bool{}
	for _, c := range p.Companies {
		for _, code := range slices.Sorted(maps.Keys(c.PSPs)) {
			target := c.PSPs[code].Text("webhookUrl")
			if target == "" || target == simulator.InboxURL || seen[target] {
				continue
			}
			seen[target] = true
			f := lookAt(ctx, p, client, target)
			f.Check = fmt.Sprintf("webhooks of %s, %s", c.Name, code)
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return []Finding{fine("webhooks", "all go to the built-in inbox")}
	}
	return found
}

// lookAt looks at one webhook URL: is it allowed, does its name resolve, does somebody answer, in time, at that path.
func lookAt(ctx context.Context, p Patient, client *webhook.Client, target string) Finding {
	u, err := url.Parse(target)
	if err != nil {
		return Finding{Level: Problem, Says: fmt.Sprintf("%s is no URL: %v", target, err), Mend: "correct webhookUrl"}
	}
	if err := client.CheckURL(target); err != nil {
		return Finding{Level: Problem, Says: err.Error(), Mend: "send webhooks elsewhere, or let --webhook-allow name it (link-local and metadata addresses are never allowed)"}
	}
	host := u.Hostname()
	if net.ParseIP(host) == nil {
		if _, err := p.lookup()(ctx, host); err != nil {
			return Finding{Level: Problem, Says: fmt.Sprintf("the name %s does not resolve here: %v", host, err), Mend: "correct the host in webhookUrl; in a container, use the service's name or host.docker.internal"}
		}
	}
	found := p.ask(ctx, target)
	if found.Level == Problem && p.Contained && isLoopback(host) {
		found.Says += "; " + host + " is this container itself, not your machine"
		found.Mend = "use http://host.docker.internal with the same port, and run the container with --add-host host.docker.internal:host-gateway"
	}
	return found
}

// ask sends a HEAD and reads from the answer, or from why there is none, what a webhook would meet.
func (p Patient) ask(ctx context.Context, target string) Finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, target, nil)
	if err != nil {
		return Finding{Level: Problem, Says: err.Error(), Mend: "correct webhookUrl"}
	}
	began := p.Wall()
	answer, err := p.Client.Do(request)
	if err != nil {
		return unanswered(target, err)
	}
	_ = answer.Body.Close()
	switch took := p.Wall().Sub(began); {
	case answer.StatusCode == http.StatusNotFound:
		return Finding{Level: Warning, Says: target + " answers 404: somebody is there, but perhaps not at that path", Mend: "compare the path with your handler's (a handler that knows only POST may answer a HEAD with 404)"}
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return Finding{Level: Problem, Says: fmt.Sprintf("%s redirects to %s: webhooks follow no redirects", target, answer.Header.Get("Location")), Mend: "set webhookUrl to where it leads"}
	case answer.StatusCode >= 500:
		return Finding{Level: Warning, Says: fmt.Sprintf("%s answers %s", target, answer.Status), Mend: "look into your handler's log"}
	case took > p.slow():
		return Finding{Level: Warning, Says: fmt.Sprintf("%s took %s to answer; a webhook fails after 10 s", target, took.Round(10*time.Millisecond)), Mend: "acknowledge first, work later"}
	}
	return Finding{Level: Fine, Says: target + " is there"}
}

func unanswered(target string, err error) Finding {
	var certificate *tls.CertificateVerificationError
	var refused *net.OpError
	switch {
	case errors.As(err, &certificate):
		return Finding{Level: Problem, Says: fmt.Sprintf("%s has a certificate that is not trusted here: %v", target, certificate.Err), Mend: "use http in tests, or give the simulator's machine your authority's certificate (SSL_CERT_FILE)"}
	case errors.Is(err, context.DeadlineExceeded):
		return Finding{Level: Problem, Says: fmt.Sprintf("%s gave no answer within %s", target, patience), Mend: "look for a firewall in between, or a handler that waits"}
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return Finding{Level: Problem, Says: target + " speaks plain HTTP", Mend: "write http:// in webhookUrl"}
	case errors.As(err, &refused):
		return Finding{Level: Problem, Says: fmt.Sprintf("nobody answers at %s: %v", target, refused.Err), Mend: "start your handler, and compare the port; it must listen on more than its own loopback when the simulator runs in a container"}
	}
	return Finding{Level: Problem, Says: fmt.Sprintf("%s can't be reached: %v", target, err), Mend: "correct webhookUrl"}
}

// publicURL looks whether a shopper's browser could open the hosted pages.
func publicURL(ctx context.Context, p Patient) []Finding {
	const check = "public URL"
	configured := p.Config.PublicURL
	if configured == "" {
		host, port, _ := net.SplitHostPort(p.Config.PublicAddr)
		switch {
		case p.Contained:
			return []Finding{{check, Warning, "it is not set: redirect URLs will say " + p.Config.PublicAddr + " as seen in this container", "set --public-url to what a browser on your machine opens, such as " + p.scheme() + "localhost:" + port}}
		case host == "" || net.ParseIP(host) != nil && net.ParseIP(host).IsUnspecified():
			return []Finding{{check, Warning, "it is not set: redirect URLs will say localhost, which only a browser on this machine can open", "set --public-url to this machine's name if browsers are elsewhere"}}
		}
		return []Finding{fine(check, "pages are at "+p.scheme()+p.Config.PublicAddr)}
	}
	u, err := url.Parse(configured)
	if err != nil {
		return []Finding{{check, Problem, err.Error(), "correct --public-url"}}
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return []Finding{{check, Problem, configured + " is no address that a browser can open", "use localhost or this machine's name"}}
	}
	if net.ParseIP(host) == nil && !isLoopback(host) {
		if _, err := p.lookup()(ctx, host); err != nil {
			return []Finding{{check, Warning, fmt.Sprintf("the name %s does not resolve here; a browser elsewhere may know it, one on this machine does not", host), "use a name that the browser's machine knows: a container's service name is known to containers only"}}
		}
	}
	if p.Running == nil {
		return []Finding{{check, Unclear, configured + ": no simulator runs, so nobody could be asked", "start one and ask again"}}
	}
	f := p.ask(ctx, strings.TrimRight(configured, "/")+"/pay/payone/doctor")
	if f.Level == Warning && strings.Contains(f.Says, "404") { // an unknown session: just what was asked for
		return []Finding{fine(check, configured+" leads to the hosted pages")}
	}
	f.Check = check
	if f.Level == Fine {
		f = Finding{check, Warning, configured + " is answered by somebody who does not have our pages", "compare host and port with --public-addr"}
	}
	return []Finding{f}
}

// scheme is that of the listeners.
func (p Patient) scheme() string {
	if p.Config.TLSCert != "" || p.Config.TLSSelfSigned {
		return "https://"
	}
	return "http://"
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
