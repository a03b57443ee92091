package merchants_test

import (
	"bufio"
	"context"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mozartosim/features/merchants"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func build(c merchants.Config) (http.Handler, error) { return merchants.Correct(c), nil }

// A program reports a wrong command line, otherwise it serves until it is stopped.
func TestProgram(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--listen"}, {"--colour", "blue"}, {"--listen", "127.0.0.1:0"}} {
		if code := merchants.Program(t.Context(), "correct", args, io.Discard, nil, build); code != 2 {
			t.Errorf("%v: %d", args, code)
		}
	}
	if code := merchants.Program(t.Context(), "correct", []string{"--listen", "nowhere", "--company-token", "x"}, io.Discard, nil, build); code != 1 {
		t.Errorf("got %d", code)
	}
	ctx, stop := context.WithCancel(t.Context())
	read, written := io.Pipe()
	done := make(chan int, 1)
	extra := ""
	go func() {
		done <- merchants.Program(ctx, "naive", []string{"--listen", "127.0.0.1:0", "--company-token", "x", "--extra", "y"}, written,
			func(f *flag.FlagSet) { f.StringVar(&extra, "extra", "", "") }, build)
	}()
	if line, err := bufio.NewReader(read).ReadString('\n'); err != nil || !strings.Contains(line, "http://127.0.0.1:") {
		t.Errorf("%q %v", line, err)
	}
	stop()
	if code := <-done; code != 0 || extra != "y" {
		t.Errorf("%d %q", code, extra)
	}
}

// Mistakes are known by name, and the classic ones are among them.
func TestMistakes(t *testing.T) {
	t.Parallel()
	var names []string
	for _, m := range merchants.AllMistakes() {
		if names = append(names, m.Name); m.Description == "" {
			t.Errorf("%s has no description", m.Name)
		}
	}
	for _, name := range merchants.Classic() {
		if !slices.Contains(names, name) {
			t.Errorf("there is no %s", name)
		}
	}
	if m, err := merchants.MistakesOf("races"); err != nil || !m.Races || m.CreditsTwice {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := merchants.MistakesOf("sings"); err == nil || !strings.Contains(err.Error(), "credits-twice") {
		t.Errorf("got %v", err)
	}
}

// The shop refuses invalid calls, and shows no orders that were not started.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	shop := merchants.Correct(merchants.Config{Secret: "a-secret"})
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/orders/x", "", http.StatusNotFound},
		{"POST", "/start", "{", http.StatusBadRequest},
		{"POST", "/start", `{"reference":"x","amount":"much"}`, http.StatusBadRequest},
		{"POST", "/webhook", "{}", http.StatusUnauthorized},
		{"GET", "/payment/success", "", http.StatusOK},
	} {
		w := httptest.NewRecorder()
		shop.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, w.Code)
		}
	}
}
