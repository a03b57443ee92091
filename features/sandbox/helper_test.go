package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"mozartosim/features/target"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// standIn is somebody else's target: answers is given the body of each call.
func standIn(t *testing.T, answers func(w http.ResponseWriter, r *http.Request, body string)) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answers(w, r, string(body))
	}))
	t.Cleanup(server.Close)
	return server
}

// opened is the target of a profile.
func opened(t *testing.T, p target.Profile) *target.Target {
	t.Helper()
	made, err := target.Remote(p, false)
	if err != nil {
		t.Fatal(err)
	}
	made.Foreign = true
	t.Cleanup(func() {
		if err := made.Close(); err != nil {
			t.Error(err)
		}
	})
	return made
}
