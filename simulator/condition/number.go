package condition

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

// decimal is a number exactly as it was written: 0.digits × 10^exponent, the digits without zeros at either end. Zero has
// no digits. Nothing is ever rounded and no large number is ever built.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// maxExponent bounds the numbers that are compared, far beyond any amount.
const maxExponent = 1 << 20

// parseDecimal reads a number as JSON writes it (and with a point at either end, as expr-lang allows).
func parseDecimal(text string) (d decimal, ok bool) {
	mantissa, exponentText, found := strings.Cut(strings.ToLower(text), "e")
	exponent := 0
	if found {
		var err error
		if exponent, err = strconv.Atoi(exponentText); err != nil || exponent > maxExponent || exponent < -maxExponent {
			return decimal{}, false
		}
	}
	mantissa, d.negative = strings.CutPrefix(mantissa, "-")
	left, right, _ := strings.Cut(mantissa, ".")
	all := left + right
	if all == "" || strings.Trim(all, "0123456789") != "" {
		return decimal{}, false
	}
	d.digits = strings.TrimLeft(all, "0")
	d.exponent = exponent + len(left) - (len(all) - len(d.digits))
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func wholeDecimal(n int) decimal {
	d, _ := parseDecimal(strconv.Itoa(n))
	return d
}

// asDecimal reads a value of a request, or of the condition itself, as a number.
func asDecimal(value any) (d decimal, ok bool) {
	switch value := value.(type) {
	case decimal:
		return value, true
	case json.Number:
		return parseDecimal(string(value))
	}
	return decimal{}, false
}

// compare is -1, 0 or 1 as d is less than, equal to or greater than e.
func (d decimal) compare(e decimal) int {
	if sign := cmp.Compare(d.sign(), e.sign()); sign != 0 {
		return sign
	}
	size := cmp.Or(cmp.Compare(d.exponent, e.exponent), strings.Compare(d.digits, e.digits))
	if d.negative {
		return -size
	}
	return size
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d decimal) negate() decimal {
	d.negative = d.digits != "" && !d.negative
	return d
}
