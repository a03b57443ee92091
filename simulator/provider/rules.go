package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/money"
)

// Common are the named rules of every provider; they are checked before the provider's own.
type Common struct {
	Currencies money.Currencies
	TestCard   func(number string) bool
	Unenforced map[string]bool // rules, by name, that are not enforced
}

// Check checks a valid request and returns its amount. All broken rules are listed, in the order of the contract; the error is
// an *openapi.Invalid.
func (c Common) Check(request openapi.Document) (money.Amount, error) {
	var problems []string
	amount, problem := c.amount(request)
	if problem != "" {
		problems = append(problems, problem)
	}
	if number := request.Text("card.pan"); mask.CouldBeCard(number) && !c.TestCard(number) {
		problems = append(problems, "card.pan must be a published test card number: the simulator refuses what could be a live card")
	}
	if problems != nil {
		return money.Amount{}, &openapi.Invalid{Problems: problems}
	}
	return amount, nil
}

// maxDecimals is how many decimals an amount may have where their number is not enforced.
const maxDecimals = 6

// amount reads baseamount with the decimals of its currency, at least two (assumed).
func (c Common) amount(request openapi.Document) (amount money.Amount, problem string) {
	decimals := max(2, c.Currencies[request.Text("currency")].Decimals)
	if c.Unenforced["amount-decimals"] {
		decimals = maxDecimals
	}
	amount, err := money.Parse(request.Text("baseamount"), decimals)
	switch {
	case errors.Is(err, money.ErrTooLarge):
		return amount, "baseamount must have at most 12 digits before the point"
	case errors.Is(err, money.ErrTooFine):
		return amount, fmt.Sprintf("baseamount must have at most %d decimals", decimals)
	case err != nil:
		return amount, "baseamount must be a decimal number of ordinary size"
	case !amount.Positive():
		return amount, "baseamount must be greater than 0"
	}
	return amount, ""
}

// oneOf checks a field's value against a list.
func oneOf(c *Call, field string, allowed []string) string {
	if slices.Contains(allowed, c.Request.Text(field)) {
		return ""
	}
	return field + " must be one of: " + strings.Join(allowed, ", ")
}

// all makes one error of the problems that are not empty, nil when there are none.
func all(problems ...string) error {
	problems = slices.DeleteFunc(problems, func(p string) bool { return p == "" })
	if len(problems) == 0 {
		return nil
	}
	return &openapi.Invalid{Problems: problems}
}

// nested validates the object under field by a component schema; paths in the error begin with field.
func nested(c *Call, field, schema string) error {
	err := c.Contract.ValidateAs(schema, openapi.Document{Fields: c.Request.Object(field)})
	var invalid *openapi.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	if invalid.Missing != "" {
		return missing(field + "." + invalid.Missing)
	}
	problems := make([]string, len(invalid.Problems))
	for i, p := range invalid.Problems {
		problems[i] = field + "." + p
	}
	return &openapi.Invalid{Problems: problems}
}
