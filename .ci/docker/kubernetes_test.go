package docker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// pod is what .ci/kubernetes says of a pod.
type pod struct {
	Name, Image   string
	Options, Exec []string
	Paths         map[string]string
	Replicas      int
}

// The kustomizations are built and read by Kubernetes's own types, and their pods run as they say: user, read-only root, limits,
// volumes, secrets, and probes that are answered. There is no cluster here: what schedules them and routes to them is not tested.
func TestKubernetes(t *testing.T) {
	for _, dir := range []string{"alone", "shared"} {
		t.Run(dir, func(t *testing.T) {
			var pods []pod
			text := command(t, root, os.Getenv("MOZARTOSIM_KUBERNETES"), "cmd/mozartosim/deploy/kubernetes/"+dir)
			if err := json.Unmarshal([]byte(text), &pods); err != nil {
				t.Fatal(err)
			}
			network := docker(t, "network", "create", fmt.Sprintf("mozartosim-kubernetes-%d", os.Getpid()))
			t.Cleanup(func() { docker(t, "network", "rm", network) })
			slices.SortFunc(pods, func(a, b pod) int { return -strings.Compare(a.Name, b.Name) }) // the database first
			for _, p := range pods {
				for range p.Replicas {
					p.run(t, network)
				}
			}
		})
	}
}

// run starts a pod in a network and asks its probes.
func (p pod) run(t *testing.T, network string) {
	t.Helper()
	options := slices.Concat(p.Options, []string{"--network", network, "--network-alias", p.Name})
	if p.Exec != nil {
		s := &simulator{container: docker(t, slices.Concat([]string{"create", "--health-cmd", strings.Join(p.Exec, " "), "--health-interval", "1s", "--health-retries", "60"}, options, []string{p.Image})...)}
		t.Cleanup(func() { docker(t, "rm", "-f", "-v", s.container) })
		docker(t, "start", s.container)
		s.healthy(t)
		return
	}
	s := start(t, options...)
	s.mustPay(t, "order-1")
	for path, port := range p.Paths {
		answer, err := http.Get("http://" + docker(t, "port", s.container, port) + path)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusOK {
			t.Errorf("%s is answered %s", path, answer.Status)
		}
	}
}
