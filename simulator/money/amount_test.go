package money_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/simulator/money"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text     string
		decimals int
		want     string // String()
		err      error
	}{
		{"100", 2, "100", nil},
		{"100.00", 2, "100", nil},
		{"99.5", 2, "99.5", nil},
		{"0.01", 2, "0.01", nil},
		{"-12.34", 2, "-12.34", nil},
		{"0", 2, "0", nil},
		{"-0", 2, "0", nil},
		{"-0.00", 2, "0", nil},
		{"0.0000000000000000000000", 2, "0", nil},
		{"999999999999.99", 2, "999999999999.99", nil},
		{"1.000000000000000000000000000000", 2, "1", nil}, // trailing zeros don't count

		{"1e2", 2, "100", nil},
		{"1E+2", 2, "100", nil},
		{"1.5e1", 0, "15", nil},
		{"12345e-2", 2, "123.45", nil},
		{"100000000000000e-3", 2, "100000000000", nil},
		{"0e5", 2, "0", nil},

		{"1000000000000", 2, "", money.ErrTooLarge},
		{"1e12", 2, "", money.ErrTooLarge},
		{"1e400", 2, "", money.ErrTooLarge},
		{"1e4000", 2, "", money.ErrTooLarge},
		{"1e99999999999999999999", 2, "", money.ErrTooLarge},
		{strings.Repeat("9", 40), 2, "", money.ErrTooLarge},
		{"123456789012345678901234567890", 2, "", money.ErrTooLarge},

		{"0.001", 2, "", money.ErrTooFine},
		{"1.5", 0, "", money.ErrTooFine},
		{"1e-3", 2, "", money.ErrTooFine},
		{"1e-400", 2, "", money.ErrTooFine},
		{"1e-99999999999999999999", 2, "", money.ErrTooFine},
		// 19 digits are all that a decimal holds: what is after them must not be rounded away.
		{"99.99999999999999999999", 2, "", money.ErrTooFine},
		{"100.00000000000000000000001", 2, "", money.ErrTooFine},
		{"123456789012.123456789", 18, "", money.ErrTooFine},

		{"", 2, "", money.ErrNumber},
		{"-", 2, "", money.ErrNumber},
		{"+1", 2, "", money.ErrNumber},
		{"--1", 2, "", money.ErrNumber},
		{"01", 2, "", money.ErrNumber},
		{"-00.5", 2, "", money.ErrNumber},
		{".5", 2, "", money.ErrNumber},
		{"5.", 2, "", money.ErrNumber},
		{"1.2.3", 2, "", money.ErrNumber},
		{"1e", 2, "", money.ErrNumber},
		{"1e+", 2, "", money.ErrNumber},
		{"e5", 2, "", money.ErrNumber},
		{"1e1.5", 2, "", money.ErrNumber},
		{"0x10", 2, "", money.ErrNumber},
		{"1_000", 2, "", money.ErrNumber},
		{"1,000", 2, "", money.ErrNumber},
		{" 1", 2, "", money.ErrNumber},
		{"1\n", 2, "", money.ErrNumber},
		{"NaN", 2, "", money.ErrNumber},
		{"Infinity", 2, "", money.ErrNumber},
		{"１", 2, "", money.ErrNumber},                             // a full-width digit
		{"1." + strings.Repeat("0", 400), 2, "", money.ErrNumber}, // longer than any amount needs to be
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%.30q to %d", test.text, test.decimals), func(t *testing.T) {
			t.Parallel()
			got, err := money.Parse(test.text, test.decimals)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && got.String() != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestFixed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text     string
		decimals int
		want     string
	}{
		{"100", 2, "100.00"},
		{"99.5", 2, "99.50"},
		{"0", 2, "0.00"},
		{"-0", 2, "0.00"},
		{"0.00000001", 8, "0.00000001"},
		{"999999999999.99", 2, "999999999999.99"},
		{"7", 0, "7"},
		{"0.125", 2, "0.12"}, // halves to even
		{"0.135", 2, "0.14"},
		{"-0.001", 2, "0.00"},
	}
	for _, test := range tests {
		if got := money.MustParse(test.text).Fixed(test.decimals); got != test.want {
			t.Errorf("%s to %d decimals is %s, want %s", test.text, test.decimals, got, test.want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	a, b := money.MustParse("100"), money.MustParse("3")
	quotient, err := a.Div(b, 8)
	if err != nil || quotient.String() != "33.33333333" {
		t.Errorf("100/3 is %s, %v", quotient, err)
	}
	product, err := money.MustParse("0.1").Mul(money.MustParse("0.2"), 2)
	if err != nil || product.Fixed(2) != "0.02" {
		t.Errorf("0.1×0.2 is %s, %v", product, err)
	}
	rest, err := money.MustParse("0.3").Sub(money.MustParse("0.1"))
	if err != nil || rest.String() != "0.2" { // 0.19999999999999998 in binary floating point
		t.Errorf("0.3-0.1 is %s, %v", rest, err)
	}
	if _, err := a.Div(money.Amount{}, 2); err == nil {
		t.Error("dividing by zero must fail")
	}
	large := money.MustParse("999999999999")
	if _, err := large.Mul(large, 2); err == nil {
		t.Error("a product beyond 19 digits must fail")
	}
	if a.Cmp(b) != 1 || b.Cmp(a) != -1 || a.Cmp(money.MustParse("100.00")) != 0 {
		t.Error("Cmp must compare values, not texts")
	}
	if !b.Positive() || (money.Amount{}).Positive() || money.MustParse("-1").Positive() {
		t.Error("Positive must be true above zero alone")
	}
}

func TestMustParsePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("MustParse must panic on what is no number")
		}
	}()
	money.MustParse("ten")
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var got struct{ Amount money.Amount }
	if err := json.Unmarshal([]byte(`{"Amount":0.10}`), &got); err != nil || got.Amount.String() != "0.1" {
		t.Errorf("0.10 reads as %s, %v", got.Amount, err)
	}
	if text, err := json.Marshal(got); err != nil || string(text) != `{"Amount":0.1}` {
		t.Errorf("it is written as %s, %v", text, err)
	}
	for _, text := range []string{`"1"`, `true`, `{}`, `1e13`} {
		if err := json.Unmarshal([]byte(text), &got.Amount); err == nil {
			t.Errorf("%s must not read as an amount", text)
		}
	}
}

