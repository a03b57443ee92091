package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/govalues/decimal"
)

// MaxDigits bounds the digits before the point of an amount (assumed).
const MaxDigits = 12

// Amount is a decimal number of a currency's major units. The zero value is 0.
type Amount struct{ value decimal.Decimal }

// Errors of Parse.
var (
	ErrTooLarge = errors.New("has too many digits before the point")
	ErrTooFine  = errors.New("has too many decimals")
	ErrNumber   = errors.New("is not a decimal number")
)

// Parse reads a decimal number as JSON writes it. It may have at most MaxDigits digits before the point and at most decimals
// after it, not counting trailing zeros. The error is ErrTooLarge, ErrTooFine or ErrNumber.
func Parse(text string, decimals int) (Amount, error) {
	whole, fraction, err := digits(text)
	switch {
	case err != nil:
		return Amount{}, err
	case whole > MaxDigits:
		return Amount{}, ErrTooLarge
	case fraction > decimals, whole+fraction > decimal.MaxPrec: // decimal.Parse would round
		return Amount{}, ErrTooFine
	}
	value, err := decimal.Parse(text)
	if err != nil {
		return Amount{}, ErrNumber
	}
	return Amount{value.Trim(0)}, nil
}

// digits counts the digits before and after the point, with the exponent applied and without leading and trailing zeros. It
// reads only the text, so that no number, however large, is ever built.
func digits(text string) (whole, fraction int, err error) {
	mantissa, exponentText, found := strings.Cut(strings.ToLower(text), "e")
	exponent := 0
	if found {
		if exponent, err = strconv.Atoi(exponentText); err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0, 0, ErrNumber
		}
	}
	mantissa = strings.TrimPrefix(mantissa, "-")
	left, right, point := strings.Cut(mantissa, ".")
	if !numeric(left) || len(left) > 1 && left[0] == '0' || point && !numeric(right) {
		return 0, 0, ErrNumber
	}
	all := strings.TrimLeft(left+right, "0")
	if all == "" {
		return 0, 0, nil
	}
	before := len(all) - len(right) // the point, negative for 0.00…
	after := len(strings.TrimRight(all, "0")) - before
	exponent = max(-maxExponent, min(exponent, maxExponent))
	return before + exponent, after - exponent, nil
}

func numeric(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// maxExponent bounds exponents: far beyond every bound of an amount, far below where sums overflow.
const maxExponent = 1 << 20

// MustParse is Parse with eight decimals, for constants in code; it panics on what is not a number.
func MustParse(text string) Amount {
	a, err := Parse(text, 8)
	if err != nil {
		panic(fmt.Sprintf("money: %q %v", text, err))
	}
	return a
}

// String writes the amount without trailing zeros: 100, 99.5.
func (a Amount) String() string { return a.value.String() }

// Fixed writes the amount with exactly n decimals: 100.00.
func (a Amount) Fixed(n int) string { return fmt.Sprintf("%.*f", n, a.value) }

// MarshalJSON writes a JSON number.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads a JSON number.
func (a *Amount) UnmarshalJSON(text []byte) (err error) {
	*a, err = Parse(string(text), 18)
	return err
}

// Cmp is -1, 0 or 1 as a is less than, equal to or greater than b.
func (a Amount) Cmp(b Amount) int { return a.value.Cmp(b.value) }

// Positive says whether the amount is above zero.
func (a Amount) Positive() bool { return a.value.IsPos() }

// Div returns a/b to n decimals, halves to even; b must not be zero.
func (a Amount) Div(b Amount, n int) (Amount, error) {
	quotient, err := a.value.Quo(b.value)
	if err != nil {
		return Amount{}, fmt.Errorf("divide %s by %s: %w", a, b, err)
	}
	return Amount{quotient.Round(n)}, nil
}

// Mul returns a×b to n decimals, halves to even.
func (a Amount) Mul(b Amount, n int) (Amount, error) {
	product, err := a.value.Mul(b.value)
	if err != nil {
		return Amount{}, fmt.Errorf("multiply %s by %s: %w", a, b, err)
	}
	return Amount{product.Round(n)}, nil
}

// Add returns a+b.
func (a Amount) Add(b Amount) (Amount, error) {
	sum, err := a.value.Add(b.value)
	if err != nil {
		return Amount{}, fmt.Errorf("add %s and %s: %w", a, b, err)
	}
	return Amount{sum}, nil
}

// Sub returns a-b.
func (a Amount) Sub(b Amount) (Amount, error) {
	rest, err := a.value.Sub(b.value)
	if err != nil {
		return Amount{}, fmt.Errorf("subtract %s from %s: %w", b, a, err)
	}
	return Amount{rest}, nil
}
