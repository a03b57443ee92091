package console

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

func requestFrom(from string, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://localhost:8081/", nil)
	r.RemoteAddr = from + ":4711"
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestSessions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := NewSessions(func() time.Time { return now }, "a token")
	first, err := s.start(requestFrom("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Known(requestFrom("10.0.0.9", first)) {
		t.Error("a session is not known")
	}
	other := *first
	other.Value = first.Value[:63] + "x" + first.Value[64:]
	if s.Known(requestFrom("10.0.0.1", &other)) || s.Known(requestFrom("10.0.0.1")) {
		t.Error("a request without a session is known")
	}
	now = now.Add(sessionDuration - time.Second)
	if !s.Known(requestFrom("10.0.0.1", first)) {
		t.Error("the session expires too early")
	}
	now = now.Add(time.Second)
	if s.Known(requestFrom("10.0.0.1", first)) {
		t.Error("the session does not expire")
	}
}

// A session that was ended is not known any more, even with its cookie; how many are remembered is bounded.
func TestLogout(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := NewSessions(func() time.Time { return now }, "a token")
	for range maxEndedSessions + 10 {
		cookie, err := s.start(requestFrom("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		if gone := s.end(requestFrom("10.0.0.1", cookie)); gone.MaxAge >= 0 || s.Known(requestFrom("10.0.0.1", cookie)) {
			t.Fatal("a session that was ended is known")
		}
		now = now.Add(time.Second)
	}
	if len(s.ended) != maxEndedSessions {
		t.Errorf("%d ended sessions are remembered, want %d", len(s.ended), maxEndedSessions)
	}
}

// A replica with the same admin token knows the session, another simulator does not.
func TestSessionsOfReplicas(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	sessionsOf := func(token string) *Sessions { return NewSessions(func() time.Time { return now }, token) }
	cookie, err := sessionsOf("a token").start(requestFrom("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	if !sessionsOf("a token").Known(requestFrom("10.0.0.1", cookie)) || sessionsOf("another").Known(requestFrom("10.0.0.1", cookie)) {
		t.Error("which sessions are known does not depend on the admin token")
	}
}

func TestCookieUnderTLS(t *testing.T) {
	t.Parallel()
	r := requestFrom("10.0.0.1")
	r.TLS = &tls.ConnectionState{}
	if c := newCookie(r, "x", 1); !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %v", c)
	}
}

func TestFailedLogins(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := NewSessions(func() time.Time { return now }, "a token")
	for range maxFailedLogins {
		if _, refused := s.limited(requestFrom("10.0.0.1")); refused {
			t.Fatal("refused too early")
		}
		s.failed(requestFrom("10.0.0.1"))
		now = now.Add(time.Second)
	}
	if wait, refused := s.limited(requestFrom("10.0.0.1")); !refused || wait != failedLoginsWindow-10*time.Second {
		t.Errorf("refused %v for %v", refused, wait)
	}
	if _, refused := s.limited(requestFrom("10.0.0.2")); refused {
		t.Error("another address is limited too")
	}
	now = now.Add(failedLoginsWindow)
	if _, refused := s.limited(requestFrom("10.0.0.1")); refused || len(s.failedLogins) != 0 {
		t.Error("failed logins are remembered for too long")
	}
	for i := range maxAllFailedLogins {
		s.failed(requestFrom("10.0." + strconv.Itoa(i/200) + "." + strconv.Itoa(i%200)))
	}
	if _, refused := s.limited(requestFrom("10.9.9.9")); !refused {
		t.Error("many addresses together are not limited")
	}
}
