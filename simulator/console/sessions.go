package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of sessions and failed logins.
const (
	sessionDuration     = 12 * time.Hour
	maxEndedSessions    = 1000 // remembered until they would have expired; the one that expires first is evicted
	maxFailedLogins     = 10   // of one address
	maxAllFailedLogins  = 200  // of all addresses
	failedLoginsWindow  = 10 * time.Minute
	sessionIDCharacters = 64
)

// Sessions are the logins of browsers. A session is a signed cookie: processes with the same admin token know each other's,
// so that replicas at one address share their logins. It is safe for concurrent use.
type Sessions struct {
	now func() time.Time
	key [sha256.Size]byte

	mu           sync.Mutex
	ended        map[string]time.Time   // when sessions that were logged out expire, by the signature of their cookies
	failedLogins map[string][]time.Time // by address
}

// session is a login.
type session struct {
	formToken string // stands in every form of the session
	signature string
	expires   time.Time
}

// NewSessions makes an empty set; now is the machine's time. The key that signs sessions comes from the admin token.
func NewSessions(now func() time.Time, token string) *Sessions {
	return &Sessions{
		now: now, key: sha256.Sum256([]byte("console sessions " + token)),
		ended: map[string]time.Time{}, failedLogins: map[string][]time.Time{},
	}
}

// Known says whether a request has the cookie of a session that has not ended.
func (s *Sessions) Known(r *http.Request) bool {
	_, ok := s.find(r)
	return ok
}

func (s *Sessions) find(r *http.Request) (session, bool) {
	cookie, err := r.Cookie(cookieName(r))
	if err != nil {
		return session{}, false
	}
	signed, signature, _ := strings.Cut(cookie.Value, ".")
	if !equalSecrets(signature, s.sign("session "+signed)) || len(signed) <= sessionIDCharacters {
		return session{}, false
	}
	seconds, err := strconv.ParseInt(signed[sessionIDCharacters:], 10, 64)
	found := session{formToken: s.sign("forms of " + signed), signature: signature, expires: time.Unix(seconds, 0)}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ended := s.ended[signature]
	return found, err == nil && !ended && s.now().Before(found.expires)
}

func (s *Sessions) sign(text string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// start begins a session and returns its cookie: a random id, when the session expires, and the signature of both.
func (s *Sessions) start(r *http.Request) (*http.Cookie, error) {
	id, err := randomSecret()
	if err != nil {
		return nil, err
	}
	signed := id + strconv.FormatInt(s.now().Add(sessionDuration).Unix(), 10)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failedLogins, address(r))
	return newCookie(r, signed+"."+s.sign("session "+signed), int(sessionDuration.Seconds())), nil
}

// end ends the request's session and returns a cookie that deletes the browser's.
func (s *Sessions) end(r *http.Request) *http.Cookie {
	if found, ok := s.find(r); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.evict()
		s.ended[found.signature] = found.expires
	}
	return newCookie(r, "", -1)
}

// evict forgets ended sessions that have expired, or else the one that expires first. The caller holds the lock.
func (s *Sessions) evict() {
	first := ""
	for signature, expires := range s.ended {
		if !s.now().Before(expires) {
			delete(s.ended, signature)
		} else if first == "" || expires.Before(s.ended[first]) {
			first = signature
		}
	}
	if len(s.ended) >= maxEndedSessions {
		delete(s.ended, first)
	}
}

// limited says whether an address may not try to log in, and for how long: it, or all addresses together, sent too many
// wrong tokens.
func (s *Sessions) limited(r *http.Request) (wait time.Duration, limited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, all := s.now(), 0
	for from, times := range s.failedLogins {
		for len(times) > 0 && now.Sub(times[0]) >= failedLoginsWindow {
			times = times[1:]
		}
		if s.failedLogins[from] = times; len(times) == 0 {
			delete(s.failedLogins, from)
		}
		all += len(times)
	}
	own := s.failedLogins[address(r)]
	if len(own) < maxFailedLogins && all < maxAllFailedLogins {
		return 0, false
	}
	if len(own) == 0 {
		return failedLoginsWindow, true
	}
	return failedLoginsWindow - now.Sub(own[0]), true
}

// failed counts a wrong token.
func (s *Sessions) failed(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failedLogins[address(r)] = append(s.failedLogins[address(r)], s.now())
}

// address is where a request comes from, without the port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// cookieName differs by port, because cookies don't: two simulators on one machine must not end each other's sessions.
func cookieName(r *http.Request) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		return "mozartosim_session_" + port
	}
	return "mozartosim_session"
}

func newCookie(r *http.Request, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure where there is TLS: on loopback there is none
		Name: cookieName(r), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

// randomSecret draws 256 bits, in hexadecimal.
func randomSecret() (string, error) {
	var bits [sessionIDCharacters / 2]byte
	if _, err := rand.Read(bits[:]); err != nil {
		return "", fmt.Errorf("console: draw a secret: %w", err)
	}
	return hex.EncodeToString(bits[:]), nil
}

// equalSecrets compares in constant time.
func equalSecrets(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
