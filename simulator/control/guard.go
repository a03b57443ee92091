package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Sessions knows who has logged in to the console.
type Sessions interface {
	// Known says whether a request bears the cookie of a session that has not ended.
	Known(r *http.Request) bool
}

// guard lets only those through who may use the admin API. With a token that is whoever knows it, and, to look only,
// whoever has logged in to the console with it. Without one it is whoever reaches the listener, and then two kinds of web
// pages must be kept out that a developer may have open: those that send requests to a loopback address (their Origin
// tells), and those whose own name was made to point there (DNS rebinding: the Host tells). /healthz and /readyz are for
// everybody, since probes call by whatever address they have.
func (s *server) guard(next http.Handler) http.Handler {
	may := s.mayLocally
	if s.Token != "" {
		may = s.paced(s.mayByToken)
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

// Door guards pages on the listener of the admin API as that is guarded when it needs no token: by Host and Origin. With a
// token everybody may come in, since pages see to logins themselves.
func Door(c Config, next http.Handler) http.Handler {
	if c.Token != "" {
		return next
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{Config: c, tries: newTries()}
	return s.guard(next)
}

// mayByToken compares digests, so that the time it takes tells nothing about the token, not even its length. A request with
// an Authorization header is judged by that alone.
func (s *server) mayByToken(r *http.Request) error {
	given := r.Header.Get("Authorization")
	if given == "" && s.Sessions != nil && looks(r) && s.Sessions.Known(r) {
		return nil
	}
	scheme, token, _ := strings.Cut(given, " ")
	sum, wanted := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(s.Token))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sum[:], wanted[:]) != 1 {
		return unauthorized()
	}
	return nil
}

// looks says whether a request can change nothing and comes from no page of another origin: a browser adds a session's
// cookie by itself, so it is worth no more than that.
func looks(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return (site == "" || site == "same-origin" || site == "none") && foreign(r) == ""
}

func (s *server) mayLocally(r *http.Request) error {
	if host := hostname(r.Host); !loopback(host) && !slices.ContainsFunc(s.Hosts, func(known string) bool {
		return strings.EqualFold(hostname(known), host)
	}) {
		return forbidden("the admin API must not be called as %q: use a loopback address, or set an admin token", r.Host)
	}
	if origin := foreign(r); origin != "" {
		return forbidden("a page of %s must not use the admin API", origin)
	}
	return nil
}

// foreign returns the Origin of a request that another origin's page sent, "" when none did.
func foreign(r *http.Request) string {
	for _, origin := range r.Header.Values("Origin") {
		from, err := url.Parse(origin)
		if err != nil || from.Host == "" || !strings.EqualFold(from.Host, r.Host) {
			return origin
		}
	}
	return ""
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
