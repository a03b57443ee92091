package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mozartosim/features/merchants"
	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/merchant"
)

// certifying starts a sample shop that calls a running simulator, and writes the configuration that certifies it.
func certifying(t *testing.T, build func(merchants.Config) http.Handler) (file string) {
	t.Helper()
	s := startSimulator(t, func(*simulator.Config) {})
	company, _ := s.Company("")
	by, err := merchant.Tokens(company)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	shop := httptest.NewServer(build(merchants.Config{
		CashierURL: s.PublicURL(), CompanyToken: by.Company, Secret: "a-secret-of-the-shop", Client: &http.Client{Transport: transport},
	}))
	t.Cleanup(shop.Close)
	sample, err := os.ReadFile("../../features/merchants/certify.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(sample), "http://127.0.0.1:3000", shop.URL)
	text = strings.Replace(text, `{listen: "127.0.0.1:8080"}`, fmt.Sprintf("{url: %s, admin: %s}", s.PublicURL(), s.AdminURL()), 1)
	text = strings.Replace(text, "slowAnswer: 1s", "slowAnswer: 20ms", 1)
	file = filepath.Join(t.TempDir(), "certify.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The exit code is 0 for full marks, 1 when a check failed, 2 when it could not be run; every format works.
func TestCertify(t *testing.T) {
	t.Parallel()
	correct := certifying(t, merchants.Correct)
	naive := certifying(t, func(c merchants.Config) http.Handler {
		return merchants.Naive(c, merchants.Mistakes{IgnoresSecret: true})
	})
	dir := t.TempDir()
	for _, c := range []struct {
		args           []string
		code           int
		out, errOutput string
	}{
		{[]string{"--config", correct}, 0, "the sample shop: full marks", ""},
		{[]string{"--config", correct, "--capability", "idempotency", "--format", "pretty", "--format", "junit:" + dir + "/c.xml"}, 0, "✓ duplicate", "full marks, 60 of 60"},
		{[]string{"--config", naive, "--capability", "authenticity"}, 1, "✗ wrong-secret", "no full marks"},
		{[]string{"--config", naive, "--capability", "singing"}, 2, "", `there is no capability "singing"`},
		{[]string{"--config", "nowhere.yaml"}, 2, "", "nowhere.yaml"},
		{[]string{"--config", correct, "--format", "cake"}, 2, "", `--format "cake"`},
		{[]string{"--list"}, 0, "duplicate-at-once", ""},
	} {
		var out, errOut bytes.Buffer
		code := run(t.Context(), append([]string{"certify"}, c.args...), &out, &errOut)
		if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errOut.String(), c.errOutput) {
			t.Errorf("%v: %d\n%s\n%s", c.args, code, &out, &errOut)
		}
	}
	if text, err := os.ReadFile(dir + "/c.xml"); err != nil || !bytes.Contains(text, []byte("<testsuite")) {
		t.Errorf("%s %v", text, err)
	}
}

// A call through `record` is answered as without it, and is in the folder afterwards.
func TestRecord(t *testing.T) {
	t.Parallel()
	s := startSimulator(t)
	dir := filepath.Join(t.TempDir(), "recordings")
	ctx, stop := context.WithCancel(t.Context())
	read, written := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"record", "--upstream", s.PublicURL(), "--to", dir, "--listen", "127.0.0.1:0"}, written, io.Discard)
	}()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(line, "http://")
	address, _, _ := strings.Cut(rest, ":")
	port, _, _ := strings.Cut(strings.TrimPrefix(rest, address+":"), ":")
	client := &http.Client{Transport: &http.Transport{}}
	answer, err := client.Post("http://"+net.JoinHostPort(address, port)+openapi.CashierPath, "application/json", strings.NewReader(`{"pspType":"PAYONE"}`))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	client.CloseIdleConnections()
	stop()
	if code := <-done; code != 0 || answer.StatusCode != http.StatusUnauthorized || !bytes.Contains(text, []byte("Unauthorized")) {
		t.Errorf("%d %d %s", code, answer.StatusCode, text)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "0001-payone-401.json")); len(files) != 1 {
		t.Errorf("%v", files)
	}
}
