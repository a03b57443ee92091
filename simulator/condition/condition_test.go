package condition

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/openapi"
)

const sample = `{
	"pspType": "PAYONE", "type": "PAYIN", "baseamount": 100.00, "currency": "CAD", "userId": 7, "email": "sam@example.com",
	"kycVerified": true, "blocked": false, "transactionCount": "12", "tags": ["vip", "new", 3], "nothing": null,
	"address": {"country": "CA", "line1": ""}, "fine": 0.1, "huge": 12345678901234567890.123456789, "tiny": 1e-30,
	"dob": "1990-05-04", "odd name": "x"
}`

// conditions are what holds for the sample, and what doesn't.
var conditions = map[string]bool{
	// numbers compare as they were written
	`baseamount == 100`:                           true,
	`baseamount == 100.000`:                       true,
	`baseamount == 1e2`:                           true,
	`baseamount >= 100 && baseamount <= 100`:      true,
	`100 <= baseamount`:                           true,
	`baseamount > 99.999999999999999999`:          true,
	`baseamount < 100.00000000000000000001`:       true,
	`baseamount < 1_000`:                          true,
	`90 < baseamount < 110`:                       true,
	`fine == 0.1`:                                 true,
	`fine == 0.10000000000000000555`:              false,
	`huge == 12345678901234567890.123456789`:      true,
	`huge > 12345678901234567890.123456788`:       true,
	`tiny > 0`:                                    true,
	`tiny > -5`:                                   true,
	`-5 < -4`:                                     true,
	`-0 == 0`:                                     true,
	`.5 == 0.5`:                                   true,
	`baseamount == "100"`:                         false,
	`userId == 7`:                                 true,
	`userId == "7"`:                               false,
	`string(userId) == "7"`:                       true,
	`number(transactionCount) > 9`:                true,
	`number(email) == nil`:                        true,
	`number(userId) == 7 and number(tags) == nil`: true,
	// text
	`currency == "CAD"`:                             true,
	`email endsWith "@example.com"`:                 true,
	`email startsWith "sam" and email contains "@"`: true,
	`email matches "^[a-z]+@"`:                      true,
	`not (email matches "^[0-9]+$")`:                true,
	`email not contains "x@"`:                       true,
	`lower("CA") == "ca" && upper(currency) == currency && trim(" a ") == "a"`: true,
	`dob < "2000-01-01"`: true,
	`len(currency) == 3 and len(tags) == 3 and len(address) == 2 and len(nothing) == 0`: true,
	`email | upper() == "SAM@EXAMPLE.COM"`:                                              true,
	// lists and objects
	`"vip" in tags`:              true,
	`3 in tags`:                  true,
	`"old" in tags`:              false,
	`currency in ["CAD", "EUR"]`: true,
	`currency not in ["USD"]`:    true,
	`"country" in address`:       true,
	`address.country == "CA"`:    true,
	`address["country"] == "CA"`: true,
	`address?.country == "CA"`:   true,
	`address.line1 == ""`:        true,
	`tags[0] == "vip" and tags[-1] == nil and tags[9] == nil`: true,
	`request.currency == "CAD"`:                               true,
	`request["odd name"] == "x"`:                              true,
	`type == "PAYIN"`:                                         true,
	// what is absent is nil
	`card.pan == nil`:                true,
	`card.pan.deeper.still == nil`:   true,
	`nothing == nil`:                 true,
	`card.pan startsWith "4"`:        false,
	`voucher matches "."`:            false,
	`voucher > 5 or voucher <= 5`:    false,
	`voucher != 5`:                   true,
	`"a" in voucher`:                 false,
	`lower(voucher) == nil`:          true,
	`(voucher ?? "none") == "none"`:  true,
	`(currency ?? "none") == "none"`: false,
	`address.country.city == nil`:    true,
	`not voucher`:                    true,
	// logic
	`kycVerified`:                        true,
	`kycVerified and not blocked`:        true,
	`!blocked`:                           true,
	`blocked ? false : kycVerified`:      true,
	`blocked || (true && kycVerified)`:   true,
	`kycVerified == true`:                true,
	`if blocked { false } else { true }`: true,
	// short cuts: the right side would fail
	`true or tags`:            true,
	`false && (currency > 5)`: false,
}

