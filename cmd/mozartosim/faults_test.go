package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
)

// program is the simulator as a process of its own, which can be killed.
type program struct {
	t             *testing.T
	cmd           *exec.Cmd
	public, admin string
	api           *adminapi.Client
	log           *strings.Builder // complete once it has been killed
}

// startProgram runs serve with these flags and returns when its addresses are known.
func startProgram(t *testing.T, flags ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command("mozartosim", append([]string{
		"serve", "--public-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0",
	}, flags...)...)}
	p.cmd.Env = append(p.cmd.Environ(), "GORACE=atexit_sleep_ms=0")
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.log = &strings.Builder{}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if strings.Contains(p.log.String(), "DATA RACE") {
			t.Errorf("the process logged %s", p.log)
		}
	})
	lines := bufio.NewScanner(out)
	for p.public == "" || p.admin == "" {
		if !lines.Scan() {
			_ = p.cmd.Wait()
			t.Fatalf("the process ended: %s", p.log)
		}
		if fields := strings.Fields(lines.Text()); len(fields) == 3 {
			switch fields[0] {
			case "Cashier":
				p.public = fields[2]
			case "Admin":
				p.admin = fields[2]
			}
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	p.api = adminapi.New(p.admin, "")
	return p
}

// kill is kill -9.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// pay makes a Payone pay-in and returns its id.
func (p *program) pay(tokens adminapi.Tokens, reference string) (id string, err error) {
	body := `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00,"currency":"CAD","currencyCode":"CAD","userId":"user-1001",` +
		`"email":"jane.doe@example.com","firstName":"Jane","lastName":"Doe","phone":"4165550123","merchantReference":"` + reference + `"}`
	request, err := http.NewRequest(http.MethodPost, p.public+"/v1/api/mozarto/cashier", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+tokens.Company)
	request.Header.Set("X-User-Token", "Bearer "+tokens.User)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var paid struct {
		Data struct {
			TransactionID string `json:"transactionId"`
		} `json:"data"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&paid); err != nil {
		return "", err
	}
	if paid.Data.TransactionID == "" {
		return "", fmt.Errorf("the call was answered %s", answer.Status)
	}
	return paid.Data.TransactionID, nil
}

// receiver is a merchant's webhook handler that counts in which round it received a webhook of which payment.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	round    int
	received map[string][]int // rounds, by transaction_id
	more     chan struct{}    // closed and replaced at every webhook
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{received: map[string][]int{}, more: make(chan struct{})}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		var hook struct {
			ID string `json:"transaction_id"`
		}
		if err := json.NewDecoder(q.Body).Decode(&hook); err != nil {
			t.Errorf("webhook: %v", err)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.received[hook.ID] = append(r.received[hook.ID], r.round)
		close(r.more)
		r.more = make(chan struct{})
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) begin(round int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.round = round
}

// missing waits until webhooks of all have arrived, and returns those without any at the time limit.
func (r *receiver) missing(ids []string, limit time.Duration) []string {
	end := time.After(limit)
	for {
		r.mu.Lock()
		left := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return len(r.received[id]) > 0 })
		more := r.more
		r.mu.Unlock()
		if len(left) == 0 {
			return nil
		}
		select {
		case <-more:
		case <-end:
			return left
		}
	}
}

// answered collects the payments that were answered; enough is closed when there are as many as wanted.
type answered struct {
	mu     sync.Mutex
	ids    []string
	enough chan struct{}
	left   int
}

func (a *answered) add(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ids = append(a.ids, id)
	if a.left--; a.left == 0 {
		close(a.enough)
	}
}

// load pays again and again with several callers until the process is gone.
func (p *program) load(tokens adminapi.Tokens, callers, round int, a *answered) (wait func()) {
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for n := 0; ; n++ {
				id, err := p.pay(tokens, fmt.Sprintf("%d-%d-%d", round, i, n))
				if err != nil {
					return
				}
				a.add(id)
			}
		})
	}
	return all.Wait
}

// Killed again and again under load, with webhooks on their way, the simulator loses no payment that it has answered and no
// webhook; a webhook arrives twice only when the process was killed between sending it and recording that.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	const rounds, callers = 20, 8
	hooks := newReceiver(t)
	flags := []string{"--data", filepath.Join(t.TempDir(), "payments.db"), "--webhook-url", hooks.URL, "--shopper-after", "20ms"}
	var all []string
	for round := range rounds {
		hooks.begin(round)
		p := startProgram(t, flags...)
		demo := demoTokens(t, p)
		a := &answered{enough: make(chan struct{}), left: 1 + rand.IntN(40)}
		wait := p.load(demo, callers, round, a)
		<-a.enough
		p.kill()
		wait()
		all = append(all, a.ids...)
	}
	hooks.begin(rounds)
	p := startProgram(t, flags...)
	if left := hooks.missing(all, 2*time.Minute); left != nil {
		t.Errorf("no webhook arrived of %d of %d answered payments: %v", len(left), len(all), left)
	}
	for _, id := range all {
		if _, err := p.api.Company("demo").Payment(t.Context(), id); err != nil {
			t.Errorf("payment %s was answered and is gone: %v", id, err)
		}
	}
	hooks.mu.Lock()
	defer hooks.mu.Unlock()
	again := 0
	for id, when := range hooks.received {
		if len(slices.Compact(slices.Clone(when))) != len(when) {
			t.Errorf("webhooks of payment %s arrived in rounds %v: twice from one process", id, when)
		}
		again += len(when) - 1
	}
	t.Logf("%d payments in %d rounds, %d webhooks sent again after a kill", len(all), rounds, again)
}

// A first SIGTERM lets calls in progress finish; a second one doesn't wait for them.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	dial := func(request, answer string) net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.public, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		fmt.Fprint(conn, request)
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, answer) {
			t.Fatalf("answered %q, %v", line, err)
		}
		return conn
	}
	dial("POST /v1/api/mozarto/cashier HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", "100") // whose body doesn't come
	idle := dial("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "404")
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGTERM} {
		if err := p.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, idle) // until it is closed, as idle connections are when the first one is heeded
	}
	_ = p.cmd.Wait()
	if p.cmd.ProcessState.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("it waited for calls in progress: %v", p.cmd.ProcessState)
	}
}

// 10,000 connections that say nothing keep nobody out.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for i := range 10_000 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.public, "http://"))
		if err != nil {
			t.Fatalf("connection %d: %v (this test needs a hard limit of at least 10,500 open files: ulimit -Hn)", i+1, err)
		}
		defer conn.Close()
	}
	if _, err := p.pay(demoTokens(t, p), "among the idle"); err != nil {
		t.Error(err)
	}
}

// demoTokens are the tokens of a process's own demo company.
func demoTokens(t *testing.T, p *program) adminapi.Tokens {
	t.Helper()
	tokens, err := p.api.Company("demo").Tokens(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}
