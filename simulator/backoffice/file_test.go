package backoffice

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// contracts are loaded once; they are safe for concurrent use.
var contracts = sync.OnceValue(func() Reader {
	cashier, err := openapi.Cashier()
	if err != nil {
		panic(err)
	}
	control, err := openapi.Control()
	if err != nil {
		panic(err)
	}
	return Reader{Cashier: cashier, Control: control}
})

const goodFile = `# two companies
companies:
  - name: demo
    credentials: {apiKey: demo-key, secretKey: 0123456789abcdef}
    billingCurrency: CAD
    seed: 18446744073709551615
    brands:
      - {id: brand-1, name: First}
    psps:
      PAYONE: {accountName: a, apiKey: b, webhookUrl: "http://127.0.0.1:9090/", siteUrl: https://shop.example}
      GIGADAT: {accountName: a, twoDecimals: false}
    rules:
      - psp: PAYONE
      - {psp: GIGADAT, brand: brand-1, active: false}
      - {id: rule-2, psp: PAYONE, active: null}
    users:
      - {userId: user-1, phone: "4165550123", emailVerified: true}
  - name: shard
`

func TestFile(t *testing.T) {
	t.Parallel()
	companies, err := contracts().File("mozartosim.yaml", []byte(goodFile))
	if err != nil || len(companies) != 2 {
		t.Fatalf("%d companies, %v", len(companies), err)
	}
	c := companies[0]
	if c.Name != "demo" || c.Credentials.SecretKey != "0123456789abcdef" || c.Seed != 1<<64-1 || companies[1].Name != "shard" {
		t.Errorf("read %+v", companies)
	}
	if payone, gigadat := c.PSPs["PAYONE"], c.PSPs["GIGADAT"]; payone.Missing() != "" || gigadat.Missing() != "apiKey, secret, campaignId" || gigadat.Flag("twoDecimals", true) {
		t.Errorf("configurations %+v", c.PSPs)
	}
	want := []adminapi.Rule{
		{ID: "rule-1", PSP: "PAYONE", Active: true}, {ID: "rule-3", PSP: "GIGADAT", Brand: "brand-1"}, {ID: "rule-2", PSP: "PAYONE", Active: true},
	}
	for i, r := range c.Rules {
		if r != want[i] {
			t.Errorf("rule %d is %+v, want %+v", i, r, want[i])
		}
	}
	if empty, err := contracts().File("f", []byte("companies: []\n")); err != nil || len(empty) != 0 {
		t.Errorf("no companies: %v, %v", empty, err)
	}
}

