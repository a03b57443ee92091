package docker

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bounds of the image and of a container's life.
const (
	atMostMiB     = 60
	healthyWithin = 4 * time.Second
	stopsWithin   = 5 * time.Second // when nothing is in progress
)

// TestImage runs the image as compose.yaml does, through a container's life: it becomes healthy in time, as its user and on a read-only
// root; webhooks reach this machine; scenarios are mounted and read again; it stops cleanly; and what was paid is there in the next one.
func TestImage(t *testing.T) {
	size, err := strconv.Atoi(docker(t, "image", "inspect", "-f", "{{.Size}}", image))
	if err != nil || size > atMostMiB<<20 {
		t.Errorf("the image has %d bytes, more than %d MiB: %v", size, atMostMiB, err)
	}
	hooks := newHandler(t)
	scenarios := t.TempDir()
	if err := os.Chmod(scenarios, 0o755); err != nil { // the simulator is another user
		t.Fatal(err)
	}
	volume := docker(t, "volume", "create")
	t.Cleanup(func() { docker(t, "volume", "rm", volume) })
	options := []string{
		"--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--add-host", "host.docker.internal:host-gateway",
		"-v", volume + ":/data", "-v", scenarios + ":/scenarios:ro", "-e", "MOZARTOSIM_WEBHOOK_URL=" + hooks.url, "-e", "MOZARTOSIM_SHOPPER_AFTER=0s",
	}
	s := start(t, options...)
	took := s.becameHealthy(t)
	t.Logf("image %d.%d MiB, healthy %d ms after its start", size>>20, size*10>>20%10, took.Milliseconds())
	if took > healthyWithin {
		t.Errorf("it was healthy after %s, later than %s", took, healthyWithin)
	}
	if users := strings.Fields(docker(t, "top", s.container, "-eo", "uid,pid")); !slices.Contains(users, "65532") {
		t.Errorf("its process runs as %q, not 65532", users)
	}

	made := s.mustPay(t, "order-1")
	hooks.await(t, made.ID)
	s.await(t, fmt.Sprintf("payment.id == %q && delivery.state == 'delivered'", made.ID))

	text := "name: from-the-host\ndescription: The provider is out of order.\nmatch: {psp: PAYONE, type: PAYIN}\nshopper: {action: decline}\n"
	if err := os.WriteFile(filepath.Join(scenarios, "host.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	follow(t, []string{"logs", "-f", "--since", "10m", s.container}, `msg="scenarios loaded"`)
	declined := s.mustPay(t, "order-2")
	s.await(t, fmt.Sprintf("payment.id == %q && payment.status == 'declined'", declined.ID))
	if changed := docker(t, "diff", s.container); regexp.MustCompile(`(?m)^[ACD] /(data|tmp|scenarios)/|^[AD] `).MatchString(changed) {
		t.Errorf("it has written outside of its volume: %s", changed)
	}

	began := time.Now()
	docker(t, "stop", "-t", "30", s.container)
	took = time.Since(began)
	t.Logf("stopped in %d ms", took.Milliseconds())
	if code := docker(t, "wait", s.container); code != "0" || took > stopsWithin {
		t.Errorf("it has stopped with exit code %s, after %s:\n%s", code, took, s.log(t))
	}
	docker(t, "rm", s.container)
	again := start(t, options...)
	if p, err := again.demo.Payment(t.Context(), made.ID); err != nil || p.Status != "approved" {
		t.Errorf("the next container on the volume has %+v, %v", p.Status, err)
	}
}

// becameHealthy is how long the engine took to find a container healthy, and the simulator to start in it.
func (s *simulator) becameHealthy(t *testing.T) time.Duration {
	t.Helper()
	times := docker(t, "inspect", "-f", `{{.State.StartedAt}} {{range .State.Health.Log}}{{if not .ExitCode}}{{.End.Format "2006-01-02T15:04:05.999999999Z07:00"}} {{end}}{{end}}`, s.container)
	fields := strings.Fields(times)
	started, err := time.Parse(time.RFC3339Nano, fields[0])
	if err != nil || len(fields) < 2 {
		t.Fatalf("%q: %v", times, err)
	}
	found, err := time.Parse(time.RFC3339Nano, fields[1])
	if err != nil {
		t.Fatal(err)
	}
	return found.Sub(started)
}

// handler is a merchant's webhook handler on this machine.
type handler struct {
	url    string // as containers reach it
	bodies chan string
}

func newHandler(t *testing.T) *handler {
	t.Helper()
	listener, err := net.Listen("tcp", ":0") //nolint:gosec // containers call it
	if err != nil {
		t.Fatal(err)
	}
	h := &handler{bodies: make(chan string, 100)}
	h.url = fmt.Sprintf("http://host.docker.internal:%d/webhooks", listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			h.bodies <- string(body)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return h
}

// await waits for a webhook that has a text.
func (h *handler) await(t *testing.T, text string) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case body := <-h.bodies:
			if strings.Contains(body, text) {
				return
			}
		case <-late:
			t.Fatalf("no webhook with %q has reached this machine", text)
		}
	}
}

