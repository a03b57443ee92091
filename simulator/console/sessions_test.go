package console

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"mozartosim/simulator/journal"
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
	s := NewSessions(func() time.Time { return now }, "a token", journal.NewMemory(0))
	first := s.start(requestFrom("10.0.0.1"))
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

// A session that was ended is not known any more, even with its cookie, wherever logouts are remembered.
func TestLogout(t *testing.T) {
	t.Parallel()
	now, logouts := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), journal.NewMemory(0)
	first, second := NewSessions(func() time.Time { return now }, "a token", logouts), NewSessions(func() time.Time { return now }, "a token", logouts)
	cookie := first.start(requestFrom("10.0.0.1"))
	if !second.Known(requestFrom("10.0.0.1", cookie)) {
		t.Fatal("a replica does not know the session")
	}
	if gone, err := first.end(requestFrom("10.0.0.1", cookie)); err != nil || gone.MaxAge >= 0 {
		t.Errorf("the cookie is %v, %v", gone, err)
	}
	if first.Known(requestFrom("10.0.0.1", cookie)) || second.Known(requestFrom("10.0.0.1", cookie)) {
		t.Error("a session that was ended is known")
	}
	if len(second.logouts.ended) != 1 {
		t.Errorf("%d logouts are remembered", len(second.logouts.ended))
	}
	for _, ended := range second.logouts.ended {
		if !ended.expires.Equal(now.Add(sessionDuration)) {
			t.Errorf("it is remembered until %s", ended.expires)
		}
	}
}

// A code logs in once, within an hour, and a few are remembered.
func TestCodes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := NewSessions(func() time.Time { return now }, "a token", journal.NewMemory(0))
	var codes []string
	for range maxCodes + 1 {
		codes = append(codes, s.NewCode())
	}
	if s.takeCode(codes[0]) || s.takeCode("") || s.takeCode("x") {
		t.Error("what is no code logs in")
	}
	if !s.takeCode(codes[1]) || s.takeCode(codes[1]) {
		t.Error("a code must log in once")
	}
	now = now.Add(codeDuration)
	if s.takeCode(codes[2]) {
		t.Error("an old code logs in")
	}
}

// A replica with the same admin token knows the session, another simulator does not.
func TestSessionsOfReplicas(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	sessionsOf := func(token string) *Sessions {
		return NewSessions(func() time.Time { return now }, token, journal.NewMemory(0))
	}
	cookie := sessionsOf("a token").start(requestFrom("10.0.0.1"))
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
