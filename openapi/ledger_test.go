package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every rule has a mark, every mark says where it comes from, and none changes or goes in silence: whoever means to
// change one runs this with -update and shows the difference.
func TestLedger(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	for _, name := range []string{"cashier", "control"} {
		entries := contracts(t)[name].Ledger()
		count := openapi.Count(entries)
		fmt.Fprintf(&got, "# %s: %d documented, %d provider, %d assumed\n", name, count[openapi.Documented], count[openapi.Provider], count[openapi.Assumed])
		for _, e := range entries {
			proper(t, name, e)
			fmt.Fprintf(&got, "%-10s %s\n", e.Provenance.Basis, e.Rule)
		}
	}
	file := filepath.Join("testdata", "ledger.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("the ledger is not that of %s (- golden, + now); -update writes it anew:\n%s", file, diff)
	}
}

func proper(t *testing.T, contract string, e openapi.Entry) {
	t.Helper()
	switch mark := e.Provenance; {
	case mark.Basis != openapi.Documented && mark.Basis != openapi.Provider && mark.Basis != openapi.Assumed && mark.Basis != openapi.Own:
		t.Errorf("%s: %s bears the mark %q", contract, e.Rule, mark.Basis)
	case mark.Basis != openapi.Assumed && mark.Basis != openapi.Own && mark.Source == "":
		t.Errorf("%s: %s is %s, and its source is not named", contract, e.Rule, mark.Basis)
	case mark.Source == "" && mark.Note == "":
		t.Errorf("%s: %s is assumed, or our own, and nothing says what", contract, e.Rule)
	}
	if e.Rule == "" {
		t.Errorf("%s: an entry has no name: %+v", contract, e)
	}
}

// Rules are named once, so that an assumption's feature can name its rule.
func TestRulesAreNamedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		seen := map[string]openapi.Entry{}
		for _, e := range c.Ledger() {
			other, twice := seen[e.Rule]
			if other.ID, other.Group = e.ID, e.Group; twice && other != e { // two schemas may have the same rule
				t.Errorf("%s: %s is there twice and differs: %+v, %+v", name, e.Rule, other, e)
			}
			seen[e.Rule] = e
		}
	}
}

// Every entry has an id of its own, since features and reports refer to it.
func TestLedgerIDs(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		seen := map[string]bool{}
		for _, e := range c.Ledger() {
			if e.ID == "" || seen[e.ID] {
				t.Errorf("%s: the id %q of %s is empty or taken", name, e.ID, e.Rule)
			}
			seen[e.ID] = true
		}
	}
	seen := map[string]bool{}
	for _, e := range cashier(t).Ledger() {
		seen[e.ID] = true
	}
	for _, id := range []string{
		"check-order", "amount-decimals", "POST /v1/api/mozarto/cashier", "POST payone", "Payone", "PayonePayInRequest.phone",
		"PayonePayInRequest/payone-currency", "PayonePayOutRequest/payone-currency", "PayonePayInAnswer.data.redirect_url",
	} {
		if !seen[id] {
			t.Errorf("no entry has the id %q", id)
		}
	}
}

// What a named rule says is written down, and the ledger has every one of them.
func TestNamedRulesAreInTheLedger(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	says := map[string]string{}
	for _, e := range c.Ledger() {
		says[e.Rule] = e.Description
	}
	for _, op := range c.Operations() {
		for _, rule := range op.Rules {
			if rule.Description == "" || says[rule.Name] != rule.Description || rule.Provenance.Basis == "" {
				t.Errorf("%s: %+v, in the ledger %q", op.Schema, rule, says[rule.Name])
			}
		}
		for _, f := range op.Fields() {
			if f.Provenance.Basis == "" {
				t.Errorf("%s.%s bears no mark", op.Schema, f.Path)
			}
		}
	}
}