func object(t testing.TB, text string) map[string]any {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Fields
}

func TestMatch(t *testing.T) {
	t.Parallel()
	request := object(t, sample)
	for text, want := range conditions {
		e, err := Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := e.Match(request)
		if err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`a = 1`:                            "= must be == to compare (column 3)",
		`a > 1 AND b`:                      "AND must be and (column 7)",
		`a & b`:                            "& must be && (column 3)",
		`a and or b`:                       "unexpected or (column 7)",
		`a b`:                              "unexpected b (column 3)",
		``:                                 "it ends too early (column 1)",
		`a ==`:                             "it ends too early (column 4)",
		"a == 1 and\nb ==":                 "it ends too early (line 2, column 4)",
		`"open`:                            "literal not terminated (column 6)",
		`a + b == 1`:                       "the operator + can't be used here: there is no arithmetic (column 3)",
		`1..9 == a`:                        "the operator .. can't be used here: there is no arithmetic (column 2)",
		`-a == 1`:                          "there is no arithmetic here (column 1)",
		`a; b`:                             "only comparisons, logic and functions of one value can be used here (column 1)",
		`a[1:2] == b`:                      "only comparisons, logic and functions of one value can be used here (column 2)",
		`{"a": 1} == b`:                    "only comparisons, logic and functions of one value can be used here (column 1)",
		`map(tags, #) == a`:                "there is no function map; known are len, lower, number, string, trim, upper (column 1)",
		`repeat("a", 9) == a`:              "there is no function repeat; known are len, lower, number, string, trim, upper (column 1)",
		`strin(a) == "b"`:                  "there is no function strin; did you mean string? (column 1)",
		`len() == 1`:                       "len takes one value (column 1)",
		`a.b() == 1`:                       "only functions can be called (column 3)",
		`a == [1]`:                         "only in takes a list (column 3)",
		`a matches b`:                      "the pattern of matches must be a text that stands here (column 11)",
		`5`:                                "a number is not true or false: compare it with something (column 1)",
		"true and\nlower(a)":               "text is not true or false: compare it with something (line 2, column 1)",
		`not len(a)`:                       "a number is not true or false: compare it with something (column 5)",
		`[1] or a`:                         "a list is not true or false: compare it with something (column 1)",
		`a == 1 or "a" > 5`:                "cannot compare text with a number (column 15)",
		`"a" == 5`:                         "text never equals a number (column 5)",
		`len(a) matches "x"`:               "matches needs text, not a number (column 8)",
		`lower(5) == "5"`:                  "lower needs text, not a number (column 1)",
		`a == 9223372036854775808`:         `invalid integer literal (column 24)`,
		strings.Repeat("a", 2001):          "is longer than 2000 characters (column 1)",
		`a` + strings.Repeat(" or a", 100): "it has more than 200 parts (column 501)",
	} {
		_, err := Compile(text)
		var broken *Error
		if !errors.As(err, &broken) || err.Error() != want {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

// What a field's kind forbids is found before any request comes; what is not known may be anything.
func TestCheck(t *testing.T) {
	t.Parallel()
	types := map[string]string{"amount": "number", "email": "string", "blocked": "boolean", "card": "object", "card.pan": "string"}
	for text, want := range map[string]string{
		`amount`:                         "a number is not true or false: compare it with something, such as amount > 0 (column 1)",
		`amount > 1 and email`:           `text is not true or false: compare it with something, such as email == "…" (column 16)`,
		`card ? true : false`:            "an object is not true or false: compare it with something (column 1)",
		"blocked and\n  email > 5":       "cannot compare text with a number (line 2, column 9)",
		`5 <= email`:                     "cannot compare a number with text (column 3)",
		`blocked < true`:                 "cannot compare true or false with true or false (column 9)",
		`card.pan == 4111`:               "text never equals a number (column 10)",
		`blocked != "true"`:              "true or false never equals text (column 9)",
		`amount contains "1"`:            "contains needs text, not a number (column 8)",
		`email startsWith amount`:        "startsWith needs text, not a number (column 7)",
		`upper(amount) == "1"`:           "upper needs text, not a number (column 1)",
		`blocked`:                        "",
		`not blocked and amount == nil`:  "",
		`number(email) > 5`:              "",
		`string(amount) == "5"`:          "",
		`unknown or unknown.x > 5`:       "",
		`(email ?? 5) == 5`:              "",
		`request["amount"]`:              "",
		`(blocked ? amount : email) > 5`: "",
		`amount in [1, "x"]`:             "",
	} {
		e, err := Compile(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got := ""
		if err := e.check(func(name string) (openapi.Field, string) { return openapi.Field{Type: types[name]}, "" }); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// A condition that can't be computed is no match, and its error keeps the request's values to itself.
func TestMatchFails(t *testing.T) {
	t.Parallel()
	request := object(t, sample)
	for text, want := range map[string]string{
		`currency`:                "text is not true or false (column 1)",
		`baseamount > "10"`:       "cannot compare a number with text (column 12)",
		`email and true`:          "text is not true or false (column 1)",
		`userId contains "7"`:     "needs text on both sides, not a number and text (column 8)",
		`"a" in currency`:         "cannot look for something in text (column 5)",
		`lower(userId) == "7"`:    "needs text, not a number (column 1)",
		`len(userId) == 1`:        "a number has no length (column 1)",
		`string(tags) == ""`:      "cannot make text of a list (column 1)",
		"true and\n  address > 1": "cannot compare an object with a number (line 2, column 11)",
	} {
		e, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Match(request); got || err == nil || err.Error() != want {
			t.Errorf("%s is %v, %v, want %s", text, got, err, want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	e, err := Compile("len(email) > 3 and\naddress.country == \"CA\" or tags[0] == card[\"pan\"] or request.free == request[\"x\"].y or a[b] == 1")
	if err != nil {
		t.Fatal(err)
	}
	want := "[{email 1 5} {address.country 2 9} {tags 2 32} {card.pan 2 43} {request 2 62} {request 2 77} {b 2 90} {a 2 89}]"
	if got := fmt.Sprint(e.Fields()); got != want {
		t.Errorf("fields %s", got)
	}
}

// Numbers compare as rational numbers do.
func TestDecimal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?`)
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		d, okA := parseDecimal(a)
		e, okB := parseDecimal(b)
		if !okA || !okB || d.compare(e) != x.Cmp(y) || equal(json.Number(a), json.Number(b)) != (x.Cmp(y) == 0) {
			t.Fatalf("%s and %s compare as %d (%v, %v)", a, b, d.compare(e), d, e)
		}
	})
	for _, text := range []string{"", "-", ".", "1e", "1e+", "abc", "1e9999999", "1e99999999999999999999", "0x1", "1.2.3", "--1", "+1", " 1"} {
		if d, ok := parseDecimal(text); ok {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}

// FuzzMatch: compiling and matching never panic, and give the same again.
func FuzzMatch(f *testing.F) {
	for _, text := range []string{
		`baseamount >= 10 && email endsWith "@example.com"`, `a.b?.c["d"][0] in [1, -2.5, "x", nil] ? not b : c ?? true`,
		`lower(a) matches "^x*$" or len(b) > 1e5`, `request["a"] | upper() == 'x'`, `if a { b } else { c }`,
	} {
		f.Add(text, sample)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		e, err := Compile(text)
		if err != nil {
			var broken *Error
			if !errors.As(err, &broken) || broken.Line < 1 || broken.Column < 1 {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		var request map[string]any
		dec := json.NewDecoder(strings.NewReader(body))
		dec.UseNumber()
		if dec.Decode(&request) != nil {
			return
		}
		first, err := e.Match(request)
		second, again := e.Match(request)
		if first != second || fmt.Sprint(err) != fmt.Sprint(again) || err != nil && first {
			t.Fatalf("%v, %v and then %v, %v", first, err, second, again)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	request := object(b, sample)
	e, err := Compile(`baseamount >= 10 && email endsWith "@example.com" && address.country == "CA"`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if ok, _ := e.Match(request); !ok {
			b.Fatal("no match")
		}
	}
}
