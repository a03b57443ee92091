package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	}))
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
		"apiKey: 12\nshopper: somebody":      {":1:1: apiKey must be a string", ":2:1: shopper must be none, or person"},
		"secretKey: ${NOBODY_SET_THIS}":      {":1:1: secretKey must not name the variable NOBODY_SET_THIS, which is not set"},
		"patience: 10":                       {"patience must be a duration such as 30s"},
		"callsPerSecond: 0":                  {"callsPerSecond must be at least 0.01"},
		"psps: [PAYPAL]":                     {"psps.0 must be one of: FORUMPAY"},
		"psps: [PAYONE, worldpay]":           {":1:16: psps.1 must be one of: FORUMPAY, ", "; did you mean WORLDPAY_EU?"},
		"psps: PAYONE":                       {"psps must be a list of providers"},
		"users: []":                          {"users must have at least 1 entry"},
		"users: [{userId: u}]":               {"users.0.email must not be missing"},
		"a: b: c":                            {":1:", "YAML"},
		"apiKey: a-key\napiKey: another-key": {":2:1", "apiKey"},
	} {
		file := written(t, text)
		_, err := ReadProfile(file, environment(nil))
		for _, part := range says {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: got %v, want %q", text, err, part)
			}
		}
	}
	if _, err := ReadProfile("", environment(map[string]string{EnvPrefix + "PSPS": "PAYONE,NOBODY"})); err == nil || !strings.Contains(err.Error(), EnvPrefix+"PSPS must be") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadProfile("no-such-file.yaml", environment(nil)); err == nil {
		t.Error("a file that isn't there was read")
	}
}

// The sample can be read as it is, and names what must be in the environment.
func TestSample(t *testing.T) {
	t.Parallel()
	p, err := ReadProfile(written(t, SampleProfile()), environment(map[string]string{"MOZARTO_COMPANY_TOKEN": "a-company-token"}))
	if err != nil || p.CompanyToken != "a-company-token" || len(p.Users) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	p, err := ReadProfile(written(t, "psps: [TRUST]"), environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Remote(p, false); err == nil || !strings.Contains(err.Error(), "MOZARTOSIM_CONTRACT_COMPANY_TOKEN") {
		t.Errorf("got %v", err)
	}
}
