package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// guard lets only those through who may use the admin API. With a token that is whoever knows it. Without one it is
// whoever reaches the listener, and then two kinds of web pages must be kept out that a developer may have open: those
// that send requests to a loopback address (their Origin tells), and those whose own name was made to point there (DNS
// rebinding: the Host tells). /healthz and /readyz are for everybody, since probes call by whatever address they have.
func (s *server) guard(next http.Handler) http.Handler {
	may := s.mayLocally
	if s.Token != "" {
		may = s.mayByToken
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
			if err := may(r); err != nil {
				s.refuse(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// mayByToken compares digests, so that the time it takes tells nothing about the token, not even its length.
func (s *server) mayByToken(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given, wanted := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(s.Token))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(given[:], wanted[:]) != 1 {
		return unauthorized()
	}
	return nil
}

func (s *server) mayLocally(r *http.Request) error {
	if host := hostname(r.Host); !loopback(host) && !slices.ContainsFunc(s.Hosts, func(known string) bool {
		return strings.EqualFold(hostname(known), host)
	}) {
		return forbidden("the admin API must not be called as %q: use a loopback address, or set an admin token", r.Host)
	}
	for _, origin := range r.Header.Values("Origin") {
		from, err := url.Parse(origin)
		if err != nil || from.Host == "" || !strings.EqualFold(from.Host, r.Host) {
			return forbidden("a page of %s must not use the admin API", origin)
		}
	}
	return nil
}

// hostname takes the port and the brackets off a Host header.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
