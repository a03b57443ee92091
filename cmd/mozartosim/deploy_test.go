package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"mozartosim/features/setup"
)

// deployed are the files by which others run the simulator, and what each of them must speak of.
func deployed() map[string][]string {
	return map[string][]string{
		"deploy/gitlab-ci.yaml":                       {"mozartosim health", "mozartosim env"},
		"../../compose.yaml":                          {"host.docker.internal:host-gateway", "/data", "/scenarios", "postgres://", "read_only", "stop_grace_period: 30s"},
		"../../Dockerfile":                            {"FROM scratch", "USER 65532:65532", "VOLUME", "HEALTHCHECK", "/scenarios"},
		"../../compose.dev.yaml":                      {"MOZARTOSIM_WEBHOOK_URL", "profiles: [alone]"},
		"deploy/kubernetes/alone/mozartosim.yaml":     {"runAsNonRoot", "readOnlyRootFilesystem", "terminationGracePeriodSeconds: 30"},
		"deploy/kubernetes/alone/kustomization.yaml":  {"mozartosim.yaml"},
		"deploy/kubernetes/shared/kustomization.yaml": {"../alone", "replicas: 2"},
		"deploy/kubernetes/shared/postgres.yaml":      {"startupProbe", "volumeClaimTemplates"},
		"deploy/Testcontainers.java":                  {"/readyz", "8080", "8081"},
		"deploy/testcontainers.mjs":                   {"/readyz", "8080", "8081"},
	}
}

func TestDeployFilesHoldTogether(t *testing.T) {
	t.Parallel()
	for name, wanted := range deployed() {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkDeployed(t, name, text)
		for _, want := range wanted {
			if !bytes.Contains(text, []byte(want)) {
				t.Errorf("%s does not speak of %s", name, want)
			}
		}
	}
	for _, ci := range []string{"github", "gitlab"} { // what init writes runs the simulator, too
		files, err := setup.All().Files(map[string]string{"ci": ci})
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.Contains(file.Name, "compose") || strings.HasPrefix(file.Name, ".git") {
				checkDeployed(t, strings.Replace(file.Name, ".yml", ".yaml", 1), []byte(file.Text))
			}
		}
	}
	err := filepath.WalkDir("deploy", func(file string, entry fs.DirEntry, err error) error {
		if _, known := deployed()[file]; err == nil && !entry.IsDir() && !known && file != "deploy/README.md" && filepath.Dir(file) != "deploy/testcontainers" { // a module: .ci/test-docker
			t.Errorf("%s is tested by nothing", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkDeployed checks that a file can be read, and that what it sets is a setting.
func checkDeployed(t *testing.T, name string, text []byte) {
	t.Helper()
	flags := newServe().Flags()
	for _, found := range regexp.MustCompile(`MOZARTOSIM_[A-Z_]+`).FindAllString(string(text), -1) {
		flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(found, "MOZARTOSIM_")), "_", "-")
		if flags.Lookup(flag) == nil && flag != "admin-url" && flag != "image" && flag != "flags" {
			t.Errorf("%s sets %s, and serve has no --%s", name, found, flag)
		}
	}
	if err := parses(name, text); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// Each probe says how long an answer may take and how many may be missed: longer than the simulator takes to find out.
func TestProbesHaveBounds(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("deploy/kubernetes/alone/mozartosim.yaml")
	if err != nil {
		t.Fatal(err)
	}
	probes := regexp.MustCompile(`(?m)^ *(startup|readiness|liveness)Probe: .*$`).FindAllString(string(text), -1)
	if len(probes) != 3 {
		t.Errorf("probes are %q", probes)
	}
	for _, probe := range probes {
		path := "/healthz"
		if strings.Contains(probe, "readinessProbe") {
			path = "/readyz"
		}
		for _, want := range []string{"path: " + path + ",", "timeoutSeconds: ", "failureThreshold: "} {
			if !strings.Contains(probe, want) {
				t.Errorf("%s has no %s", probe, want)
			}
		}
	}
}

// parses reads a file as what it is, as far as that can be done without its own tools.
func parses(name string, text []byte) error {
	switch filepath.Ext(name) {
	case ".yaml":
		for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
			var doc map[string]any
			if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			if len(doc) == 0 {
				return errors.New("an empty document")
			}
		}
	case ".java", ".mjs":
		return balanced(string(text))
	}
	return instructions(string(text))
}

// balanced checks brackets outside of strings and line comments.
func balanced(text string) error {
	quoted := regexp.MustCompile("(?s)\"(\\\\.|[^\"\\\\\n])*\"|'(\\\\.|[^'\\\\\n])*'|`[^`]*`|//[^\n]*")
	var open []rune
	for _, c := range quoted.ReplaceAllString(text, "") {
		switch c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) == 0 || !slices.Contains([]string{"()", "[]", "{}"}, string(open[len(open)-1])+string(c)) {
				return errors.New("its brackets do not match")
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return errors.New("a bracket is left open")
	}
	return nil
}

// instructions checks that every line of a Dockerfile begins with an instruction, and that it ends as it must.
func instructions(text string) error {
	text = strings.ReplaceAll(text, "\\\n", " ")
	known := []string{"FROM", "WORKDIR", "COPY", "RUN", "ARG", "ENV", "USER", "EXPOSE", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
	for line := range strings.Lines(text) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word != "" && !strings.HasPrefix(word, "#") && !slices.Contains(known, word) {
			return errors.New("no instruction: " + strings.TrimSpace(line))
		}
	}
	return nil
}
