package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
)

// guard decides who may use the admin API. With a token, every call needs it; a login to the console may read. Without one,
// every call that reaches the listener may, except those of two kinds of web pages that a developer may have open: pages that
// send requests to a loopback address (their Origin shows it), and pages whose own name was made to point there (DNS
// rebinding: the Host shows it). Browsers tell when a page of another site has made a request: it is refused in any case.
type guard struct {
	*edge
	failed *failedLogins
	pages  bool // it guards pages, which say themselves what they refuse other sites' pages
}

func newGuard(e *edge) *guard { return &guard{edge: e, failed: newFailedLogins()} }

// Door guards pages on the admin API's listener by Host and Origin. With a token it lets all calls through, since pages
// check logins themselves.
func Door(c Config, next http.Handler) http.Handler {
	if c.Token != "" {
		return next
	}
	g := newGuard(&edge{Config: c})
	g.pages = true
	return g.protect(next)
}

// Guarded lets through to a handler what the admin API would take: calls with the token, where there is one.
func Guarded(c Config, next http.Handler) http.Handler {
	return newGuard(&edge{Config: c}).protect(next)
}

func (g *guard) protect(next http.Handler) http.Handler {
	check := g.checkLocal
	if g.Token != "" {
		check = g.checkPaced
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := check(w, r)
		if err == nil && !g.pages && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			err = forbidden("a page of another site must not use the admin API")
		}
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkPaced checks the token. An address's wrong ones are counted, and too many are answered so; the right one is never locked out.
func (g *guard) checkPaced(w http.ResponseWriter, r *http.Request) error {
	err := g.checkToken(w, r)
	address, _, badAddress := net.SplitHostPort(r.RemoteAddr)
	if err == nil || badAddress != nil || r.Header.Get("Authorization") == "" { // without it, it was no attempt
		return err
	}
	if wait := g.failed.blocked(address); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		return rateLimited()
	}
	g.failed.add(address)
	return err
}

// checkToken compares digests, so that the time it takes tells nothing about the token, not even its length. A request with
// an Authorization header is judged by that alone.
func (g *guard) checkToken(w http.ResponseWriter, r *http.Request) error {
	given := r.Header.Get("Authorization")
	if given == "" && g.Sessions != nil && reads(r) && g.Sessions.Known(r) {
		return nil
	}
	scheme, token, _ := strings.Cut(given, " ")
	sum, wanted := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(g.Token))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sum[:], wanted[:]) != 1 {
		return unauthorized(w)
	}
	return nil
}

// reads says whether a request can change nothing and comes from no page of another origin: a browser adds a login's cookie
// by itself, so the cookie allows no more than that.
func reads(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return (site == "" || site == "same-origin" || site == "none") && foreignOrigin(r) == ""
}

func (g *guard) checkLocal(_ http.ResponseWriter, r *http.Request) error {
	if host := hostname(r.Host); !egress.Loopback(host) && !slices.ContainsFunc(g.Hosts, func(known string) bool {
		return egress.PlainHost(hostname(known)) == egress.PlainHost(host)
	}) {
		return forbidden("the admin API must not be called as %q: use a loopback address, or set an admin token", r.Host)
	}
	if origin := foreignOrigin(r); origin != "" {
		return forbidden("a page of %s must not use the admin API", origin)
	}
	return nil
}

// foreignOrigin returns the Origin of a request from a page of another origin, "" for other requests.
func foreignOrigin(r *http.Request) string {
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
	return strings.Trim(host, "[]")
}

// After maxFailed wrong tokens an address's wrong tokens are answered 429 until failedWindow after the first; at most maxAddresses are
// remembered.
const (
	maxFailed    = 20
	failedWindow = time.Minute
	maxAddresses = 4096
)

// failedLogins counts wrong admin tokens by address.
type failedLogins struct {
	mu        sync.Mutex
	addresses map[string]*failures
}

type failures struct {
	n     int
	since time.Time
}

func newFailedLogins() *failedLogins { return &failedLogins{addresses: map[string]*failures{}} }

// blocked returns for how long an address has no more tries, 0 when it has some.
func (l *failedLogins) blocked(address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.addresses[address]
	if f == nil || f.n < maxFailed {
		return 0
	}
	left := failedWindow - clock.Wall().Sub(f.since)
	if left <= 0 {
		delete(l.addresses, address)
		return 0
	}
	return left
}

// add counts a wrong token.
func (l *failedLogins) add(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := clock.Wall()
	f := l.addresses[address]
	if f == nil || now.Sub(f.since) > failedWindow {
		if len(l.addresses) >= maxAddresses {
			l.forget(now)
		}
		f = &failures{since: now}
		l.addresses[address] = f
	}
	f.n++
}

// forget drops the addresses whose window is over, and all of them when that is not enough.
func (l *failedLogins) forget(now time.Time) {
	for address, f := range l.addresses {
		if now.Sub(f.since) > failedWindow {
			delete(l.addresses, address)
		}
	}
	if len(l.addresses) >= maxAddresses {
		clear(l.addresses)
	}
}
