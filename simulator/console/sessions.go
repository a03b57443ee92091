package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

const (
	sessionDuration     = 12 * time.Hour
	codeDuration        = time.Hour
	maxCodes            = 16
	sessionIDCharacters = 64
)

// Sessions are the logins of browsers. A session is a signed cookie: processes with the same secret know each other's, so that
// replicas at one address share their logins. It is safe for concurrent use.
type Sessions struct {
	now     func() time.Time
	key     [sha256.Size]byte
	logouts logouts

	mu    sync.Mutex
	codes []loginCode // that were not used, the oldest first
}

// loginCode logs in once.
type loginCode struct {
	code    string
	expires time.Time
}

// session is a login.
type session struct {
	formToken string // stands in every form of the session
	signature string
	expires   time.Time
}

// NewSessions makes an empty set; now is the machine's time. The key that signs sessions comes from the secret. The journal keeps
// which were ended, for all processes that know the same sessions.
func NewSessions(now func() time.Time, secret string, j journal.Journal) *Sessions {
	return &Sessions{
		now: now, key: sha256.Sum256([]byte("console sessions " + secret)),
		logouts: logouts{journal: j, now: now, ended: map[string]logout{}},
	}
}

// NewCode makes a code that logs in once, within the hour.
func (s *Sessions) NewCode() string {
	code := randomSecret()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.codes) == maxCodes {
		s.codes = s.codes[1:]
	}
	s.codes = append(s.codes, loginCode{code, s.now().Add(codeDuration)})
	return code
}

// takeCode says whether a code logs in, which it does not again.
func (s *Sessions) takeCode(code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.codes, func(c loginCode) bool { return equalSecrets(code, c.code) })
	if i < 0 {
		return false
	}
	expires := s.codes[i].expires
	s.codes = slices.Delete(s.codes, i, i+1)
	return s.now().Before(expires)
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
	if err != nil || !s.now().Before(found.expires) {
		return found, false
	}
	ended, err := s.logouts.has(r.Context(), signature)
	return found, err == nil && !ended
}

func (s *Sessions) sign(text string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// start begins a session and returns its cookie: a random id, when the session expires, and the signature of both.
func (s *Sessions) start(r *http.Request) *http.Cookie {
	signed := randomSecret() + strconv.FormatInt(s.now().Add(sessionDuration).Unix(), 10)
	return newCookie(r, signed+"."+s.sign("session "+signed), int(sessionDuration.Seconds()))
}

// end ends the request's session and returns a cookie that deletes the browser's.
func (s *Sessions) end(r *http.Request) (*http.Cookie, error) {
	if found, ok := s.find(r); ok {
		if err := s.logouts.add(r.Context(), found.signature, found.expires); err != nil {
			return nil, err
		}
	}
	return newCookie(r, "", -1), nil
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
func randomSecret() string {
	var bits [sessionIDCharacters / 2]byte
	_, _ = rand.Read(bits[:]) // never fails
	return hex.EncodeToString(bits[:])
}

// equalSecrets compares in constant time.
func equalSecrets(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
