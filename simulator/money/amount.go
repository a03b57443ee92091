package money

import (
	"errors"
	"fmt"
	"strings"

	"github.com/govalues/decimal"
)

// MaxDigits bounds the digits before the point of an amount (assumed).
const MaxDigits = 12

// Amount is a decimal number of a currency's major units. The zero value is 0.
type Amount struct{ value decimal.Decimal }

// ErrTooLarge and ErrTooFine say which bound an amount breaks.
var (
	ErrTooLarge = errors.New("has too many digits before the point")
	ErrTooFine  = errors.New("has too many decimals")
	ErrNumber   = errors.New("is not a decimal number")
)

// Parse reads a decimal number as JSON writes it. At most MaxDigits digits may stand before the point and at most
// decimals behind it, trailing zeros apart; the error is ErrTooLarge, ErrTooFine or ErrNumber.
func Parse(text string, decimals int) (Amount, error) {
	if text == "" || len(text) > 40 {
		return Amount{}, ErrNumber
	}
	if mantissa, exponent, found := strings.Cut(strings.ToLower(text), "e"); found && (len(exponent) > 3 || len(mantissa) > 24) {
		return Amount{}, ErrTooLarge
	}
	value, err := decimal.Parse(text)
	if err != nil {
		return Amount{}, ErrNumber
	}
	value = value.Trim(0)
	if value.Prec()-value.Scale() > MaxDigits {
		return Amount{}, ErrTooLarge
	}
	if value.Scale() > decimals {
		return Amount{}, ErrTooFine
	}
	return Amount{value}, nil
}

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

// Sub returns a-b.
func (a Amount) Sub(b Amount) (Amount, error) {
	rest, err := a.value.Sub(b.value)
	if err != nil {
		return Amount{}, fmt.Errorf("subtract %s from %s: %w", b, a, err)
	}
	return Amount{rest}, nil
}
