package adminapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"mozartosim/simulator/adminapi"
)

// answering makes a client whose calls are all answered like this.
func answering(t *testing.T, status int, body string) *adminapi.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return adminapi.New(server.URL, "")
}

func TestRefusedCall(t *testing.T) {
	t.Parallel()
	client := answering(t, 400, `{"error":{"code":"invalid","message":"the request breaks the contract","problems":["name must not be missing","id must be short"]}}`)
	_, err := client.CreateCompany(t.Context(), adminapi.CompanyInput{})
	var refused *adminapi.Error
	if !errors.As(err, &refused) || refused.Status != 400 || refused.Code != "invalid" || len(refused.Problems) != 2 {
		t.Fatalf("%#v", err)
	}
	if got := err.Error(); got != "the request breaks the contract: name must not be missing; id must be short" {
		t.Errorf("the error is %q", got)
	}
}

func TestOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, other := range []struct {
		status int
		body   string
	}{{404, "404 page not found"}, {502, `{"error":"bad gateway"}`}, {403, `{"error":{}}`}} {
		_, err := answering(t, other.status, other.body).Version(t.Context())
		var refused *adminapi.Error
		if !errors.As(err, &refused) || refused.Status != other.status || refused.Code != "" || refused.Message == "" {
			t.Errorf("%d %s: %#v", other.status, other.body, err)
		}
	}
	if _, err := answering(t, 200, "<html>").Version(t.Context()); err == nil {
		t.Error("a page of HTML is taken for an answer")
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := adminapi.New(server.URL, "").Version(t.Context())
	var unreachable *adminapi.UnreachableError
	if !errors.As(err, &unreachable) || unreachable.URL != server.URL {
		t.Errorf("%#v", err)
	}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"ok"}`) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes that the client refuses
	server.StartTLS()
	defer server.Close()
	sum := sha256.Sum256(server.Certificate().Raw)
	right := hex.EncodeToString(sum[:])
	for name, test := range map[string]struct {
		options []adminapi.Option
		trusted bool
	}{
		"unknown":       {nil, false},
		"pinned":        {[]adminapi.Option{adminapi.WithFingerprint(right)}, true},
		"another's pin": {[]adminapi.Option{adminapi.WithFingerprint("00" + right[2:])}, false},
	} {
		err := adminapi.New(server.URL, "", test.options...).Health(t.Context())
		if test.trusted && err != nil || !test.trusted && !errors.Is(err, adminapi.ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := adminapi.New("http"+server.URL[len("https"):], "").Health(t.Context())
	if want := "http" + server.URL[len("https"):] + " speaks TLS: try " + server.URL; err == nil || err.Error() != want {
		t.Errorf("plain HTTP to a TLS port: %v, want %s", err, want)
	}
}

func TestDemoCompanyIsTheFirst(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		if r.URL.Path == "/v1/companies" {
			_, _ = io.WriteString(w, `{"companies":[{"id":"665f1c2ab7e4d93a5c0f1a2b"}],"next":""}`)
			return
		}
		_, _ = io.WriteString(w, `{"payments":[{"id":"p","amount":100.00}],"mode":"manual"}`)
	}))
	defer server.Close()
	demo := adminapi.New(server.URL+"/", "").Company("")
	list, err := demo.Payments(t.Context(), adminapi.PaymentQuery{})
	if err != nil || len(list.Payments) != 1 || list.Payments[0].Amount != "100.00" {
		t.Errorf("%+v, %v", list, err)
	}
	if clock, err := demo.Clock(t.Context()); err != nil || clock.Mode != "manual" {
		t.Errorf("%+v, %v", clock, err)
	}
	want := []string{"/v1/payments", "/v1/companies?limit=1", "/v1/companies/665f1c2ab7e4d93a5c0f1a2b/clock"}
	if len(asked) != len(want) {
		t.Fatalf("asked for %q", asked)
	}
	for i := range want {
		if asked[i] != want[i] {
			t.Errorf("asked for %q, want %q", asked[i], want[i])
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Last-Event-ID"); got != "2" {
			t.Errorf("Last-Event-ID is %q", got)
		}
		_, _ = io.WriteString(w, ": alive\n\nid: 3\ndata: {\"seq\":3,\"kind\":\"payment.moved\",\"data\":{}}\n\nid: 4\ndata: {\"seq\":4}\n\n")
	}))
	defer server.Close()
	events, err := adminapi.New(server.URL, "").Company("shop").Events(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	var seqs []uint64
	for e, err := range events {
		if err != nil { // the server ended the stream
			break
		}
		seqs = append(seqs, e.Seq)
	}
	if len(seqs) != 2 || seqs[0] != 3 || seqs[1] != 4 {
		t.Errorf("events %d", seqs)
	}
}
