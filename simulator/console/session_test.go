package console

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"testing"
	"time"

	"mozartosim/openapi"
	library "mozartosim/scenarios"
	"mozartosim/simulator/scenario"
)

func request(from string, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "http://localhost:8081/", nil)
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
	first, err := s.begin(request("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Known(request("10.0.0.9", first)) {
		t.Error("a session is not known")
	}
	other := *first
	other.Value = first.Value[:63] + "x" + first.Value[64:]
	if s.Known(request("10.0.0.1", &other)) || s.Known(request("10.0.0.1")) {
		t.Error("somebody is known who has not logged in")
	}
	now = now.Add(sessionLife - time.Second)
	if !s.Known(request("10.0.0.1", first)) {
		t.Error("the session ends too early")
	}
	now = now.Add(time.Second)
	if s.Known(request("10.0.0.1", first)) {
		t.Error("the session does not end")
	}
}

// Who logs out is not known any more, also with the cookie at hand; what is remembered of that is bounded.
func TestLogout(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := NewSessions(func() time.Time { return now }, "a token")
	for range mostEnded + 10 {
		cookie, err := s.begin(request("10.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		if gone := s.end(request("10.0.0.1", cookie)); gone.MaxAge >= 0 || s.Known(request("10.0.0.1", cookie)) {
			t.Fatal("a session that was ended is known")
		}
		now = now.Add(time.Second)
	}
	if len(s.ended) != mostEnded {
		t.Errorf("%d ended sessions are remembered, want %d", len(s.ended), mostEnded)
	}
}

// A replica with the same token knows the login, another simulator does not.
func TestSessionsOfReplicas(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	of := func(token string) *Sessions { return NewSessions(func() time.Time { return now }, token) }
	cookie, err := of("a token").begin(request("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	if !of("a token").Known(request("10.0.0.1", cookie)) || of("another").Known(request("10.0.0.1", cookie)) {
		t.Error("sessions are known by the admin token that they were signed under")
	}
}

func TestCookieUnderTLS(t *testing.T) {
	t.Parallel()
	r := request("10.0.0.1")
	r.TLS = &tls.ConnectionState{}
	if c := cookie(r, "x", 1); !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %v", c)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := NewSessions(func() time.Time { return now }, "a token")
	for range mostFailures {
		if _, refused := s.tooMany(request("10.0.0.1")); refused {
			t.Fatal("refused too early")
		}
		s.failed(request("10.0.0.1"))
		now = now.Add(time.Second)
	}
	if wait, refused := s.tooMany(request("10.0.0.1")); !refused || wait != failuresFor-10*time.Second {
		t.Errorf("refused %v for %v", refused, wait)
	}
	if _, refused := s.tooMany(request("10.0.0.2")); refused {
		t.Error("another address pays for it")
	}
	now = now.Add(failuresFor)
	if _, refused := s.tooMany(request("10.0.0.1")); refused || len(s.failures) != 0 {
		t.Error("it is never forgotten")
	}
	for i := range mostOfAll {
		s.failed(request("10.0." + itoa(i/200) + "." + itoa(i%200)))
	}
	if _, refused := s.tooMany(request("10.9.9.9")); !refused {
		t.Error("many addresses guess without end")
	}
}

func TestReadReplies(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"500": "500", "500 x2": "500 x2", "200 after 3s x4": "200 x4 after 3s", "hang up": "hang up", "hang up x3": "hang up x3",
		`400 body {"a": 1}`: `400 body {"a": 1}`, `{"status": 503, "times": 2}`: "503 x2", "  \n": "",
	} {
		got, err := readReplies(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if len(got) == 0 && want == "" {
			continue
		}
		if got[0].String() != want {
			t.Errorf("%s reads %s, want %s", text, got[0], want)
		}
	}
	for _, text := range []string{"x", "500 y", "500 xx", "{", `{"state": 1}`, "hang on"} {
		if _, err := readReplies(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func FuzzReadReplies(f *testing.F) {
	f.Add("500 x2\n200 after 3s\nhang up")
	f.Add(`{"status": 1}`)
	f.Fuzz(func(t *testing.T, text string) {
		replies, err := readReplies(text)
		if err != nil {
			return
		}
		for _, r := range replies {
			_ = r.String()
		}
	})
}

func TestAsYAML(t *testing.T) {
	t.Parallel()
	got, err := asYAML([]byte(`{"name":"yes","match":{"psp":"PAYONE","when":"a == \"1\""},"chance":0.10,"then":[{"after":"30d","status":"Declined","raw":"34"},{"x":{"y":[1,"2"]}}],"empty":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "name: yes\nmatch:\n  psp: PAYONE\n  when: a == \"1\"\nchance: 0.10\nthen:\n  - after: 30d\n    status: Declined\n    raw: \"34\"\n  - x: {y: [1, \"2\"]}\nempty: []\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What the console writes as YAML reads as the same scenario, whichever of the ready ones it is.
func TestReadyScenariosAsYAML(t *testing.T) {
	t.Parallel()
	cashier, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	control, err := openapi.Control()
	if err != nil {
		t.Fatal(err)
	}
	reader := scenario.Reader{Cashier: cashier, Control: control}
	ready, err := reader.Dir(library.Files)
	if err != nil || len(ready) < 150 {
		t.Fatal(len(ready), err)
	}
	for _, s := range ready {
		text, err := asYAML(s.Source())
		if err != nil {
			t.Fatal(err)
		}
		again, err := reader.File("again.yaml", []byte(text))
		if err != nil || len(again) != 1 {
			t.Errorf("%s: %v\n%s", s.Name, err, text)
			continue
		}
		var was, is any
		if err := errors.Join(json.Unmarshal(s.Source(), &was), json.Unmarshal(again[0].Source(), &is)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(was, is) {
			t.Errorf("%s was\n%s\nand is now\n%s", s.Name, s.Source(), again[0].Source())
		}
	}
}

// TESTIDS.md names what the templates have, and nothing else.
func TestNamesAreListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("TESTIDS.md")
	if err != nil {
		t.Fatal(err)
	}
	listed, there := map[string]bool{}, map[string]bool{}
	for _, found := range regexp.MustCompile("`([a-z]+(?:-[a-z]+)*)`").FindAllStringSubmatch(string(list), -1) {
		listed[found[1]] = true
	}
	err = fs.WalkDir(files, "templates", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		for _, found := range regexp.MustCompile(`(?:data-testid=|"id" )"([a-z-]+)"`).FindAllStringSubmatch(string(text), -1) {
			there[found[1]] = true
			if !listed[found[1]] {
				t.Errorf("%s has %s, which TESTIDS.md does not name", name, found[1])
			}
		}
		return err
	})
	if err != nil || len(there) < 100 {
		t.Fatal(len(there), err)
	}
	for _, name := range []string{"skip", "payment-row", "edit-resend-body", "decide-action", "due-row", "cashier-page", "psp-save"} {
		if !there[name] {
			t.Errorf("no template has %s", name)
		}
	}
}
