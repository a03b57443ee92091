package simulator

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
)

var update = flag.Bool("update", false, "write the golden files again")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is where the tests' manual clocks stand.
var start = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// testSimulator is a simulator with a manual clock whose doors are opened without a network.
type testSimulator struct {
	t *testing.T
	*Simulator
	public http.Handler
}

func open(t *testing.T, change func(*Config)) *testSimulator {
	t.Helper()
	config := Default()
	config.PublicAddr, config.AdminAddr, config.PublicURL = "127.0.0.1:0", "", "http://127.0.0.1:8080"
	config.Clock, config.ClockStart, config.ValidateAnswers = clock.Manual, start, true
	if change != nil {
		change(&config)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	made := s
	t.Cleanup(func() {
		if err := made.Close(); err != nil {
			t.Error(err)
		}
		made = nil // what a cleanup holds, package testing holds until all parallel tests have ended
	})
	public, err := s.Public()
	if err != nil {
		t.Fatal(err)
	}
	return &testSimulator{t, s, public}
}

// company adds a copy of the demo company, changed.
func (h *testSimulator) company(name string, change func(*backoffice.Company)) *backoffice.Company {
	h.t.Helper()
	c, err := backoffice.Demo(h.reader, InboxURL, "")
	if err != nil {
		h.t.Fatal(err)
	}
	c.Name = name
	if change != nil {
		change(&c)
	}
	put, err := h.directory.Put(c, start)
	if err != nil {
		h.t.Fatal(err)
	}
	return put
}

// configure returns a change of a company: one PSP's configuration with fields set (nil takes one away).
func (h *testSimulator) configure(psp string, fields map[string]any) func(*backoffice.Company) {
	return func(c *backoffice.Company) {
		all := map[string]any{}
		text, err := c.PSPs[psp].MarshalJSON()
		if err != nil {
			h.t.Fatal(err)
		}
		doc, err := openapi.Decode(text)
		if err != nil {
			h.t.Fatal(err)
		}
		for name, value := range doc.Fields {
			all[name] = value
		}
		for name, value := range fields {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
		changed, err := h.reader.PSP(psp, openapi.Document{Fields: all})
		if err != nil {
			h.t.Fatal(err)
		}
		c.PSPs[psp] = changed
	}
}

// header is the header of a call with a company's tokens.
func (h *testSimulator) header(c *backoffice.Company) http.Header {
	h.t.Helper()
	token, err := identity.CompanyToken(c.Credentials.APIKey, c.Credentials.SecretKey, start, time.Time{}, time.Time{})
	if err != nil {
		h.t.Fatal(err)
	}
	header := http.Header{}
	header.Set("Authorization", "Bearer "+token)
	header.Set("Content-Type", "application/json")
	header.Set("X-User-Token", "Bearer "+h.user(nil))
	return header
}

// user is a user token, changed claims included; an empty value takes a claim away.
func (h *testSimulator) user(change map[string]string) string {
	h.t.Helper()
	claims := map[string]any{
		"userId": "user-1001", "email": "jane.doe@example.com", "firstName": "Jane", "lastName": "Doe",
		"phone": "4165550123", "countryCode": "CA",
	}
	for name, value := range change {
		if claims[name] = value; value == "" {
			delete(claims, name)
		}
	}
	token, err := identity.UserToken(claims, "unchecked")
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// call posts a body with a header to the cashier.
func (h *testSimulator) call(header http.Header, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, openapi.CashierPath, strings.NewReader(body))
	r.Header = header.Clone()
	w := httptest.NewRecorder()
	h.public.ServeHTTP(w, r)
	return w
}

// pay posts a body for a company with both tokens.
func (h *testSimulator) pay(c *backoffice.Company, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.call(h.header(c), body)
}

// golden holds got against a file; -update writes it.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s differs (-want +got):\n%s", file, cmp.Diff(string(want), string(got)))
	}
}
