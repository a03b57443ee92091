package identity_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mozartosim/simulator/identity"
)

// merchant is a company's verify-user endpoint; the gate that calls it waits as long as it is told.
func merchant(t *testing.T, timeout time.Duration, answer http.HandlerFunc) (*identity.Authenticator, identity.Company) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	g := identity.New(identity.Config{Companies: newCompanies(), Claims: claims, VerifyTimeout: timeout, Transport: transport})
	return g, identity.Company{ID: "c", UserAuthURL: server.URL + "/api/v1/mozarto/verify-user"}
}

func answerWith(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var session = identity.Request{UserAuthorization: "Bearer session-token", UserID: "user-1001"}

func TestVerifyUserAnswers(t *testing.T) {
	t.Parallel()
	full := identity.User{ID: "u", Email: "e", FirstName: "f", LastName: "l", Phone: "p", CountryCode: "c"}
	const fields = `{"userId":"u","email":"e","firstName":"f","lastName":"l","phone":"p","countryCode":"c"}`
	tests := []struct {
		name   string
		status int
		body   string
		want   identity.User
		err    error
	}{
		{"fields at the top", 200, fields, full, nil},
		{"fields under data", 200, `{"status":"success","userId":"not this","data":` + fields + `}`, full, nil},
		{"an empty object: the body's userId", 200, `{}`, identity.User{ID: "user-1001"}, nil},
		{"data is no object", 200, `{"data":"ok","userId":"u"}`, identity.User{ID: "u"}, nil},
		{"userId as a number", 200, `{"userId":1001}`, identity.User{ID: "1001"}, nil},
		{"fields of other types", 200, `{"userId":{},"email":[1],"phone":true}`, identity.User{ID: "user-1001"}, nil},

		{"401", 401, fields, identity.User{}, identity.ErrUnauthorized},
		{"403", 403, ``, identity.User{}, identity.ErrUnauthorized},
		{"404", 404, `not found`, identity.User{}, identity.ErrUnauthorized},

		{"201", 201, fields, identity.User{}, identity.ErrVerifyUser},
		{"204", 204, ``, identity.User{}, identity.ErrVerifyUser},
		{"400", 400, fields, identity.User{}, identity.ErrVerifyUser},
		{"429", 429, fields, identity.User{}, identity.ErrVerifyUser},
		{"500", 500, fields, identity.User{}, identity.ErrVerifyUser},
		{"503", 503, ``, identity.User{}, identity.ErrVerifyUser},
		{"nothing", 200, ``, identity.User{}, identity.ErrVerifyUser},
		{"not JSON", 200, `<html>ok</html>`, identity.User{}, identity.ErrVerifyUser},
		{"cut JSON", 200, fields[:20], identity.User{}, identity.ErrVerifyUser},
		{"an array", 200, `[` + fields + `]`, identity.User{}, identity.ErrVerifyUser},
		{"true", 200, `true`, identity.User{}, identity.ErrVerifyUser},
		{"huge", 200, `{"userId":"u","x":"` + strings.Repeat("x", 1<<20) + `"}`, identity.User{}, identity.ErrVerifyUser},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g, account := merchant(t, time.Minute, answerWith(test.status, test.body))
			got, err := g.User(t.Context(), account, session)
			if !errors.Is(err, test.err) {
				t.Fatalf("got %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVerifyUserSendsWhatIsDocumented(t *testing.T) {
	t.Parallel()
	type call struct{ Method, Path, Authorization, ContentType, Body string }
	calls := make(chan call, 4)
	g, account := merchant(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls <- call{r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body)}
		answerWith(200, `{}`)(w, r)
	})
	for _, r := range []identity.Request{session, session, {UserAuthorization: "bearer  a.b/c+d== ", UserID: "<\"é\">"}} {
		if _, err := g.User(t.Context(), account, r); err != nil {
			t.Fatal(err)
		}
	}
	close(calls)
	var got []call
	for c := range calls {
		got = append(got, c)
	}
	first := call{"POST", "/api/v1/mozarto/verify-user", "Bearer session-token", "application/json", `{"userId":"user-1001"}`}
	want := []call{first, first, first} // the second call is not answered from memory
	want[2].Authorization, want[2].Body = "Bearer a.b/c+d==", "{\"userId\":\"\\u003c\\\"é\\\"\\u003e\"}"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A redirect could lead a session token to somebody else: it is not followed.
func TestVerifyUserFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		followed := make(chan string, 1)
		g, account := merchant(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				followed <- r.Header.Get("Authorization")
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		if _, err := g.User(t.Context(), account, session); !errors.Is(err, identity.ErrVerifyUser) {
			t.Errorf("%d: got %v, want %v", status, err, identity.ErrVerifyUser)
		}
		select {
		case authorization := <-followed:
			t.Errorf("%d was followed, with %q", status, authorization)
		default:
		}
	}
}

// The merchant hangs, before its answer or in the middle of it, until the test lets it go.
func TestVerifyUserTimesOut(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"in the middle": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"userId":`)
			_ = http.NewResponseController(w).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			g, account := merchant(t, 50*time.Millisecond, func(w http.ResponseWriter, _ *http.Request) {
				begin(w)
				<-release
			})
			defer close(release)
			if _, err := g.User(t.Context(), account, session); !errors.Is(err, identity.ErrVerifyUser) {
				t.Errorf("got %v, want %v", err, identity.ErrVerifyUser)
			}
		})
	}
}

func TestVerifyUserCannotBeReached(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // nobody listens there any more
	g := gate(newCompanies())
	for _, url := range []string{server.URL, "http://", "ftp://merchant.example/", "http://[::1", "verify-user", "http://merchant.example:port/"} {
		_, err := g.User(t.Context(), identity.Company{UserAuthURL: url}, session)
		if !errors.Is(err, identity.ErrVerifyUser) {
			t.Errorf("%s: got %v, want %v", url, err, identity.ErrVerifyUser)
		}
	}
}
