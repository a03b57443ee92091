package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/merchant"
)

// process is a server under load.
type process struct {
	cmd      *exec.Cmd
	address  string
	admin    string // the admin API's URL; "" = it is off
	company  string
	request  []byte // a whole HTTP request
	answered int
}

// body is the request that both servers get: a Payone pay-in.
const body = `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00,"currency":"CAD","currencyCode":"CAD","userId":"user-1001",` +
	`"email":"jane.doe@example.com","firstName":"Jane","lastName":"Doe","phone":"4165550123","merchantReference":"order-1001","isTestMode":false}`

// startSimulator starts a simulator with these flags; its admin listener is off unless they say otherwise.
func startSimulator(binary string, flags ...string) (*process, error) {
	p, err := newProcess()
	if err != nil {
		return nil, err
	}
	all := []string{"serve", "--public-addr", p.address, "--admin-addr", ""}
	if i := slices.Index(flags, "--admin-addr"); i >= 0 {
		flags = slices.Clone(flags)
		if flags[i+1], err = freeAddress(); err != nil {
			return nil, err
		}
		p.admin = "http://" + flags[i+1]
	}
	return start(p, binary, append(all, flags...)...)
}

// limited returns a program that becomes the simulator with so many bytes of memory, and says whether the kernel or the runtime limits
// it. The limit holds before the simulator begins, which looks at it then. When it has ended, remove removes the cgroup.
func (b *bench) limited(bytes int) (program string, remove func(), err error) {
	told, before := "the limit is the Go runtime's (GOMEMLIMIT), for this process may make no cgroup", fmt.Sprintf("export GOMEMLIMIT=%d", bytes/10*9)
	remove = func() {}
	name := "mozartobench-" + strconv.Itoa(os.Getpid())
	for _, file := range []string{"memory/" + name + "/memory.limit_in_bytes", name + "/memory.max"} { // versions 1 and 2
		file = filepath.Join("/sys/fs/cgroup", file)
		group := filepath.Dir(file)
		if os.Mkdir(group, 0o750) != nil {
			continue
		}
		limit, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err == nil {
			_, err = fmt.Fprint(limit, bytes)
			err = errors.Join(err, limit.Close())
		}
		if err != nil { // memory is limited by the other version, or not at all
			_ = os.Remove(group)
			continue
		}
		told, before = "the limit is the kernel's ("+filepath.Base(file)+" of a cgroup)", "echo $$ > "+group+"/cgroup.procs"
		remove = func() { _ = os.Remove(group) }
		break
	}
	b.say(told)
	program = filepath.Join(b.dir, "limited")
	script := "#!/bin/sh\nset -e\n" + before + "\nexec " + b.binary + " \"$@\"\n"
	return program, remove, os.WriteFile(program, []byte(script), 0o700) //nolint:gosec // it is run
}

func startPlain() (*process, error) {
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		return nil, err
	}
	p, err := newProcess() // the request is the same, with its tokens
	if err != nil {
		return nil, err
	}
	return start(p, self, "-plain", p.address)
}

// start runs a server on the first core and returns after its first answer.
func start(p *process, name string, args ...string) (*process, error) {
	if os.Getenv("MOZARTOBENCH_PINNED") == "yes" {
		name, args = "taskset", append([]string{"-c", "0", name}, args...)
	}
	p.cmd = exec.Command(name, args...)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if err := p.once(); err == nil {
			p.answered++
			return p, nil
		}
		time.Sleep(200 * time.Microsecond)
	}
	p.stop()
	return nil, fmt.Errorf("%s did not answer with 200 within 10 s", name)
}

func (p *process) once() error {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	return exchange(conn, bufio.NewReader(conn), p.request)
}

// stop ends the process and returns the processor time that it took; it may be called again.
func (p *process) stop() time.Duration {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// memory returns a line of the process's status in MiB, 0 where there is no /proc.
func (p *process) memory(line string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), line+":")
	kib, _ := strconv.Atoi(append(strings.Fields(rest), "")[0])
	return float64(kib) / 1024
}