// A rule without a mark can't be printed as if it were known.
func TestUnmarkedEntryCannotBeWritten(t *testing.T) {
	t.Parallel()
	if text, err := json.Marshal(openapi.Entry{}); err == nil {
		t.Errorf("it became %s", text)
	}
	text, err := json.Marshal(openapi.Entry{LedgerEntry: adminapi.LedgerEntry{ID: "x", Rule: "x", Description: "y", Provenance: openapi.Provenance{Basis: openapi.Assumed, Note: "z"}}})
	if want := `{"id":"x","rule":"x","description":"y","provenance":{"basis":"assumed","note":"z"}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}

// A source covers what it shows. What a page documents of a PSP configuration is listed here, and nothing else of it counts as
// documented: the simulator's own settings are its own, whatever stands around them.
func TestOwnSettingsAreNotDocumented(t *testing.T) {
	t.Parallel()
	shown := map[string]string{
		"Forumpay": "username password forumpayUserId webhookUrl isWebhookSecured",
		"Gigadat":  "accountName apiKey secret campaignId webhookUrl isWebhookSecured",
		"Worldpay": "accountName merchantCode installationId xmlUsername xmlPassword webhookUrl captureDelay macSecret integrationMode tokenizationEnabled siteUrl isWebhookSecured hppLanguage hppPaymentMethodMask",
		"Trust":    "sitereference siteSecurityPassword siteUrl webhookUrl",
		"Cleo":     "cleoApiKey cleoApiKey.chileApiKey cleoApiKey.peruApiKey cleoApiKey.mexicoApiKey customerExternalKeyForCleo webhookUrl isWebhookSecured",
		"Payone":   "accountName apiKey webhookUrl siteUrl isWebhookSecured",
		"Neosurf":  "accountName apiKey siteUrl merchantId webhookUrl",
		"Flexepin": "accountName apiKey secret", "Brite": "",
		"Emerchantpay": "username password apiKey siteUrl webhookUrl",
	}
	settings := map[string]bool{}
	for _, e := range cashier(t).Ledger() {
		psp, field, found := strings.Cut(e.Rule, "Configuration.")
		if !found {
			continue
		}
		documented := slices.Contains(strings.Fields(shown[psp]), field)
		if documented != (e.Provenance.Basis == openapi.Documented) {
			t.Errorf("%s is %s; shown by the vendor: %t", e.Rule, e.Provenance.Basis, documented)
		}
		if e.Provenance.Basis == openapi.Own {
			settings[field] = true
		}
	}
	want := []string{"countries", "currencies", "retrySchedule", "siteUrl", "twoDecimals", "wallets", "webhookSecret"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(settings))); diff != "" {
		t.Errorf("settings of the simulator's own (- want, + ledger):\n%s", diff)
	}
	for _, op := range cashier(t).Operations() { // `contract show` and the explanations have the same marks
		for _, f := range cashier(t).FieldsOf(cashier(t).ConfigurationOf(op.PSP)) {
			if f.Path == "retrySchedule" && f.Provenance.Basis != openapi.Own {
				t.Errorf("%s: %s is %s", op.PSP, f.Path, f.Provenance.Basis)
			}
		}
	}
}

// The totals add up: every entry is counted once, but for the simulator's own; and README.md states them as they are.
func TestTotals(t *testing.T) {
	t.Parallel()
	all, own, sum := cashier(t).Ledger(), 0, 0
	for _, e := range all {
		if e.Provenance.Basis == openapi.Own {
			own++
		}
	}
	count := openapi.Count(all)
	for _, n := range count {
		sum += n
	}
	if own == 0 || count[openapi.Own] != 0 || sum+own != len(all) {
		t.Errorf("%v and %d of the simulator's own make %d of %d entries", count, own, sum+own, len(all))
	}
	if control := openapi.Count(contracts(t)["control"].Ledger()); len(control) != 1 || control[openapi.Assumed] != 2 {
		t.Errorf("the admin API is the simulator's own and counts in no total, but for the two lists of codes.yaml: %v", control)
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("Of the Cashier API's %d rules %d are documented, %d the provider's and %d assumed", sum, count[openapi.Documented], count[openapi.Provider], count[openapi.Assumed])
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("README.md must say %q", want)
	}
}
