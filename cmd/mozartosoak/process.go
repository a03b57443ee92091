package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
)

// process is a simulator under test.
type process struct {
	namespace     string // of the network; "" = this one
	host          string // the address that it listens at and calls from
	binary, data  string
	cmd           *exec.Cmd
	public, admin string
	token         string // of the admin API; "" is for loopback
	kept          int    // how many payments of each merchant it keeps
	client        *http.Client
	api           *adminapi.Client
	faulty        atomic.Bool // whether there has been a fault
}

// start starts a simulator in a network namespace, where it listens on a host's address.
func start(namespace, binary, data, host string, kept int) (*process, error) {
	p := &process{namespace: namespace, host: host, binary: binary, data: data, kept: kept, client: &http.Client{
		Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: rest / 3},
	}}
	public, admin := host+":0", host+":0"
	if namespace != "" {
		public, admin, p.token, p.client.Timeout = host+":8080", host+":8081", rand.Text(), 4*time.Second
	}
	if err := p.run(public, admin); err != nil {
		return p, err
	}
	p.api = adminapi.New(p.admin, p.token, adminapi.WithHTTPClient(p.client))
	return p, nil
}

// run starts the program, and waits until it says where it listens.
func (p *process) run(public, admin string) error {
	kept := strconv.Itoa(p.kept)
	args := []string{
		"serve", "--public-addr", public, "--admin-addr", admin, "--shopper-after", "200ms",
		"--max-payments", kept, "--max-requests", "1000", "--webhook-timeout", "2s", "--gateway-timeout", "1s",
	}
	if p.data != "" {
		args = append(args, "--data", p.data, "--data-key", "soak")
	}
	line := append([]string{p.binary}, args...)
	if p.namespace != "" {
		line = append([]string{"ip", "netns", "exec", p.namespace}, append(line, "--admin-token", p.token)...)
	}
	p.cmd = exec.Command(line[0], line[1:]...)
	running := &atomic.Bool{}
	p.cmd.Stderr = withoutExpected{running, &p.faulty}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.cmd.WaitDelay = 5 * time.Second
	unready := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Kill() })
	defer unready.Stop()
	p.public, p.admin = "", ""
	for lines := bufio.NewScanner(out); p.public == "" || p.admin == ""; {
		if !lines.Scan() {
			return fmt.Errorf("the simulator ended: %w", p.cmd.Wait())
		}
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "Cashier" {
			p.public = fields[2]
		} else if len(fields) == 3 && fields[0] == "Admin" {
			p.admin = fields[2]
		}
	}
	running.Store(true)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return nil
}

// restart kills the program without a warning, and starts it again where it listened.
func (p *process) restart() error {
	public, admin := strings.TrimPrefix(p.public, "http://"), strings.TrimPrefix(p.admin, "http://")
	_ = p.stop()
	return p.run(public, admin)
}

// stall stops the program for a while, as a machine that has other things to do.
func (p *process) stall() error {
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	return p.cmd.Process.Signal(syscall.SIGCONT)
}

// withoutExpected writes a log to the error output: all until the program runs, then errors until the first fault, and from then on
// panics only.
type withoutExpected struct{ running, faulty *atomic.Bool }

// Write implements io.Writer; a log writes line by line.
func (w withoutExpected) Write(line []byte) (int, error) {
	switch {
	case !w.running.Load(), bytes.Contains(line, []byte("panic")), bytes.Contains(line, []byte("level=ERROR")) && !w.faulty.Load():
		return os.Stderr.Write(line)
	}
	return len(line), nil
}

// stop kills the program.
func (p *process) stop() error {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // says that it was killed
	return nil
}

// merchant is a company and the tokens for its calls.
type merchant struct {
	*adminapi.CompanyClient
	name   string
	tokens adminapi.Tokens
}

// handlers are how merchants treat webhooks: one fails now and then, one is slow, one hangs now and then.
func handlers() []string { return []string{"good", "failing", "slow", "hanging"} }

// createMerchants creates a merchant for each kind of handler.
func (p *process) createMerchants(hooks *receiver) (made []*merchant, err error) {
	reader, err := backoffice.NewReader()
	if err != nil {
		return nil, err
	}
	for _, handler := range handlers() {
		demo, err := backoffice.Demo(reader, hooks.url+"/"+handler, "")
		if err != nil {
			return nil, err
		}
		m, err := p.createMerchant(handler, demo)
		if err != nil {
			return nil, err
		}
		made = append(made, m)
	}
	return made, nil
}

// createMerchant creates a company with the demo company's PSPs, whose webhooks are retried quickly.
func (p *process) createMerchant(name string, demo backoffice.Company) (*merchant, error) {
	in := adminapi.CompanyInput{Name: name}
	text, err := json.Marshal(demo.PSPs)
	if err == nil {
		err = json.Unmarshal(text, &in.PSPs)
	}
	if err != nil {
		return nil, err
	}
	for code, psp := range in.PSPs {
		if psp["webhookUrl"] != nil {
			psp["retrySchedule"] = []string{"500ms", "500ms", "1s", "1s", "1s", "1s"}
		}
		in.Rules = append(in.Rules, adminapi.RuleInput{PSP: code})
	}
	if _, err := p.api.CreateCompany(context.Background(), in); err != nil {
		return nil, err
	}
	m := &merchant{CompanyClient: p.api.Company(name), name: name}
	m.tokens, err = m.Tokens(context.Background(), "")
	return m, err
}

// usage is what must not grow.
type usage struct {
	goroutines, resident, claimed int
	payments                      int // in memory
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d MiB resident, %d jobs claimed", u.goroutines, u.resident>>20, u.claimed)
}

// usage reads and prints that of all processes.
func (s *stand) usage(when string, t *traffic) (all []usage, err error) {
	for _, p := range s.processes {
		u, err := p.usage()
		if err != nil {
			return nil, err
		}
		if p.data == "" {
			t.count(func() { u.payments = min(t.answered, p.kept*len(handlers())) })
		}
		fmt.Printf("%s %s: %v\n", p.host, when, u)
		all = append(all, u)
	}
	return all, nil
}

// usage reads a process's from its metrics.
func (p *process) usage() (u usage, err error) {
	text, err := p.api.Metrics(context.Background())
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "go_goroutines":
			u.goroutines = int(number)
		case `mozartosim_jobs{state="claimed"}`:
			u.claimed = int(number)
		case "process_resident_memory_bytes":
			u.resident = int(number)
		}
	}
	if u.goroutines == 0 || u.resident == 0 {
		return u, errors.New("the metrics have neither goroutines nor memory")
	}
	return u, nil
}