// number draws the text of a JSON number, sensible or not.
func number(t *rapid.T) string {
	return rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?`).Draw(t, "number")
}

func rational(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

// What Parse takes is exactly the number that was written; what it refuses breaks the bound that the error names.
func TestParseIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, decimals := number(t), rapid.IntRange(0, 4).Draw(t, "decimals")
		exact := rational(t, text)
		scaled := new(big.Rat).Mul(exact, rational(t, "1e"+fmt.Sprint(decimals)))
		large := new(big.Rat).Abs(exact).Cmp(rational(t, "1e12")) >= 0
		amount, err := money.Parse(text, decimals)
		switch {
		case err == nil:
			if large || !scaled.IsInt() {
				t.Fatalf("%s is out of bounds and was taken as %s", text, amount)
			}
			if rational(t, amount.String()).Cmp(exact) != 0 {
				t.Fatalf("%s became %s", text, amount)
			}
		case errors.Is(err, money.ErrTooLarge) && !large, errors.Is(err, money.ErrTooFine) && scaled.IsInt():
			t.Fatalf("%s: %v", text, err)
		case !large && scaled.IsInt() && exact.Sign() != 0: // a zero with an absurd exponent may be refused
			t.Fatalf("%s was refused: %v", text, err)
		}
	})
}

// Cents go in and come out the same, in every form; there is no float on the way that could lose one.
func TestCentsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(-99_999_999_999_999, 99_999_999_999_999).Draw(t, "cents")
		sign := ""
		if cents < 0 {
			sign = "-"
		}
		whole := max(cents, -cents)
		text := fmt.Sprintf("%s%d.%02d", sign, whole/100, whole%100)
		amount, err := money.Parse(text, 2)
		if err != nil {
			t.Fatal(err)
		}
		if amount.Fixed(2) != text {
			t.Fatalf("%s is written as %s", text, amount.Fixed(2))
		}
		again, err := money.Parse(amount.String(), 2)
		if err != nil || again.Cmp(amount) != 0 {
			t.Fatalf("%s reads as %s, %v", amount, again, err)
		}
	})
}

// FuzzParse: no text makes Parse panic; what it takes stands within its bounds and reads back as the same amount.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "-0", "100.00", "1e400", "99.99999999999999999999", "1e-2147483649", "01", "", "9e11"} {
		f.Add(seed, 2)
	}
	f.Fuzz(func(t *testing.T, text string, decimals int) {
		decimals = min(max(decimals, 0), 18)
		amount, err := money.Parse(text, decimals)
		if err != nil {
			if !errors.Is(err, money.ErrTooLarge) && !errors.Is(err, money.ErrTooFine) && !errors.Is(err, money.ErrNumber) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON number and was taken", text)
		}
		again, err := money.Parse(amount.String(), decimals)
		if err != nil || again.Cmp(amount) != 0 {
			t.Fatalf("%q became %s, which reads as %s, %v", text, amount, again, err)
		}
	})
}
