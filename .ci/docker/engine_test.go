package docker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

const (
	image      = "mozartosim"
	adminToken = "for-tests-only-change-me"
	patience   = 5 * time.Minute // with what the engine and the simulator do
)

// command runs a command line in a folder and returns what it prints; one that fails ends the test.
func command(t *testing.T, dir string, line ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	var out, errors bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errors
	if err := cmd.Run(); err != nil {
		t.Fatalf("%q: %v\n%s%s", line, err, &out, &errors)
	}
	return strings.TrimSpace(out.String())
}

func docker(t *testing.T, args ...string) string {
	t.Helper()
	return command(t, "", append([]string{"docker"}, args...)...)
}

// follow runs a docker command that goes on, until it prints a line that has one of some texts, and returns that line.
func follow(t *testing.T, args []string, texts ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	var all strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		for _, text := range texts {
			if strings.Contains(lines.Text(), text) {
				return lines.Text()
			}
		}
		fmt.Fprintln(&all, lines.Text())
	}
	t.Fatalf("docker %q has not said %q:\n%s", args, texts, &all)
	return ""
}

// simulator is a container of the image.
type simulator struct {
	container, cashier string
	admin              *adminapi.Client
	demo               *adminapi.CompanyClient
	tokens             adminapi.Tokens
	shop               *http.Client
}

// start creates a container with options, both ports on free ones of this machine, and starts it. It returns once the engine has found
// it healthy.
func start(t *testing.T, options ...string) *simulator {
	t.Helper()
	line := append([]string{"create", "-p", "127.0.0.1::8080", "-p", "127.0.0.1::8081", "-e", "MOZARTOSIM_ADMIN_TOKEN=" + adminToken}, options...)
	s := &simulator{container: docker(t, append(line, image)...)}
	t.Cleanup(func() { docker(t, "rm", "-f", "-v", s.container) })
	docker(t, "start", s.container)
	s.healthy(t)
	at := func(port string) string { return "http://" + docker(t, "port", s.container, port) }
	s.reach(t, at("8080"), at("8081"))
	return s
}

// healthy waits until the engine has found a container healthy.
func (s *simulator) healthy(t *testing.T) {
	t.Helper()
	line := follow(t, []string{"events", "--since", "10m", "--filter", "container=" + s.container}, "health_status: ", " die ")
	if !strings.Contains(line, "health_status: healthy") {
		t.Fatalf("%s\n%s", line, s.log(t))
	}
}

// log is what a container has printed.
func (s *simulator) log(t *testing.T) string {
	t.Helper()
	return command(t, "", "sh", "-c", "docker logs "+s.container+" 2>&1")
}

// reach takes the simulator whose listeners are at two URLs.
func (s *simulator) reach(t *testing.T, cashier, admin string) {
	t.Helper()
	s.cashier, s.admin = cashier, adminapi.New(admin, adminToken)
	s.demo, s.shop = s.admin.Company(""), &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var err error
	if s.tokens, err = s.demo.Tokens(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
}

// paid is a call that was answered.
type paid struct {
	ID  string `json:"transactionId"`
	URL string `json:"redirect_url"`
}

// pay makes a payment, by scenarios if they are named; status is 0 where there is no answer.
func (s *simulator) pay(ctx context.Context, reference string, scenarios ...string) (made paid, status int, err error) {
	body := strings.NewReader(`{"pspType": "PAYONE", "type": "PAYIN", "baseamount": 25.00, "currency": "CAD", "currencyCode": "CAD",
		"userId": "user-1001", "email": "jane.doe@example.com", "firstName": "Jane", "lastName": "Doe", "phone": "4165550123",
		"merchantReference": "` + reference + `"}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cashier+openapi.CashierPath, body)
	if err != nil {
		return made, 0, err
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + s.tokens.Company}, "X-User-Token": {"Bearer " + s.tokens.User}, "Mozartosim-Scenario": scenarios}
	answer, err := s.shop.Do(request)
	if err != nil {
		return made, 0, err
	}
	defer answer.Body.Close()
	var text struct{ Data paid }
	err = json.NewDecoder(answer.Body).Decode(&text)
	return text.Data, answer.StatusCode, err
}

// mustPay makes a payment that must be answered.
func (s *simulator) mustPay(t *testing.T, reference string) paid {
	t.Helper()
	made, status, err := s.pay(t.Context(), reference)
	if err != nil || status != http.StatusOK || made.ID == "" {
		t.Fatalf("payment %s was answered %d, %v: %v", reference, status, made, err)
	}
	return made
}

// await waits until a condition holds.
func (s *simulator) await(t *testing.T, condition string) adminapi.WaitResult {
	t.Helper()
	result, err := s.demo.Wait(t.Context(), adminapi.WaitInput{Condition: condition, Timeout: "30s"})
	if err != nil || !result.Met {
		t.Fatalf("%s is not met: %v %+v", condition, err, result.Candidates)
	}
	return result
}
