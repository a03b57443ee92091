package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mozartosim/features/steps"

	"github.com/google/go-cmp/cmp"
)

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, ok := values[name]; return value, ok }
}

func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestProfile(t *testing.T) {
	t.Parallel()
	file := written(t, `
baseUrl: https://sandbox.example
apiKey: ${SHOP_KEY}
secretKey: from-the-file-it-is
psps: [PAYONE, TRUST]
users:
  - {userId: u-1, email: jane@example.com, firstName: Jane, lastName: Doe, phone: "4165550123", countryCode: CA}
webhookUrl: https://hooks.example
callsPerSecond: 0.5
patience: 3m
shopper: person
`)
	got, err := ReadProfile(file, environment(map[string]string{
		"SHOP_KEY": "key-of-the-shop", EnvPrefix + "SECRET_KEY": "from-the-environment", EnvPrefix + "QUIET": "5s", EnvPrefix + "LISTEN": ":9090",
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Profile{
		BaseURL: "https://sandbox.example", APIKey: "key-of-the-shop", SecretKey: "from-the-environment", PSPs: []string{"PAYONE", "TRUST"},
		Users:      []map[string]any{{"userId": "u-1", "email": "jane@example.com", "firstName": "Jane", "lastName": "Doe", "phone": "4165550123", "countryCode": "CA"}},
		WebhookURL: "https://hooks.example", Listen: ":9090", Shopper: "person", WebhookCheck: true, CallsPerSecond: 0.5, Patience: 3 * time.Minute, Quiet: 5 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
}

// Whatever is wrong in a profile is said with its place, all of it at once.
func TestWrongProfiles(t *testing.T) {
	t.Parallel()
	for text, says := range map[string][]string{
		"baseURL: https://x":                 {":1:1: baseURL must not be set: known are baseUrl,"},
		"apiKey: 12\nshopper: somebody":      {":1:1: apiKey must be a string", ":2:1: shopper must be none, person when"},
		"secretKey: ${NOBODY_SET_THIS}":      {":1:1: secretKey must not name the variable NOBODY_SET_THIS, which is not set"},
		"patience: 10":                       {"patience must be a duration such as 30s"},
		"callsPerSecond: -1":                 {"callsPerSecond must be at least 0"},
		"psps: [PAYPAL]":                     {"psps.0 must be one of: FORUMPAY"},
		"psps: [PAYONE, worldpay]":           {":1:16: psps.1 must be one of: FORUMPAY, ", "; did you mean WORLDPAY_EU?"},
		"psps: PAYONE":                       {"psps must be a list of providers"},
		"users: []":                          {"users must have at least 1 entry"},
		"users: [{userId: u}]":               {"users.0.email must not be missing"},
		"a: b: c":                            {":1:", "YAML"},
		"apiKey: a-key\napiKey: another-key": {":2:1", "apiKey"},
	} {
		file := written(t, text)
		_, err := ReadProfile(file, environment(nil), nil)
		for _, part := range says {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: got %v, want %q", text, err, part)
			}
		}
	}
	if _, err := ReadProfile("", environment(map[string]string{EnvPrefix + "PSPS": "PAYONE,NOBODY"}), nil); err == nil || !strings.Contains(err.Error(), EnvPrefix+"PSPS must be") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadProfile("no-such-file.yaml", environment(nil), nil); err == nil {
		t.Error("a file that isn't there was read")
	}
}

// Flags go before the environment, and that before the file; a target on this machine is called as fast as it answers unless asked.
func TestPace(t *testing.T) {
	t.Parallel()
	file := written(t, "baseUrl: http://127.0.0.1:8080\nquiet: 7s")
	p, err := ReadProfile(file, environment(nil), nil)
	if err != nil || p.CallsPerSecond != 0 || p.Patience != localPatience || p.Quiet != 7*time.Second {
		t.Errorf("on this machine: %+v, %v", p, err)
	}
	p, err = ReadProfile(file, environment(map[string]string{EnvPrefix + "CALLS_PER_SECOND": "3", EnvPrefix + "PATIENCE": "4m"}),
		map[string]string{"--calls-per-second": "5", "--shopper": "simulated", "--base-url": "https://sandbox.example"})
	if err != nil || p.CallsPerSecond != 5 || p.Patience != 4*time.Minute || p.Shopper != "simulated" || p.BaseURL != "https://sandbox.example" {
		t.Errorf("with flags: %+v, %v", p, err)
	}
	if p, err = ReadProfile("", environment(nil), nil); err != nil || p.CallsPerSecond != defaultCallsPerSecond || p.Quiet != defaultQuiet {
		t.Errorf("the Sandbox: %+v, %v", p, err)
	}
	if _, err := ReadProfile("", environment(nil), map[string]string{"--patience": "soon"}); err == nil || !strings.Contains(err.Error(), "--patience must be a duration") {
		t.Errorf("a wrong flag: %v", err)
	}
}

// Where the target pays by itself, scenarios with a shopper are run.
func TestSimulatedShopper(t *testing.T) {
	t.Parallel()
	for shopper, runs := range map[string]bool{"none": false, "person": true, "simulated": true} {
		target, err := Remote(Profile{BaseURL: "http://127.0.0.1:1", CompanyToken: "a-company-token", Shopper: shopper}, false)
		if err != nil {
			t.Fatal(err)
		}
		if lacks := target.Lacks(steps.NeedsShopper, []string{"@sandbox"}, ""); (lacks == "") != runs {
			t.Errorf("shopper %s: %s", shopper, lacks)
		}
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	p, err := ReadProfile(written(t, "psps: [TRUST]"), environment(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Remote(p, false); err == nil || !strings.Contains(err.Error(), "MOZARTOSIM_CONTRACT_COMPANY_TOKEN") {
		t.Errorf("got %v", err)
	}
}
