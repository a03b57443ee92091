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

// The bounds of sessions and logins.
const (
	mostEnded    = 1000             // sessions that were ended and are remembered as such; the oldest makes room
	sessionLife  = 12 * time.Hour   // from the login on
	mostFailures = 10               // wrong tokens of one address
	mostOfAll    = 200              // and of all addresses
	failuresFor  = 10 * time.Minute // how long they are remembered
)

// Sessions knows those who have logged in by their cookies, which are signed: a process that has the same admin token knows
// them too, so that replicas behind one address share their logins. It is safe for concurrent use.
type Sessions struct {
	now func() time.Time
	key [sha256.Size]byte

	mu       sync.Mutex
	ended    map[string]time.Time   // when sessions that somebody logged out of would have ended, by their cookies' signatures
	failures map[string][]time.Time // wrong tokens by address
}

// session is a login.
type session struct {
	formToken string // stands in every form of the session
	signature string
	ends      time.Time
}

// NewSessions makes an empty set; now is the machine's time, and sessions are signed under the admin token.
func NewSessions(now func() time.Time, token string) *Sessions {
	return &Sessions{
		now: now, key: sha256.Sum256([]byte("console sessions " + token)),
		ended: map[string]time.Time{}, failures: map[string][]time.Time{},
	}
}

// Known says whether a request bears the cookie of a session that has not ended.
func (s *Sessions) Known(r *http.Request) bool {
	_, ok := s.find(r)
	return ok
}

func (s *Sessions) find(r *http.Request) (session, bool) {
	cookie, err := r.Cookie(cookieName(r))
	if err != nil {
		return session{}, false
	}
	told, signature, _ := strings.Cut(cookie.Value, ".")
	if !same(signature, s.sign("session "+told)) || len(told) <= 64 {
		return session{}, false
	}
	seconds, err := strconv.ParseInt(told[64:], 10, 64)
	found := session{formToken: s.sign("forms of " + told), signature: signature, ends: time.Unix(seconds, 0)}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, over := s.ended[signature]
	return found, err == nil && !over && s.now().Before(found.ends)
}

func (s *Sessions) sign(text string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// begin opens a session and returns its cookie: 64 random digits, when it ends, and the signature of both.
func (s *Sessions) begin(r *http.Request) (*http.Cookie, error) {
	id, err := secret()
	if err != nil {
		return nil, err
	}
	told := id + strconv.FormatInt(s.now().Add(sessionLife).Unix(), 10)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failures, address(r))
	return cookie(r, told+"."+s.sign("session "+told), int(sessionLife.Seconds())), nil
}

// end closes the request's session and returns the cookie that takes the browser's away.
func (s *Sessions) end(r *http.Request) *http.Cookie {
	if known, ok := s.find(r); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.makeRoom()
		s.ended[known.signature] = known.ends
	}
	return cookie(r, "", -1)
}

// makeRoom forgets ended sessions that are over anyway, or else the one that is over first. The caller holds the lock.
func (s *Sessions) makeRoom() {
	first := ""
	for signature, ends := range s.ended {
		if !s.now().Before(ends) {
			delete(s.ended, signature)
		} else if first == "" || ends.Before(s.ended[first]) {
			first = signature
		}
	}
	if len(s.ended) >= mostEnded {
		delete(s.ended, first)
	}
}

// tooMany says whether an address has sent so many wrong tokens that no more are looked at, and until when.
func (s *Sessions) tooMany(r *http.Request) (wait time.Duration, refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, all := s.now(), 0
	for from, times := range s.failures {
		for len(times) > 0 && now.Sub(times[0]) >= failuresFor {
			times = times[1:]
		}
		if s.failures[from] = times; len(times) == 0 {
			delete(s.failures, from)
		}
		all += len(times)
	}
	mine := s.failures[address(r)]
	if len(mine) < mostFailures && all < mostOfAll {
		return 0, false
	}
	if len(mine) == 0 {
		return failuresFor, true
	}
	return failuresFor - now.Sub(mine[0]), true
}

// failed notes a wrong token.
func (s *Sessions) failed(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[address(r)] = append(s.failures[address(r)], s.now())
}

// address is whom a request comes from, without the port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// cookieName differs by port, because cookies don't: two simulators on one machine must not log each other's users out.
func cookieName(r *http.Request) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		return "mozartosim_session_" + port
	}
	return "mozartosim_session"
}

func cookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName(r), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

// secret draws 256 random bits.
func secret() (string, error) {
	var bits [32]byte
	if _, err := rand.Read(bits[:]); err != nil {
		return "", fmt.Errorf("console: draw a secret: %w", err)
	}
	return hex.EncodeToString(bits[:]), nil
}

func same(given, wanted string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(wanted))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
