package mask_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

func decode(t testing.TB, text string) openapi.Document {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestFields(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"nothing to hide: the very text", `{ "b": 1.50, "a": "x" }`, `{ "b": 1.50, "a": "x" }`},
		{"by name", `{"cvv":"123","voucherPin":"A1B2","password":"p"}`, `{"cvv":"***","password":"***","voucherPin":"***"}`},
		{"by name, however written", `{"Access-Token":"abcdef","API_KEY":"abcdef","webhookSecret":"abcdef"}`,
			`{"API_KEY":"***","Access-Token":"***","webhookSecret":"***"}`},
		{"by name, whatever it holds", `{"cvv":123,"pin":[1,2],"token":{"value":"abc"},"password":"x"}`,
			`{"cvv":"***","password":"***","pin":"***","token":"***"}`},
		{"what isn't there stays visible", `{"cvv":"","pin":null,"password":false,"apiKey":"k"}`,
			`{"apiKey":"***","cvv":"","password":false,"pin":null}`},
		{"only a part of the name", `{"pinned":"yes","tokenized":"no","secretary":"Jane"}`, `{"pinned":"yes","tokenized":"no","secretary":"Jane"}`},

		{"card number by name", `{"pan":"4111111111111111"}`, `{"pan":"411111******1111"}`},
		{"card number by name, Luhn or not", `{"pan":"4111111111111112"}`, `{"pan":"411111******1112"}`},
		{"card number by look", `{"note":"` + live(16, "51") + `"}`, `{"note":"510000******` + live(16, "51")[12:] + `"}`},
		{"in a sentence", `{"note":"my card ` + live(16, "4") + `, not yours"}`, `{"note":"my card 400000******` + live(16, "4")[12:] + `, not yours"}`},
		{"card number as a number", `{"pan":4111111111111111,"n":` + live(15, "34") + `}`, `{"n":"340000*****` + live(15, "34")[11:] + `","pan":"411111******1111"}`},
		{"published test card outside of a card's field", `{"note":"5555555555554444"}`, `{"note":"5555555555554444"}`},
		{"an id", `{"transaction_id":"` + live(16, "4") + `","pspTransactionId":"` + live(13, "4") + `"}`,
			`{"transaction_id":"` + live(16, "4") + `","pspTransactionId":"` + live(13, "4") + `"}`},
		{"not a card number", `{"note":"4111111111111112","orderId":"1234567890123"}`, `{"note":"4111111111111112","orderId":"1234567890123"}`},
		{"short number in a card's field", `{"number":"12"}`, `{"number":"12"}`},

		{"nested and in arrays", `{"a":{"b":[{"card":{"pan":"4111111111111111","cvv":"123"}},"x",["` + live(16, "4") + `"]]}}`,
			`{"a":{"b":[{"card":{"cvv":"***","pan":"411111******1111"}},"x",["400000******` + live(16, "4")[12:] + `"]]}}`},
		{"numbers keep their digits", `{"baseamount":100.00,"big":123456789012345678901234567890,"cvv":"123"}`,
			`{"baseamount":100.00,"big":123456789012345678901234567890,"cvv":"***"}`},
		{"letters stay as they are", `{"note":"a < b & é \u2028","cvv":"123"}`, `{"cvv":"***","note":"a < b & é \u2028"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc := decode(t, test.body)
			got := string(mask.Fields(doc.Raw, doc.Fields))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(decode(t, test.body).Fields, doc.Fields); diff != "" {
				t.Errorf("the input was changed: %s", diff)
			}
			if string(doc.Raw) != test.body {
				t.Errorf("the raw text was changed to %s", doc.Raw)
			}
		})
	}
}

// Whatever the contracts mark as secret is hidden, in requests, answers, webhooks and configurations alike, whatever the
// value looks like.
func TestFieldsHideWhatTheContractsMark(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func() (*openapi.Contract, error){"cashier": openapi.Cashier, "control": openapi.Control} {
		contract, err := load()
		if err != nil {
			t.Fatal(err)
		}
		marks := 0
		for _, schema := range schemas(t, contract) {
			for _, field := range contract.FieldsOf(schema) {
				if !field.Secret {
					continue
				}
				marks++
				for _, secret := range samples(field) {
					body := at(field.Path, secret)
					doc := decode(t, body)
					if got := string(mask.Fields(doc.Raw, doc.Fields)); strings.Contains(got, "1111111111") || strings.Contains(got, "s3cret") || got == body {
						t.Errorf("%s: %s.%s of %s is kept as %s", name, schema, field.Path, body, got)
					}
				}
			}
		}
		if marks == 0 {
			t.Errorf("%s marks no field as secret", name)
		}
	}
}

// samples are values, as JSON, that a secret field may hold.
func samples(field openapi.Field) []string {
	if field.Type == "object" { // a card that the contract doesn't look into (Worldpay): its parts are known by name
		return []string{`{"pan":"4111111111111111","cvv":"s3cret"}`, `{"number":4111111111111111,"cvc":"s3cret"}`}
	}
	return []string{`"4111111111111111"`, `4111111111111111`, `"s3cret-4111111111111111-s3cret"`}
}

// at makes an object with one value under a dotted path.
func at(path, value string) string {
	names := strings.Split(path, ".")
	for i := len(names) - 1; i >= 0; i-- {
		value = `{"` + names[i] + `":` + value + `}`
	}
	return value
}

func schemas(t *testing.T, contract *openapi.Contract) (names []string) {
	t.Helper()
	var doc struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(contract.Bundled(), &doc); err != nil {
		t.Fatal(err)
	}
	for name := range doc.Components.Schemas {
		names = append(names, name)
	}
	return names
}

func TestCard(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"4111111111111111":    "411111******1111",
		"4111-1111 1111-1111": "411111******1111",
		"343434343434343":     "343434*****4343",
		"123456789012":        "123456**9012",
		"12345678901":         "***",
		"":                    "***",
	} {
		if got := mask.Card(number); got != want {
			t.Errorf("%q is shown as %q, want %q", number, got, want)
		}
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                               "***",
		"12345678901":                    "***",
		"123456789012":                   "***9012",
		"a-long-token-that-ends-in-wxyz": "***wxyz",
		"ein-geheimer-Schlüabc":          "***abc", // no half of a letter
		"ein-geheimer-€€":                "***€",
	} {
		if got := mask.Secret(value); got != want {
			t.Errorf("%q is shown as %q, want %q", value, got, want)
		}
	}
}

func TestCouldBeCard(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"4111111111111111":    true,
		"4111 1111-1111 1111": true,
		"343434343434343":     true,
		"6759649826438453":    true,
		"0000000000000000":    true,  // of no scheme, but who knows
		"4111111111111112":    false, // Luhn
		"41111111111":         false, // 11 digits
		"4111111111111111x":   false,
		"4111.1111.1111.1111": false,
		"４１１１１１１１１１１１１１１１": false, // full-width digits
		"":                      false,
		strings.Repeat("4", 41): false,
	} {
		if got := mask.CouldBeCard(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}

// Of all ten last digits exactly one makes the Luhn check pass.
func TestLuhn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{1,30}`).Draw(t, "digits")
		passing := 0
		for last := range 10 {
			if mask.Luhn(digits + string(rune('0'+last))) {
				passing++
			}
		}
		if passing != 1 {
			t.Fatalf("%d check digits fit %s", passing, digits)
		}
	})
	if mask.Luhn("") {
		t.Error("no digits must not pass")
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "123": "123", "1-2 3": "123", "a": "", "+49 (0) 30": "49030", "١٢": ""} {
		if got := mask.Digits(text); got != want {
			t.Errorf("digits of %q are %q, want %q", text, got, want)
		}
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"Authorization", "Bearer abcdefghijkl.mnopqrstu", "Bearer " + mask.Secret("abcdefghijkl.mnopqrstu")},
		{"X-User-Token", "abcdefghijkl", mask.Secret("abcdefghijkl")},
		{"Cookie", "sid=abcdef1234567890; theme=dark", mask.Secret("sid=abcdef1234567890; theme=dark")},
		{"Accept", "text/html, */*", "text/html, */*"},
	} {
		if got := mask.Header(test.name, test.value); got != test.want {
			t.Errorf("%s: %s is shown as %s, want %s", test.name, test.value, got, test.want)
		}
	}
}