// What the deploy notes say of a GitHub Actions service: the image's own check is all that it needs, and a --health-cmd can't work,
// because it runs in a shell, which the image has not.
func TestGitHubService(t *testing.T) {
	text, err := os.ReadFile("../../cmd/mozartosim/deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^ *options: (.*)$`).FindSubmatch(text)
	if found == nil {
		t.Fatal("deploy/README.md has no service with options")
	}
	options := strings.Fields(string(found[1]))
	start(t, options...)
	broken := docker(t, append(append([]string{"create"}, options...), "--health-cmd", "/mozartosim health", "--health-retries", "1", image)...)
	t.Cleanup(func() { docker(t, "rm", "-f", "-v", broken) })
	docker(t, "start", broken)
	follow(t, []string{"events", "--since", "10m", "--filter", "container=" + broken}, "health_status: unhealthy")
}

// TestMemory makes 100,000 payments in a container of 512 MiB that keeps them in memory: it drops what is too much, says so, and lives.
func TestMemory(t *testing.T) {
	s := start(t, "-m", "512m", "--memory-swap", "512m", "-e", "MOZARTOSIM_DATA=", "-e", "MOZARTOSIM_SHOPPER_AFTER=0s")
	atRest := s.memory(t)
	const calls, clients = 100_000, 16
	began := time.Now()
	l := startLoad(s, clients)
	l.await(calls)
	failed := l.stop()
	for _, err := range failed {
		t.Error(err)
	}
	took := time.Since(began)
	last := l.answered[len(l.answered)-1]
	s.await(t, fmt.Sprintf("payment.id == %q && delivery.state == 'delivered'", last))
	metrics, err := s.admin.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dropped := metric(t, metrics, "mozartosim_journal_dropped")
	t.Logf("%d payments in %s; memory at rest %s, then %s of 512MiB, the process %.0f MiB; %.0f dropped", len(l.answered), took.Round(time.Second),
		atRest, s.memory(t), metric(t, metrics, "process_resident_memory_bytes")/(1<<20), dropped)
	if state := docker(t, "inspect", "-f", "{{.State.OOMKilled}} {{.State.Running}} {{.RestartCount}}", s.container); state != "false true 0" {
		t.Errorf("killed for memory, running, restarts: %s", state)
	}
}

// memory is what the engine says a container uses.
func (s *simulator) memory(t *testing.T) string {
	t.Helper()
	used, _, _ := strings.Cut(docker(t, "stats", "--no-stream", "--format", "{{.MemUsage}}", s.container), " ")
	return used
}

// metric is a metric's value.
func metric(t *testing.T, metrics, name string) float64 {
	t.Helper()
	for line := range strings.Lines(metrics) {
		if value, is := strings.CutPrefix(strings.TrimSpace(line), name+" "); is {
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}
