package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
)

// process is a server under load.
type process struct {
	cmd      *exec.Cmd
	address  string
	request  []byte // a whole HTTP request
	answered int
}

// body is the request that both servers get: a Payone pay-in.
const body = `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00,"currency":"CAD","currencyCode":"CAD","userId":"user-1001",` +
	`"email":"jane.doe@example.com","firstName":"Jane","lastName":"Doe","phone":"4165550123","merchantReference":"order-1001","isTestMode":false}`

func startSimulator(binary string, flags ...string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	request, err := simulatorRequest(address)
	if err != nil {
		return nil, err
	}
	return start(&process{address: address, request: request}, binary, append([]string{"serve", "--public-addr", address, "--admin-addr", ""}, flags...)...)
}

func startPlain() (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		return nil, err
	}
	request, err := simulatorRequest(address) // the same, with its tokens
	if err != nil {
		return nil, err
	}
	return start(&process{address: address, request: request}, self, "-plain", address)
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

func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// resident returns the process's resident memory in bytes, 0 where there is no /proc.
func (p *process) resident() int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(status), "\n") {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib << 10
		}
	}
	return 0
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

// simulatorRequest is the call with the demo company's tokens.
func simulatorRequest(address string) ([]byte, error) {
	configured, err := simulator.Configured(simulator.Default())
	if err != nil {
		return nil, err
	}
	company, err := backoffice.NewDirectory(backoffice.DefaultSeed).Put(configured[0], time.Now())
	if err != nil {
		return nil, err
	}
	token, err := identity.CompanyToken(company.Credentials.APIKey, company.Credentials.SecretKey, time.Now(), time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	user, err := identity.UserToken(company.Users[0], "unchecked")
	if err != nil {
		return nil, err
	}
	return httpRequest(address, "Authorization: Bearer "+token+"\r\nx-user-token: Bearer "+user+"\r\n"), nil
}

func httpRequest(address, headers string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
		openapi.CashierPath, address, headers, len(body), body)
}

type plainRequest struct {
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

type plainAnswer struct {
	Status    string    `json:"status"`
	Message   string    `json:"message"`
	IsSuccess bool      `json:"isSuccess"`
	Data      plainData `json:"data"`
}

type plainData struct {
	Success           bool    `json:"success"`
	Message           string  `json:"message"`
	RedirectURL       string  `json:"redirect_url"`
	TransactionStatus string  `json:"transaction_status"`
	TransactionID     string  `json:"transactionId"`
	MerchantReference string  `json:"merchantReference"`
	Amount            float64 `json:"amount"`
}

// servePlain is the baseline: decode the request, encode an answer of the same form, nothing else.
func servePlain(address string) error {
	http.HandleFunc(openapi.CashierPath, func(w http.ResponseWriter, r *http.Request) {
		var in plainRequest
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(plainAnswer{"success", "Transaction successfully processed", true, plainData{
			true, "Transaction successfully Ongoing Process",
			"http://" + address + "/pay/payone/7d8f3c52-6f0e-4a6e-9d0e-0c7f0a4b1c2d", "Pending",
			"665f1c2ab7e4d93a5c0f1a2b", in.MerchantReference, in.BaseAmount,
		}})
	})
	server := http.Server{Addr: address, ReadHeaderTimeout: time.Minute}
	return server.ListenAndServe()
}
