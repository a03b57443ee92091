package openapi

import (
	"slices"
	"strings"
	"testing"
)

func TestClose(t *testing.T) {
	t.Parallel()
	known := []string{"payone-approved", "payone-approved-twice", "payone-late", "trust-late", "nth", "type"}
	for name, want := range map[string]string{
		"payone-aproved":                    "payone-approved",
		"payone":                            "payone-late payone-approved payone-approved-twice",
		"PAYONE-LATE":                       "payone-late",
		"payone late":                       "payone-late",
		"nht":                               "nth",
		"tpye":                              "type",
		"":                                  "",
		"zzz":                               "",
		strings.Repeat("payone-late", 1000): "",
	} {
		if got := strings.Join(Similar(name, known), " "); got != want {
			t.Errorf("%.20s: %s, want %s", name, got, want)
		}
	}
}

// A provider is found by whatever it is called, and none by the name of another.
func TestProvidersByTheirNames(t *testing.T) {
	t.Parallel()
	cashier, err := Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for code, names := range map[string][]string{
		"WORLDPAY_EU":  {"worldpay", "Worldpay", "WorldPay_EU", "WORLD PAY", "world-pay-eu", "worldpayeu", "wordpay", "wolrdpay"},
		"TRUST":        {"trust", "Trust Payments", "trust payments", "trust-payments", "trsut"},
		"FORUMPAY":     {"forumpay", "ForumPay", "forum pay", "forumpya"},
		"EMERCHANTPAY": {"eMerchantPay", "emerchant-pay", "e-merchant-pay", "emerchant"},
		"BRITE":        {"brite", "Brite Payments", "brit"},
		"PAYONE":       {"pay one", "Payone", "payon"},
		"GIGADAT":      {"giga dat", "gigadt"},
		"CLEO":         {"cleo", "clea"},
		"NEOSURF":      {"NeoSurf", "neo surf"},
		"FLEXEPIN":     {"flexe-pin", "flexpin"},
		"":             {"paypal", "stripe", "adyen", "trustly", "klarna", "skrill", "neteller", "paysafe", "visa", "mozarto", "pay pal"},
	} {
		for _, name := range names {
			if got := strings.Join(Similar(name, cashier.PSPs()), " "); got != code {
				t.Errorf("%s: %q, want %q", name, got, code)
			}
		}
	}
}

// vocabularies are all names that people may misspell in files and queries: providers, and each schema's fields and words.
func vocabularies(t *testing.T) map[string][]string {
	t.Helper()
	cashier, err := Cashier()
	if err != nil {
		t.Fatal(err)
	}
	control, err := Control()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{"PSPs": cashier.PSPs()}
	add := func(c *Contract, schema string) {
		shape, err := c.shape(schema)
		if err != nil {
			t.Fatal(err)
		}
		shape.vocabulary(schema, all)
	}
	for _, psp := range cashier.PSPs() {
		add(cashier, cashier.ConfigurationOf(psp))
	}
	for _, schema := range []string{"Scenario", "ConfigurationFile", "CompanyInput", "RuleInput"} {
		add(control, schema)
	}
	for kind, schema := range map[string]string{"certify": "Config", "contract": "Profile"} {
		form, err := FileForm(kind)
		if err != nil {
			t.Fatal(err)
		}
		add(form, schema)
	}
	return all
}

func (s *shape) vocabulary(path string, all map[string][]string) {
	for i := range s.fields {
		f := &s.fields[i]
		all[path] = append(all[path], f.Path)
		if len(f.schema.Enum) > 1 && must(f.schema) == "" { // codes suggest nothing
			all[path+"."+f.Path] = texts(f.schema.Enum)
		}
		for _, below := range []*shape{f.nested, f.items} {
			if below != nil {
				below.vocabulary(path+"."+f.Path, all)
			}
		}
	}
}

// misspellings are all that one edit makes of a word: a letter left out, put in, replaced, or swapped with the next.
func misspellings(word string) (all []string) {
	for at := range len(word) {
		before, after := word[:at], word[at+1:]
		all = append(all, before+after, before+"e"+word[at:], before+"x"+after)
		if after != "" {
			all = append(all, before+after[:1]+word[at:at+1]+after[1:])
		}
	}
	return all
}

// Every word of every file is suggested for each of its misspellings, unless that is another word; what shares no letter with
// any word suggests none.
func TestMisspellings(t *testing.T) {
	t.Parallel()
	separators := strings.NewReplacer("; did you mean ", "|", " or ", "|", "?", "|")
	checked := map[string]bool{}
	for name, known := range vocabularies(t) {
		for _, word := range known {
			for _, wrong := range misspellings(word) {
				of := strings.Join(known, "|") + wrong
				if checked[of] || len(word) == 1 || slices.Contains(known, wrong) {
					continue
				}
				checked[of] = true
				if got := DidYouMean(wrong, known); !strings.Contains(separators.Replace(got), "|"+word+"|") {
					t.Errorf("%s: %q for %q, want %s", name, got, wrong, word)
				}
			}
		}
		for _, other := range []string{"", "ý", "ýþ", "ýþßð", "ýþßðýþßðýþßð", strings.Repeat("þ", 100)} {
			if got := DidYouMean(other, known); got != "" {
				t.Errorf("%s: %q for %q", name, got, other)
			}
		}
	}
	if len(checked) < 5000 {
		t.Errorf("only %d misspellings", len(checked))
	}
}

// A URL that is wrong is not shown: its password would be.
func TestWebURL(t *testing.T) {
	t.Parallel()
	for _, right := range []string{"http://localhost:3000", "https://user:hush@shop.example/hooks?a=b"} {
		if u, err := WebURL("--to", right, "http://x"); err != nil || u.String() != right {
			t.Errorf("%s: %v, %v", right, u, err)
		}
	}
	const want = "--to must be an http or https URL, such as http://x"
	for _, wrong := range []string{"", "shop.example", "localhost:3000", "ftp://user:hush@shop.example", "https://", "http://user:hush@a b"} {
		if _, err := WebURL("--to", wrong, "http://x"); err == nil || err.Error() != want {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
