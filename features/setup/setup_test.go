package setup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mozartosim/features/certify"
	"mozartosim/features/target"
	"mozartosim/openapi"
)

// Whatever is answered, the files are read by what they are for: every provider, both kinds of credentials, both CI tools. (The
// command's script checks mozartosim.yaml, which only the simulator reads.)
func TestFilesAreRead(t *testing.T) {
	t.Parallel()
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for _, answers := range []map[string]string{
		{},
		{"psps": strings.Join(contract.PSPs(), " , "), "credentials": "keys", "webhook-url": "https://hooks.shop.example", "shopper": "person", "ci": "github"},
		{"psps": "brite,BRITE", "shop": "https://shop.example/\u00fc", "ci": "gitlab"},
	} {
		dir := t.TempDir()
		files, err := All().Files(answers)
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(dir, files); err != nil {
			t.Fatal(err)
		}
		profile, err := target.ReadProfile(filepath.Join(dir, "contract.yaml"), target.Unset, nil)
		if err != nil || profile.Shopper != answers["shopper"] || profile.WebhookURL != answers["webhook-url"] ||
			profile.CompanyToken+profile.APIKey == "" || len(profile.PSPs) != len(list(answers["psps"])) {
			t.Errorf("%v: %+v, %v", answers, profile, err)
		}
		config, err := certify.ReadFile(filepath.Join(dir, "certify.yaml"))
		if err != nil || len(config.Flows) != len(list(answers["psps"])) {
			t.Errorf("%v: %v", answers, err)
		}
		for _, file := range files {
			y, err := openapi.DecodeYAML(file.Name, []byte(file.Text))
			if err != nil || len(y.Fields) == 0 || strings.Contains(file.Text, "{{") {
				t.Errorf("%s: %v", file.Name, err)
			}
		}
		if last := files[len(files)-1].Name; (answers["ci"] == "none") != (last == "compose.mozartosim.yaml") {
			t.Errorf("%v: the last file is %s", answers, last)
		}
	}
}

// What is wrong is told with its flag, all of it at once, and makes no file.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	files, err := All().Files(map[string]string{
		"company": "Our Shop!", "psps": "PAYONE,TRUTS", "shop": "localhost:3000", "base-url": "https://backend.app.mozarto.io",
		"credentials": "password", "webhook-url": "https://u:pw@x", "shopper": "nobody", "ci": "jenkins",
	})
	if files != nil || err == nil {
		t.Fatalf("%v, %v", files, err)
	}
	for _, want := range []string{
		`--company "Our Shop!" must be small letters`, `--psps "PAYONE,TRUTS" must be a list of: `, "did you mean TRUST", `--shop "localhost:3000" must be an http`,
		`--base-url "https://backend.app.mozarto.io" must not be production`, `--credentials "password" must be one of: token, keys`,
		`--webhook-url "https://u:xxxxx@x" must be`, `--shopper "nobody" must be`, `--ci "jenkins" must be one of: none, github, gitlab`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said of: %v", want, err)
		}
	}
}

// Only what is not known is asked; a wrong answer is asked for again, an empty one is as proposed, and an end makes nothing.
func TestAsk(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	answers := map[string]string{"psps": "TRUST"}
	err := Ask(strings.NewReader("https://sandbox.example\npassword\n keys \n\nperson\n"), &said, Contract().Questions(), answers)
	if err != nil || answers["base-url"] != "https://sandbox.example" || answers["credentials"] != "keys" || answers["webhook-url"] != "" || answers["shopper"] != "person" {
		t.Errorf("%v, %v", answers, err)
	}
	if text := said.String(); strings.Contains(text, "providers that you use") || strings.Count(text, "what you have for it") != 2 ||
		!strings.Contains(text, "it must be one of: token, keys") || !strings.Contains(text, "[https://backend.stg-app.mozarto.io]: ") {
		t.Errorf("said %q", text)
	}
	if err := Ask(strings.NewReader("https://sandbox.example\n"), &said, Contract().Questions(), map[string]string{}); err == nil || !strings.Contains(err.Error(), "nothing is written") {
		t.Errorf("got %v", err)
	}
}

// Nothing is overwritten, and nothing is half written: a file in the way, or a folder that can't be made, leaves nothing behind.
func TestWriteIsAllOrNothing(t *testing.T) {
	t.Parallel()
	files := []File{{"a.yaml", "a"}, {filepath.Join("b", "b.yaml"), "b"}}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	var taken *Taken
	err := Write(dir, []File{files[1], files[0]})
	if !errors.As(err, &taken) || !strings.HasSuffix(taken.Name, "a.yaml") {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "a.yaml")); string(text) != "mine" {
		t.Errorf("it holds %q", text)
	}
	if _, err := os.Stat(filepath.Join(dir, "b")); err == nil {
		t.Error("b is made")
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "b"), nil, 0o600); err != nil { // where a folder must be
		t.Fatal(err)
	}
	if err := Write(dir, files); err == nil {
		t.Error("it is written")
	}
	if _, err := os.Stat(filepath.Join(dir, "a.yaml")); err == nil {
		t.Error("a.yaml is left, though b.yaml could not be written")
	}
}
