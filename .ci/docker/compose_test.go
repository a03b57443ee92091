package docker

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"mozartosim/simulator/adminapi"
)

const root = "../.."

// project is what a compose file has started.
type project struct {
	*testing.T
	name string
	line []string // how each command about it begins
	simulator
}

// compose makes a project of compose files' arguments, on an address of its own, so that nothing else has its ports.
func compose(t *testing.T, args ...string) *project {
	t.Helper()
	var b [3]byte
	_, _ = rand.Read(b[:])
	p := &project{T: t, name: fmt.Sprintf("mozartosim-%x", b)}
	t.Setenv("BIND", fmt.Sprintf("127.%d.%d.%d", b[0], b[1], b[2]|1))
	t.Setenv("COMPOSE_PROJECT_NAME", p.name)
	p.line = append([]string{"docker", "compose"}, args...)
	t.Cleanup(func() { p.do("down", "-v", "-t", "1") })
	return p
}

// do runs a command about the project.
func (p *project) do(args ...string) string {
	p.Helper()
	return command(p.T, root, slices.Concat(p.line, args)...)
}

// up starts everything, and reaches the simulator at its ports.
func (p *project) up(cashier, admin string) {
	p.Helper()
	p.do("up", "--wait", "--wait-timeout", "90")
	p.reach(p.T, "http://"+os.Getenv("BIND")+cashier, "http://"+os.Getenv("BIND")+admin)
}

// services are those that run.
func (p *project) services() string {
	p.Helper()
	names := strings.Fields(p.do("ps", "--format", "{{.Service}}"))
	slices.Sort(names)
	return strings.Join(names, " ")
}

// The lone simulator keeps its payments when it is taken down and started again.
func TestComposeAlone(t *testing.T) {
	p := compose(t)
	p.up(":8080", ":8081")
	if got := p.services(); got != "simulator" {
		t.Errorf("docker compose up has started %s", got)
	}
	made := p.mustPay(t, "order-1")
	p.do("down")
	p.up(":8080", ":8081")
	if again, err := p.demo.Payment(t.Context(), made.ID); err != nil || again.MerchantReference != "order-1" {
		t.Errorf("after down and up the payment is %+v, %v", again, err)
	}
}

// The shop of compose.dev.yaml is credited by a webhook.
func TestComposeDev(t *testing.T) {
	p := compose(t, "-f", "compose.yaml", "-f", "compose.dev.yaml")
	p.up(":8080", ":8081")
	made := p.mustPay(t, "order-of-the-shop")
	if !strings.HasPrefix(made.URL, "http://localhost:8080/") {
		t.Errorf("the shopper is sent to %s", made.URL)
	}
	p.await(t, fmt.Sprintf("payment.id == %q && delivery.state == 'delivered'", made.ID))
	if log := p.do("logs", "shop"); !strings.Contains(log, "credited order-of-the-shop") {
		t.Errorf("the shop has not credited the order:\n%s", log)
	}
}

// TestComposeShared makes payments by two replicas while one is killed, one is cut off and the database hangs: each call is
// answered or refused with 503 in time, and every payment that was answered is there and ends with its webhook delivered.
func TestComposeShared(t *testing.T) {
	p := compose(t, "--profile", "shared")
	p.up(":8090", ":8091")
	if got := p.services(); got != "database proxy replica replica" {
		t.Errorf("--profile shared has started %s", got)
	}
	first, second, database := p.name+"-replica-1", p.name+"-replica-2", p.name+"-database-1"
	l := startLoad(&p.simulator, 8)
	l.await(500)
	for _, fault := range []struct {
		what     string
		do, undo []string
		calls    int  // while it lasts
		gone     bool // whether a replica is
	}{
		{"replica killed", []string{"kill", first}, []string{"start", first}, 500, true},
		{"replica cut off", []string{"network", "disconnect", p.name + "_default", second}, []string{"network", "connect", "--alias", "replica", p.name + "_default", second}, 500, true},
		{"database paused", []string{"pause", database}, []string{"unpause", database}, 50, false},
	} {
		slow := p.slow(strings.ReplaceAll(fault.what, " ", "-"))
		docker(t, fault.do...)
		if fault.gone {
			slow.gone(t)
		}
		l.await(fault.calls)
		docker(t, fault.undo...)
		l.await(500)
		l.mu.Lock()
		t.Logf("%s: %d answered, %d refused, slowest %s so far", fault.what, len(l.answered), l.refused, l.slowest)
		l.mu.Unlock()
	}
	for _, err := range l.stop() {
		t.Error(err)
	}
	p.settled(l.answered)
}

