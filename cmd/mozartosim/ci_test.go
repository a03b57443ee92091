package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// action is what a composite GitHub Action says.
type action struct {
	Inputs  map[string]struct{ Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Steps []struct {
			ID, Run string
			Env     map[string]string
		}
	}
}

// call is what a job does after the steps: with what they gave it, it makes a payment.
const call = `
curl -sSf "$MOZARTO_CASHIER_URL" -H "Authorization: Bearer $MOZARTO_COMPANY_TOKEN" -H "x-user-token: Bearer $MOZARTO_USER_TOKEN" \
  -H 'Content-Type: application/json' -d "$BODY" | grep '"isSuccess":true'
curl -sSf "$MOZARTOSIM_ADMIN_URL/v1/companies/$MOZARTOSIM_COMPANY/payments" | grep '"psp":"TRUST"'
kill "$server"
wait "$server"
`

// job runs what a runner would run, in bash as it does, in a folder of its own; mozartosim is this program. It returns what was said.
func job(t *testing.T, dir, script string, environment ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir = dir
	admin := freeAddress(t)
	cmd.Env = append(withoutSmallCurl(os.Environ(), t.TempDir()), "GORACE=atexit_sleep_ms=0",
		`BODY={"pspType":"TRUST","type":"PAYIN","baseamount":12.5,"currency":"GBP","userId":52211}`,
		"MOZARTOSIM_PUBLIC_ADDR="+freeAddress(t), "MOZARTOSIM_ADMIN_ADDR="+admin, "MOZARTOSIM_ADMIN_URL=http://"+admin)
	cmd.Env = append(cmd.Env, environment...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// freeAddress is one of loopback at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// The steps of the GitHub Action start a simulator, wait for it, and give what a payment needs to the steps after it.
func TestGitHubAction(t *testing.T) {
	t.Parallel()
	var a action
	readYAML(t, "../../.github/actions/mozartosim/action.yml", &a)
	step := a.Runs.Steps[len(a.Runs.Steps)-1]
	dir := t.TempDir()
	environment := []string{"RUNNER_TEMP=" + dir, "GITHUB_ENV=" + filepath.Join(dir, "env"), "GITHUB_OUTPUT=" + filepath.Join(dir, "output")}
	inputs := map[string]string{"binary": "mozartosim", "company": "demo", "flags": "--clock manual"}
	for name, value := range step.Env { // all of them are inputs
		input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
		if _, declared := a.Inputs[input]; !declared {
			t.Errorf("%s is %s, which is no input", name, value)
		}
		environment = append(environment, name+"="+inputs[input])
	}
	if out, err := job(t, dir, step.Run+"set -a; . \"$GITHUB_ENV\"; set +a"+call, environment...); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	given, err := os.ReadFile(filepath.Join(dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	for name, output := range a.Outputs {
		variable := strings.TrimSuffix(strings.TrimPrefix(output.Value, "${{ steps."+step.ID+".outputs."), " }}")
		if !regexp.MustCompile("(?m)^" + variable + "=.+$").Match(given) {
			t.Errorf("the output %s is %s, which the step does not give:\n%s", name, output.Value, given)
		}
	}
	out, err := job(t, dir, step.Run, append(environment, "FLAGS=--clock sundial")...)
	if err == nil || !strings.Contains(out, "sundial") || !strings.Contains(out, "::error::the simulator is not ready") {
		t.Errorf("a wrong flag ends with %v:\n%s", err, out)
	}
}

// The same of the GitLab template, whose variables are for the jobs after it, too.
func TestGitLabTemplate(t *testing.T) {
	t.Parallel()
	var templates map[string]struct {
		Variables    map[string]string
		BeforeScript []string `yaml:"before_script"`
		Artifacts    struct{ Reports map[string]string }
	}
	readYAML(t, "deploy/gitlab-ci.yaml", &templates)
	of := templates[".mozartosim"]
	dir := t.TempDir()
	out, err := job(t, dir, strings.Join(of.BeforeScript, "\n")+call, "MOZARTOSIM_FLAGS="+of.Variables["MOZARTOSIM_FLAGS"])
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	given, err := os.ReadFile(filepath.Join(dir, of.Artifacts.Reports["dotenv"]))
	if err != nil || !strings.Contains(string(given), "MOZARTO_USER_TOKEN=ey") {
		t.Errorf("%v: %s", err, given)
	}
}
