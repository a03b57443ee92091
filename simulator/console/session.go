package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// The bounds of sessions and logins.
const (
	mostSessions = 200              // at a time; the oldest makes room
	sessionLife  = 12 * time.Hour   // from the login on
	mostFailures = 10               // wrong tokens of one address
	mostOfAll    = 200              // and of all addresses
	failuresFor  = 10 * time.Minute // how long they are remembered
)

// Sessions are those who have logged in. It is safe for concurrent use.
type Sessions struct {
	now func() time.Time

	mu       sync.Mutex
	open     map[[sha256.Size]byte]session // by the digest of the id, so that no id lies in memory
	failures map[string][]time.Time        // wrong tokens by address
}

// session is a login.
type session struct {
	formToken string // stands in every form of the session
	ends      time.Time
}

// NewSessions makes an empty set; now is the machine's time.
func NewSessions(now func() time.Time) *Sessions {
	return &Sessions{now: now, open: map[[sha256.Size]byte]session{}, failures: map[string][]time.Time{}}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[sha256.Sum256([]byte(cookie.Value))]
	return found, ok && s.now().Before(found.ends)
}

// begin opens a session and returns its cookie.
func (s *Sessions) begin(r *http.Request) (*http.Cookie, error) {
	id, err := secret()
	if err != nil {
		return nil, err
	}
	token, err := secret()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for len(s.open) >= mostSessions {
		s.dropOldest()
	}
	s.open[sha256.Sum256([]byte(id))] = session{formToken: token, ends: now.Add(sessionLife)}
	delete(s.failures, address(r))
	return cookie(r, id, int(sessionLife.Seconds())), nil
}

// dropOldest ends the session that would end first. The caller holds the lock.
func (s *Sessions) dropOldest() {
	var oldest [sha256.Size]byte
	var ends time.Time
	for id, one := range s.open {
		if ends.IsZero() || one.ends.Before(ends) {
			oldest, ends = id, one.ends
		}
	}
	delete(s.open, oldest)
}

// end closes the request's session and returns the cookie that takes the browser's away.
func (s *Sessions) end(r *http.Request) *http.Cookie {
	if known, err := r.Cookie(cookieName(r)); err == nil {
		s.mu.Lock()
		delete(s.open, sha256.Sum256([]byte(known.Value)))
		s.mu.Unlock()
	}
	return cookie(r, "", -1)
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
