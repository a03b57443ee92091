package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/simtest"
)

// TestMain lets the scripts of testdata call this program, and two small helpers: jwt decodes a token from its standard
// input, curl is as much of curl as `contract show --curl` uses.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mozartosim": main, "jwt": decodeToken, "curl": smallCurl})
}

// TestScripts runs the command lines of testdata against one running simulator ($URL, $ADMIN) and against a server that is
// no admin API ($BAD).
func TestScripts(t *testing.T) {
	t.Parallel()
	s := startSimulator(t)
	bad := httptest.NewServer(http.HandlerFunc(badAdmin))
	t.Cleanup(bad.Close)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("URL", s.PublicURL())
			env.Setenv("ADMIN", s.AdminURL())
			env.Setenv("BAD", bad.URL)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each program waits a second at its end under -race
			return os.CopyFS(filepath.Join(env.WorkDir, "checkout", "openapi"), openapi.Sources())
		},
	})
}

// TestLive runs the scripts of testdata/live, each against a simulator of its own with a manual clock at noon of June 1st
// 2026. keep NAME PATTERN sets a variable to what the pattern's group matches in the last output.
func TestLive(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/live",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"keep": keep},
		Setup: func(env *testscript.Env) error {
			s := startSimulator(t, func(config *simulator.Config) {
				config.Clock, config.ClockStart = clock.Manual, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
			})
			env.Setenv("MOZARTOSIM_URL", s.PublicURL())
			env.Setenv("MOZARTOSIM_ADMIN_URL", s.AdminURL())
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
	})
}

func keep(ts *testscript.TestScript, not bool, args []string) {
	if not || len(args) != 2 {
		ts.Fatalf("usage: keep NAME PATTERN")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	found := pattern.FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("the output has nothing like %s", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// startSimulator starts a simulator of seed 42 on a real clock.
func startSimulator(t *testing.T, changes ...func(*simulator.Config)) *simulator.Simulator {
	t.Helper()
	return simtest.Start(t, simtest.Config(func(config *simulator.Config) {
		config.Seed, config.Clock, config.ClockStart = 42, clock.Real, time.Time{}
		for _, change := range changes {
			change(config)
		}
	})).Simulator
}

// badAdmin answers by the name of the company that it is asked for.
func badAdmin(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/v1/companies/")
	switch {
	case name == "closed" && r.Header.Get("Authorization") != "Bearer let-me-in":
		w.WriteHeader(http.StatusUnauthorized)
	case name == "closed":
		fmt.Fprint(w, `{"name": "closed", "credentials": {"apiKey": "key-of-closed", "secretKey": "secret"}}`)
	case name == "masked":
		fmt.Fprint(w, `{"name": "masked", "credentials": {"apiKey": "key", "secretKey": ""}}`)
	case name == "html":
		fmt.Fprint(w, `<html>`)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// decodeToken prints a JWT's header and claims, one line each, and whether it has a signature.
func decodeToken() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	parts := strings.Split(strings.TrimSuffix(string(text), "\n"), ".")
	for _, part := range parts[:2] {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(raw))
	}
	fmt.Printf("signature %t\n", parts[2] != "")
}

// smallCurl knows what snippet.Call.Curl writes of a POST.
func smallCurl() {
	args := os.Args[1:]
	var url, body string
	header := http.Header{}
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-sS":
		case "-X":
			i++
		case "-H":
			i++
			name, value, _ := strings.Cut(args[i], ": ")
			header.Set(name, value)
		case "--data-raw":
			i++
			body = args[i]
		default:
			url = args[i]
		}
	}
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header = header
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.StatusCode)
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		panic(err)
	}
}

// TestRunTellsWrongUseFromFailure pins the exit codes.
func TestRunTellsWrongUseFromFailure(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args string
		code int
	}{
		{"version", 0},
		{"", 0},
		{"help", 0},
		{"help contract run", 0},
		{"help bogus", 2},
		{"help contract bogus", 2},
		{"payments --status foo", 2},
		{"payments --limit 0", 2},
		{"deliveries --limit 501", 2},
		{"outage PAYONE slow", 2},
		{"clock set scaled 3", 2},
		{"data import f.db all.jsonl", 2},
		{"contract show PAYONE PAYIN --request", 0},
		{"contract show PAYONE", 2},
		{"contract show NOBODY PAYIN", 2},
		{"generate PAYONE PAYIN --n 0", 2},
		{"health --url http://127.0.0.1:1", 1},
		{"health --url nowhere", 2},
		{"token company --config /does/not/exist", 1},
		{"version --colour", 2},
		{"versoin", 2},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			var out, errOut bytes.Buffer
			if code := run(context.Background(), strings.Fields(test.args), &out, &errOut); code != test.code {
				t.Errorf("code %d, want %d; it said: %s", code, test.code, errOut.String())
			}
			if said := errOut.String(); test.code != 0 && (strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "mozartosim: ")) {
				t.Errorf("an error must be one line: %q", said)
			}
		})
	}
}

