package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mozartosim/simulator"
	"mozartosim/simulator/merchant"
)

// foreign is a simulator that counts as somebody else's: programs reach it as http://sandbox.example by this proxy, which counts the
// calls that have an amount and is told of each.
type foreign struct {
	dir, proxy, token string

	mu       sync.Mutex
	payments int // since sent was asked
	before   func(n int, r *http.Request)
}

func startSandbox(t *testing.T) *foreign {
	t.Helper()
	s := startSimulator(t, func(*simulator.Config) {})
	company, _ := s.Company("")
	by, err := merchant.Tokens(company)
	if err != nil {
		t.Fatal(err)
	}
	b := &foreign{dir: t.TempDir(), token: by.Company, before: func(int, *http.Request) {}}
	transport := &http.Transport{}
	forward := &httputil.ReverseProxy{Transport: transport, ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", strings.TrimPrefix(s.PublicURL(), "http://")
	}}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte("amount")) {
			b.mu.Lock()
			b.payments++
			n, before := b.payments, b.before
			b.mu.Unlock()
			before(n, r)
		}
		forward.ServeHTTP(w, r)
	}))
	b.proxy = proxy.URL
	t.Cleanup(func() { proxy.Close(); transport.CloseIdleConnections() })
	return b
}

// sent is how many payments have reached it since it was asked last.
func (b *foreign) sent() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.payments
	b.payments = 0
	return n
}

// command is a program of ours that reaches the sandbox, with what it says.
func (b *foreign) command(t *testing.T, args ...string) (cmd *exec.Cmd, said *bytes.Buffer, errors io.ReadCloser) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), "mozartosim", args...)
	cmd.Dir = b.dir
	cmd.Env = b.environment()
	said = &bytes.Buffer{}
	cmd.Stdout = said
	errors, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, said, errors
}

// answered runs a program at a terminal where somebody types that.
func (b *foreign) answered(t *testing.T, code int, typed string, args ...string) string {
	t.Helper()
	line := "mozartosim '" + strings.Join(args, "' '") + "'"
	cmd := exec.CommandContext(t.Context(), "script", "-qec", line, os.DevNull)
	cmd.Dir, cmd.Stdin = b.dir, strings.NewReader(typed)
	cmd.Env = b.environment()
	said, _ := cmd.CombinedOutput() // the code tells
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("%v: code %d, want %d\n%s", args, got, code, said)
	}
	return string(said)
}

func (b *foreign) environment() []string {
	return append(os.Environ(), "HTTP_PROXY="+b.proxy, "MOZARTO_COMPANY_TOKEN="+b.token, "GORACE=atexit_sleep_ms=0")
}

// run runs a program to its end.
func (b *foreign) run(t *testing.T, code int, args ...string) string {
	t.Helper()
	cmd, said, errors := b.command(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(errors)
	_ = cmd.Wait() // the code tells
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("%v: code %d, want %d\n%s\n%s", args, got, code, said, text)
	}
	return said.String() + string(text)
}

// interrupt runs a program and interrupts it so often while its n-th payment is under way.
func (b *foreign) interrupt(t *testing.T, n, times int, args ...string) string {
	t.Helper()
	cmd, said, errors := b.command(t, args...)
	heard := make(chan struct{}) // closed when the program has said that it stops
	b.mu.Lock()
	b.before = func(payment int, r *http.Request) {
		if payment != n {
			return
		}
		_ = cmd.Process.Signal(os.Interrupt)
		<-heard
		if times > 1 {
			_ = cmd.Process.Signal(os.Interrupt)
			<-r.Context().Done() // it has given the call up
		}
	}
	err := cmd.Start() // before a call can ask for the process
	b.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for part := make([]byte, 4096); ; {
		got, err := errors.Read(part)
		before := strings.Contains(text.String(), "stopping: ")
		text.Write(part[:got])
		if !before && strings.Contains(text.String(), "stopping: ") {
			close(heard)
		}
		if err != nil {
			break
		}
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 2 {
		t.Errorf("code %d\n%s\n%s", got, said, &text)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before = func(int, *http.Request) {}
	return text.String()
}

// What a person with credentials does: writes a profile, looks at the plan, sends it, stops, goes on, and hands the bundle on. Nothing is sent
// before it is agreed on, and no payment twice unless that was said.
func TestSandboxKit(t *testing.T) {
	t.Parallel()
	b := startSandbox(t)
	said := b.answered(t, 0, "ftp://sandbox.example\nhttp://sandbox.example\n\n\n\n", "contract", "init", "--psps", "NEOSURF")
	if !strings.Contains(said, "it must be an http or https URL") || !strings.Contains(said, "contract.yaml is written") {
		t.Errorf("asked: %s", said)
	}
	run := func(args ...string) []string {
		return append([]string{"contract", "run", "--target", "sandbox", "--name", "^errors/requests_of_neosurf", "--calls-per-second", "0", "--format", "progress"}, args...)
	}
	said = b.run(t, 2, run()...)
	if !strings.Contains(said, "nothing was sent: there is no terminal") || !strings.Contains(said, "--yes agrees to it") || strings.Contains(said, "Pre-flight") {
		t.Errorf("without anybody: %s", said)
	}
	said = b.run(t, 0, run("--preflight")...)
	if n := b.sent(); !strings.Contains(said, "Plan for http://sandbox.example") || !strings.Contains(said, "OK    token") || n > 0 {
		t.Errorf("%d payments: %s", n, said)
	}
	said = b.answered(t, 2, "no\n", run()...)
	if n := b.sent(); !strings.Contains(said, "Send this to http://sandbox.example? [y/N]") || !strings.Contains(said, "nothing was sent") || n > 0 {
		t.Errorf("%d payments: %s", n, said)
	}

	said = b.interrupt(t, 3, 1, run("--yes", "--keep", "run.json")...)
	first := b.sent()
	if !strings.Contains(said, "resume it with --resume run.json") || first < 3 {
		t.Errorf("%d payments: %s", first, said)
	}
	said = b.run(t, 0, run("--yes", "--resume", "run.json", "--bundle", "out.zip")...)
	if !strings.Contains(said, " in the run before: not sent again") || strings.Contains(said, "SECOND TIME") {
		t.Errorf("said %s", said)
	}
	resumed := b.sent()
	b.run(t, 0, run("--yes", "--keep", "whole.json")...)
	if whole := b.sent(); first+resumed != whole || resumed == 0 {
		t.Errorf("%d and %d payments make %d", first, resumed, whole)
	}

	said = b.interrupt(t, 2, 2, run("--yes", "--keep", "cut.json")...)
	if left, _ := filepath.Glob(filepath.Join(b.dir, "*.journal*")); len(left) > 0 || !strings.Contains(said, "resume it with --resume cut.json") {
		t.Errorf("%v: %s", left, said)
	}
	if said = b.run(t, 0, run("--yes", "--resume", "cut.json")...); !strings.Contains(said, "SENT A SECOND TIME") {
		t.Errorf("said %s", said)
	}
	b.run(t, 0, "contract", "drift", "whole.json", "out.zip")
}