// metric returns a line of /metrics.
func (p *process) metric(name string) (float64, error) {
	text, err := adminapi.New(p.admin, "").Metrics(context.Background())
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(text, "\n"+name+" ")
	if !found {
		return 0, fmt.Errorf("/metrics has no %s", name)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return strconv.ParseFloat(value, 64)
}

// follow has so many clients follow the company's events until stop is called.
func (p *process) follow(clients int) (stop func(), err error) {
	host := strings.TrimPrefix(p.admin, "http://")
	var all []net.Conn
	stop = func() {
		for _, conn := range all {
			_ = conn.Close()
		}
	}
	for range clients {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			stop()
			return nil, err
		}
		all = append(all, conn)
		if _, err := fmt.Fprintf(conn, "GET /v1/events?company=%s HTTP/1.1\r\nHost: %s\r\n\r\n", p.company, host); err != nil {
			stop()
			return nil, err
		}
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			stop()
			return nil, fmt.Errorf("events: answered %q: %w", line, err)
		}
		go func() { _, _ = io.Copy(io.Discard, in) }()
	}
	return stop, nil
}

// spent returns the processor time that the process has used, 0 where there is no /proc. Unlike the wall clock it does not
// count what other processes used.
func (p *process) spent() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // clock ticks of 1/100 s
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// newProcess is a server that is about to be started, with a request of the demo company and its tokens.
func newProcess() (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	configured, err := simulator.Configured(simulator.Default())
	if err != nil {
		return nil, err
	}
	tokens, err := merchant.Tokens(configured[0])
	if err != nil {
		return nil, err
	}
	request := httpRequest(address, "Authorization: Bearer "+tokens.Company+"\r\nx-user-token: Bearer "+tokens.User+"\r\n")
	return &process{address: address, company: configured[0].ID, request: request}, nil
}

func httpRequest(address, headers string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
		openapi.CashierPath, address, headers, len(body), body)
}

// servePlain is the baseline: decode the request, encode an answer of the same form, nothing else.
func servePlain(address string) error {
	http.HandleFunc(openapi.CashierPath, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			PSPType           string  `json:"pspType"`
			Type              string  `json:"type"`
			BaseAmount        float64 `json:"baseamount"`
			Currency          string  `json:"currency"`
			CurrencyCode      string  `json:"currencyCode"`
			UserID            string  `json:"userId"`
			Email             string  `json:"email"`
			FirstName         string  `json:"firstName"`
			LastName          string  `json:"lastName"`
			Phone             string  `json:"phone"`
			MerchantReference string  `json:"merchantReference"`
			IsTestMode        bool    `json:"isTestMode"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		var out struct {
			Status    string `json:"status"`
			Message   string `json:"message"`
			IsSuccess bool   `json:"isSuccess"`
			Data      struct {
				Success           bool    `json:"success"`
				Message           string  `json:"message"`
				RedirectURL       string  `json:"redirect_url"`
				TransactionStatus string  `json:"transaction_status"`
				TransactionID     string  `json:"transactionId"`
				MerchantReference string  `json:"merchantReference"`
				Amount            float64 `json:"amount"`
			} `json:"data"`
		}
		out.Status, out.Message, out.IsSuccess = "success", "Transaction successfully processed", true
		out.Data.Success, out.Data.Message, out.Data.TransactionStatus = true, "Transaction successfully Ongoing Process", "Pending"
		out.Data.RedirectURL = "http://" + address + "/pay/payone/7d8f3c52-6f0e-4a6e-9d0e-0c7f0a4b1c2d"
		out.Data.TransactionID, out.Data.MerchantReference, out.Data.Amount = "665f1c2ab7e4d93a5c0f1a2b", in.MerchantReference, in.BaseAmount
		_ = json.NewEncoder(w).Encode(out)
	})
	server := http.Server{Addr: address, ReadHeaderTimeout: time.Minute}
	return server.ListenAndServe()
}