// everyCommand calls f with each command that is listed.
func everyCommand(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			everyCommand(sub, f)
		}
	}
}

// misspellings of a word: its last letter is left out, two are swapped, one is put in.
func misspellings(word string) []string {
	at := len(word) / 2
	return []string{word[:len(word)-1], word[:at-1] + word[at:at+1] + word[at-1:at] + word[at+1:], word[:at] + "q" + word[at:]}
}

// A misspelt verb or flag is told the right one, whatever the verb; nonsense is told none.
func TestVerbsAndFlagsAreSuggested(t *testing.T) {
	t.Parallel()
	root, verbs, flags := newRoot(), 0, 0
	suggests := func(err error, wrong, right string) {
		t.Helper()
		if err == nil || right != "" && !strings.Contains(err.Error(), "did you mean "+right) && !strings.Contains(err.Error(), " or "+right) {
			t.Errorf("%q is told %v, want %s", wrong, err, right)
		}
		if right == "" && strings.Contains(err.Error(), "did you mean") {
			t.Errorf("%q is told %v", wrong, err)
		}
	}
	everyCommand(root, func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				verbs++
				for _, wrong := range misspellings(sub.Name()) {
					if found, _, err := cmd.Find([]string{wrong}); err == nil && found != cmd {
						continue // another command or an alias
					}
					suggests(cmd.ValidateArgs([]string{wrong}), cmd.CommandPath()+" "+wrong, sub.Name())
				}
				if err := cmd.ValidateArgs([]string{"qqqqqq"}); err != nil { // else it is an id
					suggests(err, cmd.CommandPath()+" qqqqqq", "")
				}
			}
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			flags++
			if len(f.Name) == 1 {
				return
			}
			for _, wrong := range misspellings(f.Name) {
				if cmd.Flags().Lookup(wrong) == nil {
					suggests(cmd.FlagErrorFunc()(cmd, cmd.Flags().Parse([]string{"--" + wrong})), cmd.CommandPath()+" --"+wrong, "--"+f.Name)
				}
			}
		})
		suggests(cmd.FlagErrorFunc()(cmd, cmd.Flags().Parse([]string{"--qqqqqq"})), cmd.CommandPath()+" --qqqqqq", "")
	})
	if verbs < 30 || flags < 100 {
		t.Errorf("only %d verbs, %d flags", verbs, flags)
	}
}

// An error names the program once, whichever verb has too many arguments or too few.
func TestErrorsNameTheProgramOnce(t *testing.T) {
	t.Parallel()
	refused := 0
	everyCommand(newRoot(), func(cmd *cobra.Command) {
		for _, args := range [][]string{nil, strings.Fields("a b c d e f g h i j")} {
			err := cmd.ValidateArgs(args)
			if err == nil {
				continue
			}
			refused++
			var said strings.Builder
			failed(&said, err)
			if strings.HasPrefix(said.String(), "mozartosim: mozartosim") || !strings.HasPrefix(said.String(), "mozartosim: ") {
				t.Errorf("%s", &said)
			}
		}
	})
	if refused < 40 {
		t.Errorf("only %d were refused", refused)
	}
}

// The first lines show a generated admin token, without which nobody gets in, but not a configured one.
func TestWelcome(t *testing.T) {
	t.Parallel()
	const configured = "a configured admin token"
	var out strings.Builder
	s := startSimulator(t, func(c *simulator.Config) { c.AdminToken = configured })
	if err := welcome(&out, s, true); err != nil || strings.Contains(out.String(), configured) || !strings.Contains(out.String(), "/login?code=") {
		t.Errorf("%v: %s", err, &out)
	}
	if err := welcome(&out, s, false); err != nil || !strings.Contains(out.String(), "Admin token  "+configured) {
		t.Errorf("%v: %s", err, &out)
	}
}

