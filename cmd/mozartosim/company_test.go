package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
)

// TestFirstCompany makes sure that every verb means the first company where none is named, and insists on no name.
func TestFirstCompany(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "companies.yaml")
	if err := os.WriteFile(file, []byte("companies:\n  - name: Acme\n  - name: Zenith\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startSimulator(t, func(config *simulator.Config) { config.ConfigFile = file })
	said := func(args ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		if code := run(context.Background(), args, &out, &errOut); code != 0 {
			t.Fatalf("%v: code %d: %s", args, code, errOut.String())
		}
		return out.String()
	}
	want := said("token", "company", "--config", file, "--seed", "42")
	for _, args := range [][]string{
		{"token", "company", "--admin-url", s.AdminURL()},
		{"token", "company", "--admin-url", s.AdminURL(), "--company", "Acme"},
		{"token", "company", "--config", file, "--seed", "42", "--company", "Acme"},
	} {
		if got := said(args...); got != want {
			t.Errorf("%v: %s, want %s", args, got, want)
		}
	}
	if line := said("contract", "show", "PAYONE", "PAYIN", "--curl", "--admin-url", s.AdminURL()); !strings.Contains(line, strings.TrimSpace(want)) {
		t.Errorf("the line has another company's token: %s", line)
	}
	if text := said("clock", "--admin-url", s.AdminURL()); !strings.Contains(text, "real") {
		t.Errorf("the clock of nobody: %s", text)
	}
}

// TestHintOnce makes sure that what a container's client adds to each attempt is shown with the last.
func TestHintOnce(t *testing.T) {
	t.Parallel()
	const failed = "connection refused (from inside a container localhost is the container itself: try http://host.docker.internal:1)"
	var d adminapi.Delivery
	for n := range 3 {
		d.Attempts = append(d.Attempts, adminapi.Attempt{N: n + 1, Error: failed, State: "retrying", Next: time.Unix(0, 0)})
	}
	var out strings.Builder
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	writeDelivery(&cli.Call{Output: cli.To(cmd)}, d)
	_, last, _ := strings.Cut(out.String(), "Attempt 3: ")
	if strings.Count(out.String(), "container localhost") != 1 || !strings.HasPrefix(last, failed) {
		t.Error(out.String())
	}
	if strings.Count(out.String(), "connection refused") != 3 {
		t.Error(out.String())
	}
}

// TestRelease is not parallel: it sets what the linker sets.
func TestRelease(t *testing.T) {
	before := release
	t.Cleanup(func() { release = before })
	if release = "v9.8.7"; version() != "v9.8.7" {
		t.Error(version())
	}
	if release = ""; version() == "" {
		t.Error("no version without a release")
	}
}