// Each error names file, line, column and key, from the file's top to its end, none twice.
func TestFileErrors(t *testing.T) {
	t.Parallel()
	const known = "known are companies, observed"
	psps := strings.Join(contracts().Cashier.PSPs(), ", ")
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "f.yaml:1:1: must be a YAML mapping"},
		{"list", "- a\n", "f.yaml:1:1: must be a YAML mapping"},
		{"syntax", "companies:\n  - name: [\n", "f.yaml:2:1: is not valid YAML: did not find expected node content"},
		{"key twice", "companies:\n  - name: a\n    name: b\n", "f.yaml:3:5: name must not be written twice"},
		{"alias", "companies:\n  - &a {name: a}\n  - *a\n", "f.yaml:3:5: must not use aliases"},
		{"number", "companies:\n  - name: a\n    seed: 0x10\n", "f.yaml:3:11: 0x10 must be a decimal number"},
		{"no companies", "{}\n", "f.yaml:1:1: companies must not be missing"},
		{"misspelt top", "\ncompanys: []\n", "f.yaml:2:1: companies must not be missing\nf.yaml:2:1: companys must not be set: " + known + "; did you mean companies?"},
		{"companies no list", "companies: {name: a}\n", "f.yaml:1:1: companies must be an array"},
		{"company no mapping", "companies:\n  - a\n  - name: b\n  -\n", "f.yaml:2:5: companies.0 must be an object\nf.yaml:4:4: companies.2 must be an object"},
		{"no name", "companies:\n  - seed: 1\n", "f.yaml:2:5: companies.0.name must not be missing"},
		{
			"several", "companies:\n  - name: a/b\n    psps:\n      PAYONE:\n        siteUrl: nowhere\n        apikey: x\n    email: x\n  - {}\nextra: 1\n",
			"f.yaml:2:5: companies.0.name must begin with a letter or a digit and contain only letters, digits, spaces, dots, dashes and underscores\n" +
				"f.yaml:5:9: companies.0.psps.PAYONE.siteUrl must be an http or https URL\n" +
				"f.yaml:6:9: companies.0.psps.PAYONE.apikey must not be set: known are apiKey, siteUrl, currencies, webhookUrl, accountName, webhookSecret, retrySchedule, isWebhookSecured; did you mean apiKey?\n" +
				"f.yaml:7:5: companies.0.email must be a valid email\n" +
				"f.yaml:8:5: companies.1.name must not be missing\n" +
				"f.yaml:9:1: extra must not be set: known are observed, companies",
		},
		{"unknown provider", "companies:\n  - name: a\n    psps:\n      PAYTWO: {}\n", "f.yaml:4:7: companies.0.psps.PAYTWO must be one of: " + psps},
		{"empty provider", "companies:\n  - name: a\n    psps:\n      PAYONE:\n", "f.yaml:4:7: companies.0.psps.PAYONE must be an object"},
		{"nested secret", "companies:\n  - name: a\n    psps:\n      CLEO:\n        cleoApiKey:\n          chileApiKey: 7\n", "f.yaml:6:11: companies.0.psps.CLEO.cleoApiKey.chileApiKey must be a string"},
		{"rule", "companies:\n  - name: a\n    rules:\n      - psp: PAYTWO\n", "f.yaml:4:9: companies.0.rules.0.psp must be one of: " + psps},
		{"rule no mapping", "companies:\n  - name: a\n    rules:\n      - psp: PAYONE\n      - PAYONE\n", "f.yaml:5:9: companies.0.rules.1 must be an object"},
		{"rule twice", "companies:\n  - name: a\n    rules:\n      - {id: x, psp: PAYONE}\n      - {id: x, psp: TRUST}\n", "f.yaml:5:10: companies.0.rules.1.id must not be written twice"},
		{"phone unquoted", "companies:\n  - name: a\n    users:\n      - userId: u\n        phone: 4165550123\n", "f.yaml:5:9: companies.0.users.0.phone must be a string"},
		{"seed too large", "companies:\n  - name: a\n    seed: 18446744073709551616\n", "f.yaml:3:5: companies.0.seed must be a whole number below 2^64, written in digits"},
		{"key with blanks", "companies:\n  - name: a\n    fast lane: 1\n", "f.yaml:3:5: companies.0.fast lane must not be set: known are "},
		{"key with a dot", "companies:\n  - name: a\n    psps:\n      PAYONE: {apiKey.: x}\n", "f.yaml:4:7: companies.0.psps.PAYONE.apiKey. must not be set: known are "},
		{
			"same name", "companies:\n  - {name: a, credentials: {apiKey: k}}\n  - name: a\n    credentials:\n      apiKey: k\n",
			"f.yaml:3:5: companies.1.name must not be that of companies.0 too\nf.yaml:5:7: companies.1.credentials.apiKey must not be that of companies.0 too",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			companies, err := contracts().File("f.yaml", []byte(test.text))
			if err == nil {
				t.Fatalf("accepted: %+v", companies)
			}
			got := err.Error()
			if strings.HasSuffix(test.want, "known are ") {
				got = got[:min(len(got), len(test.want))]
			}
			if got != test.want {
				t.Errorf("says\n%s\nwant\n%s", got, test.want)
			}
			var line *openapi.LineError
			if !errors.As(err, &line) {
				t.Errorf("%T is no *openapi.LineError", err)
			}
		})
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", `"hush": 'hush'`} {
		demo, err := Demo(contracts(), "http://127.0.0.1:9090/", secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range contracts().Cashier.PSPs() {
			psp, err := demo.Route(code, "")
			if err != nil {
				t.Error(err)
			}
			if want := secret != "" && psp.Text(webhookURL) != ""; psp.Secured() != want || want && psp.Text(webhookSecret) != secret {
				t.Errorf("%s with the secret %q: %+v", code, secret, psp)
			}
		}
	}
}

// FuzzFile feeds the configuration file's reader: it never panics, complains only with lines, and the companies that it
// accepts match the contract and read the same again.
func FuzzFile(f *testing.F) {
	f.Add([]byte(goodFile))
	f.Fuzz(func(t *testing.T, text []byte) {
		companies, err := contracts().File("fuzz.yaml", text)
		if err != nil {
			var line *openapi.LineError
			if companies != nil || !errors.As(err, &line) {
				t.Fatalf("%d companies, %T %v", len(companies), err, err)
			}
			return
		}
		for _, c := range companies {
			written, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := openapi.Decode(written)
			if err != nil {
				t.Fatal(err)
			}
			delete(doc.Fields, "created")
			if doc.Object("credentials")["apiKey"] == "" { // drawn when the company is put into a directory
				delete(doc.Object("credentials"), "apiKey")
			}
			if doc.Object("credentials")["secretKey"] == "" {
				delete(doc.Object("credentials"), "secretKey")
			}
			if c.ID == "" {
				delete(doc.Fields, "id")
			}
			if _, err := contracts().Company(doc); err != nil {
				t.Fatalf("%s: %v", written, err)
			}
		}
	})
}

// What a start takes on trust is right: the demo company as the repository has it.
func TestDemoIsRight(t *testing.T) {
	t.Parallel()
	demo, err := Demo(contracts(), InboxURL, "")
	if err != nil {
		t.Fatal(err)
	}
	y, err := openapi.DecodeYAML("demo.yaml", []byte(strings.NewReplacer("$WEBHOOK_URL", InboxURL, "$SITE_URL", ShopURL).Replace(string(demoFile))))
	if err != nil {
		t.Fatal(err)
	}
	checked, err := contracts().Company(y.Document)
	if err != nil || !reflect.DeepEqual(demo, checked) {
		t.Errorf("checked by the contract (%v) the demo company is %+v, a start takes %+v", err, checked, demo)
	}
}