// A handler that wants a secret refuses webhooks without one: doctor says so, and what to do. A port that is taken leads to doctor.
func TestDoctorFindsRefusedWebhooks(t *testing.T) {
	t.Parallel()
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(handler.Close)
	s := startSimulator(t, func(c *simulator.Config) { c.WebhookURL, c.Clock = handler.URL, clock.Manual })
	says := func(arguments ...string) string {
		var out, errOut strings.Builder
		run(t.Context(), arguments, &out, &errOut)
		return out.String() + errOut.String()
	}
	says("trigger", "PAYONE", "approve", "--admin-url", s.AdminURL(), "--url", s.PublicURL())
	says("clock", "advance", "1s", "--admin-url", s.AdminURL())
	got := says("doctor", "--public-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--admin-url", s.AdminURL())
	if !regexp.MustCompile(`WARNING +webhooks of demo +` + handler.URL + ` answered 401 to PAYONE's newest webhook.*carry no secret\n.*--webhook-secret SECRET`).MatchString(got) {
		t.Errorf("got %s", got)
	}
	taken := strings.TrimPrefix(s.PublicURL(), "http://")
	got = says("doctor", "--public-addr", strings.TrimPrefix(handler.URL, "http://"), "--admin-addr", "127.0.0.1:0", "--admin-url", s.AdminURL())
	if !strings.Contains(got, "and not by the simulator that answers at "+s.AdminURL()+": that one has "+s.PublicURL()) {
		t.Errorf("got %s", got)
	}
	got = says("serve", "--public-addr", taken, "--admin-addr", "127.0.0.1:0")
	if !strings.Contains(got, "public-addr: listen tcp "+taken) || !strings.Contains(got, "set --public-addr and --admin-addr to free ports") || !strings.Contains(got, "mozartosim doctor") {
		t.Errorf("got %s", got)
	}
}

// A trigger that is refused leads to its call, and that to the reason.
func TestRefusedTrigger(t *testing.T) {
	t.Parallel()
	s := startSimulator(t)
	company := adminapi.New(s.AdminURL(), s.AdminToken()).Company("demo").BackOffice()
	if _, err := company.PutPSP(t.Context(), "PAYONE", map[string]any{"apiKey": "k"}); err != nil {
		t.Fatal(err)
	}
	var out, refused, why strings.Builder
	run(t.Context(), []string{"trigger", "PAYONE", "--admin-url", s.AdminURL(), "--url", s.PublicURL()}, &out, &refused)
	hint := regexp.MustCompile(`no payment was made: .*PSP Configuration not found.*; why: mozartosim (requests \S+)\n`).FindStringSubmatch(refused.String())
	if hint == nil {
		t.Fatalf("got %s", &refused)
	}
	run(t.Context(), append(strings.Fields(hint[1]), "--admin-url", s.AdminURL()), &why, &refused)
	if !strings.Contains(why.String(), "accountName") {
		t.Errorf("%s says %s", hint[1], &why)
	}
}

// Beside a running simulator, doctor says where that one sends its webhooks: by --webhook-url, or by what the admin API has changed.
func TestDoctorReadsTheRunningSimulator(t *testing.T) {
	t.Parallel()
	handler := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(handler.Close)
	s := startSimulator(t, func(c *simulator.Config) { c.WebhookURL = handler.URL + "/hook" })
	says := func() string {
		var out, errOut strings.Builder
		run(t.Context(), []string{"doctor", "--public-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--admin-url", s.AdminURL()}, &out, &errOut)
		return out.String() + errOut.String()
	}
	if got := says(); !strings.Contains(got, "PAYONE") || !strings.Contains(got, handler.URL+"/hook answers") || strings.Contains(got, "all go to the built-in inbox") {
		t.Errorf("got %s", got)
	}
	company := adminapi.New(s.AdminURL(), s.AdminToken()).Company("demo").BackOffice()
	if _, err := company.PutPSP(t.Context(), "PAYONE", map[string]any{"apiKey": "k", "accountName": "a", "siteUrl": "https://shop.example", "webhookUrl": "http://127.0.0.1:1/gone"}); err != nil {
		t.Fatal(err)
	}
	if got := says(); !regexp.MustCompile(`PROBLEM +webhooks of demo +PAYONE: .*http://127.0.0.1:1/gone`).MatchString(got) {
		t.Errorf("got %s", got)
	}
}