// slowCalls are calls whose answers take 35 seconds, by how they ended.
type slowCalls chan int

// slow begins calls that are in progress when it returns: their payments are made. The proxy draws a replica for each; they are so many
// that each replica has some.
func (p *project) slow(name string) slowCalls {
	p.Helper()
	const calls = 24
	ended := make(slowCalls, calls)
	for n := range calls {
		go func() {
			_, status, _ := p.pay(p.Context(), fmt.Sprint(name, "-", n), "very-slow-answer")
			ended <- status
		}()
	}
	for n := range calls {
		p.await(p.T, fmt.Sprintf("payment.merchantReference == '%s-%d'", name, n))
	}
	return ended
}

// gone checks that a call of the replica that is gone is answered with 503 in time.
func (s slowCalls) gone(t *testing.T) {
	t.Helper()
	select {
	case status := <-s:
		if status != http.StatusServiceUnavailable {
			t.Errorf("a slow call of a replica that is gone was answered %d", status)
		}
	case <-time.After(answersWithin):
		t.Error("a slow call of a replica that is gone still waits")
	}
}

// settled checks that payments are there and have ended, and that no job is left.
func (p *project) settled(ids []string) {
	p.Helper()
	for _, id := range ids {
		payment, err := p.demo.Payment(p.Context(), id)
		if err != nil {
			p.Errorf("payment %s was answered and is lost: %v", id, err)
			continue
		}
		if payment.Status != "approved" || len(payment.Deliveries) == 0 || payment.Deliveries[0].Open() {
			p.await(p.T, fmt.Sprintf("payment.id == %q && delivery.state == 'delivered'", id))
		}
	}
	jobs, err := p.demo.Jobs(p.Context(), "", 100)
	now, waiting := time.Now(), map[string]bool{} // for a slow call's answer, which takes longer than all this on a quick machine
	for _, j := range jobs {
		waiting[j.Payment] = waiting[j.Payment] || j.Kind == "decision" && j.At.After(now)
	}
	stranded := slices.DeleteFunc(jobs, func(j adminapi.Job) bool { return waiting[j.Payment] && j.At.After(now) })
	if err != nil || len(stranded) > 0 {
		p.Errorf("%v: jobs are stranded: %+v", err, stranded)
	}
}

// What `mozartosim init` writes for a CI system is run as its runner would: each line of the job's script, in the job's environment.
func TestInitJob(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "mozartosim")
	command(t, root, "go", "build", "-o", binary, "./cmd/mozartosim")
	for ci, job := range map[string]string{"github": ".github/workflows/mozartosim.yml", "gitlab": ".gitlab-ci.mozartosim.yml"} {
		t.Run(ci, func(t *testing.T) {
			dir := t.TempDir()
			command(t, dir, binary, "init", "--ci", ci)
			compose(t, "-f", filepath.Join(dir, "compose.mozartosim.yaml"))
			text, err := os.ReadFile(filepath.Join(dir, job))
			if err != nil {
				t.Fatal(err)
			}
			environment, lines := script(t, text)
			bind := os.Getenv("BIND")
			for name, value := range environment {
				t.Setenv(name, strings.NewReplacer("localhost", bind, "docker:", bind+":").Replace(value))
			}
			t.Setenv("BIND", bind)
			tests := "test-payments:\n\t" + binary + " trigger --url $(MOZARTO_BASE_URL) PAYONE approve\n"
			if err := os.WriteFile(filepath.Join(dir, "Makefile"), []byte(tests), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				command(t, dir, "bash", "-euc", line)
			}
		})
	}
}

// script is the environment and the commands of the one job in a GitHub workflow or a GitLab file.
func script(t *testing.T, text []byte) (environment map[string]string, lines []string) {
	t.Helper()
	type job struct {
		Env, Variables map[string]string
		Steps          []struct{ Run string }
		Script         []string
		After          []string `yaml:"after_script"`
	}
	var file struct {
		Jobs     map[string]job
		Payments job
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	one := file.Payments
	if github, is := file.Jobs["payments"]; is {
		one = github
		for _, step := range one.Steps {
			if step.Run != "" {
				one.Script = append(one.Script, step.Run)
			}
		}
	}
	environment = one.Env
	if environment == nil {
		environment = one.Variables
	}
	if len(one.Script) < 2 || environment == nil {
		t.Fatalf("no job with a script: %+v", file)
	}
	return environment, append(one.Script, one.After...)
}
