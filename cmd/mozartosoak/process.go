package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
)

// room is how many payments the simulator keeps for each merchant: few enough that memory stops growing while it is warmed.
const room = 3000

// process is the simulator that is soaked.
type process struct {
	cmd           *exec.Cmd
	public, admin string
	client        *http.Client
}

func start(binary, data string) (*process, error) {
	args := []string{
		"serve", "--public-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--shopper-after", "200ms",
		"--max-payments", strconv.Itoa(room), "--webhook-timeout", "2s", "--gateway-timeout", "1s",
	}
	if data != "" {
		args = append(args, "--data", data, "--data-key", "soak")
	}
	p := &process{cmd: exec.Command(binary, args...), client: &http.Client{
		Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	p.cmd.Stderr = complaints{}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(out); p.public == "" || p.admin == ""; {
		if !lines.Scan() {
			return nil, fmt.Errorf("the simulator ended: %w", p.cmd.Wait())
		}
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "Cashier" {
			p.public = fields[2]
		} else if len(fields) == 3 && fields[0] == "Admin" {
			p.admin = fields[2]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, nil
}

// complaints passes a log on but for webhooks that failed, which the receiver wants.
type complaints struct{}

// Write implements io.Writer; a log writes line by line.
func (complaints) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("webhook failed")) {
		return len(line), nil
	}
	return os.Stderr.Write(line)
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// ask calls the admin API; in, if any, goes as JSON, the answer is decoded into out.
func (p *process) ask(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, p.admin+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("%s %s answers %s: %s", method, path, answer.Status, text)
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// merchant is a company and the tokens for its calls.
type merchant struct {
	name, company, user string
}

// companies makes merchants whose handlers differ: one is good, one fails now and then, one is slow.
func (p *process) companies(hooks *receiver) ([]*merchant, error) {
	cashier, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	control, err := openapi.Control()
	if err != nil {
		return nil, err
	}
	var made []*merchant
	for _, mood := range []string{"good", "failing", "slow"} {
		demo, err := backoffice.Demo(backoffice.Reader{Cashier: cashier, Control: control}, hooks.server.URL+"/"+mood)
		if err != nil {
			return nil, err
		}
		m, err := p.company(mood, demo)
		if err != nil {
			return nil, err
		}
		made = append(made, m)
	}
	return made, nil
}

func (p *process) company(name string, demo backoffice.Company) (*merchant, error) {
	text, err := json.Marshal(demo.PSPs)
	if err != nil {
		return nil, err
	}
	var psps map[string]map[string]any
	if err := json.Unmarshal(text, &psps); err != nil {
		return nil, err
	}
	for _, psp := range psps {
		if psp["webhookUrl"] != nil {
			psp["retrySchedule"] = []string{"500ms", "500ms", "1s", "1s", "1s", "1s"}
		}
	}
	var rules []map[string]any
	for code := range psps {
		rules = append(rules, map[string]any{"psp": code})
	}
	var c backoffice.Company
	if err := p.ask(http.MethodPost, "/v1/companies", map[string]any{"name": name, "psps": psps, "rules": rules}, &c); err != nil {
		return nil, err
	}
	company, err := identity.CompanyToken(c.Credentials.APIKey, c.Credentials.SecretKey, time.Unix(0, 0), time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	claims, err := demo.Claims("")
	if err != nil {
		return nil, err
	}
	user, err := identity.UserToken(claims, "unchecked")
	return &merchant{name, company, user}, err
}

// vitals are what must not grow.
type vitals struct {
	goroutines, resident int
}

func (v vitals) String() string {
	return fmt.Sprintf("%d goroutines, %d MiB resident", v.goroutines, v.resident>>20)
}

// vitals reads them off the metrics.
func (p *process) vitals() (v vitals, err error) {
	answer, err := p.client.Get(p.admin + "/metrics")
	if err != nil {
		return v, err
	}
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		number, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "go_goroutines":
			v.goroutines = int(number)
		case "process_resident_memory_bytes":
			v.resident = int(number)
		}
	}
	if v.goroutines == 0 || v.resident == 0 {
		return v, fmt.Errorf("the metrics tell neither goroutines nor memory")
	}
	return v, nil
}
