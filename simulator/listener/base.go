package listener

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// Base is the URL by which merchants and browsers reach a listener: one that was set, or else that of each request, so that a listener
// that is reached by another port or name than its own, as in a container, needs no setting. It is safe for concurrent use.
type Base struct {
	own        string // by which the listener is reached from this machine, without a slash at the end
	trustProxy bool
	set        atomic.Pointer[string]
	heard      atomic.Pointer[heard]
}

// heard is the URL of the last request: most clients use one.
type heard struct{ scheme, host, url string }

// NewBase makes a base URL that follows requests. With trustProxy a request's X-Forwarded-Proto and X-Forwarded-Host count, which any
// client can send: only a proxy that sets them makes them worth anything.
func NewBase(own string, trustProxy bool) *Base { return &Base{own: own, trustProxy: trustProxy} }

// Set sets the URL, which must be one; "" has it follow requests again.
func (b *Base) Set(base string) {
	base = strings.TrimRight(base, "/")
	if base == "" {
		b.set.Store(nil)
		return
	}
	b.set.Store(&base)
}

// CheckBase says what is wrong with a URL of a flag or a field that Set is to get: what it must be. The error does not show it, as a
// password may stand in it.
func CheckBase(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must be an http or https URL without user, query and fragment, such as http://localhost:8080")
	}
	return nil
}

// Fixed returns the URL that was set, "" for none.
func (b *Base) Fixed() string {
	if set := b.set.Load(); set != nil {
		return *set
	}
	return ""
}

// URL returns the URL where no request tells a better one.
func (b *Base) URL() string {
	if set := b.set.Load(); set != nil {
		return *set
	}
	return b.own
}

// Prefix returns the path that stands before every path of the listener, escaped; "" for none.
func (b *Base) Prefix() string {
	set := b.set.Load()
	if set == nil {
		return ""
	}
	u, err := url.Parse(*set)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// Origin is the URL by which a request reached a listener, whatever stands before that.
func Origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Of returns the URL by which a request was made.
func (b *Base) Of(r *http.Request) string {
	if set := b.set.Load(); set != nil {
		return *set
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if b.trustProxy {
		if proto := forwarded(r, "X-Forwarded-Proto"); proto == "http" || proto == "https" {
			scheme = proto
		}
		if name := forwarded(r, "X-Forwarded-Host"); name != "" {
			host = name
		}
	}
	if last := b.heard.Load(); last != nil && last.scheme == scheme && last.host == host {
		return last.url
	}
	if !isHost(host) {
		return b.own
	}
	now := &heard{scheme, host, scheme + "://" + host}
	b.heard.Store(now)
	return now.url
}

// forwarded returns what the first of several proxies, which is the client's, has noted.
func forwarded(r *http.Request, name string) string {
	first, _, _ := strings.Cut(r.Header.Get(name), ",")
	return strings.TrimSpace(first)
}

// isHost says whether a Host header is a name or an address, with a port or without, and nothing that would make another URL of it.
func isHost(host string) bool {
	if host == "" || len(host) > 300 {
		return false
	}
	for _, c := range host {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-._:[]", c) {
			return false
		}
	}
	u, err := url.Parse("http://" + host)
	return err == nil && u.Host == host && u.Hostname() != ""
}
