package provider

import (
	"errors"
	"fmt"

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
	var problems openapi.Problems
	amount, reason := c.amount(request)
	if reason != "" {
		problems.Add("baseamount", "%s", reason)
	}
	if number := request.Text("card.pan"); mask.CouldBeCard(number) && !c.TestCard(number) {
		problems.Add("card.pan", "must be a published test card number: the simulator refuses what could be a live card")
	}
	if problems != nil {
		return money.Amount{}, problems.Err()
	}
	return amount, nil
}

// maxDecimals is how many decimals an amount may have where their number is not enforced.
const maxDecimals = 6

// amount reads baseamount with the decimals of its currency, at least two (assumed); the reason is why it is wrong, "" for none.
func (c Common) amount(request openapi.Document) (amount money.Amount, reason string) {
	decimals := max(2, c.Currencies[request.Text("currency")].Decimals)
	if c.Unenforced["amount-decimals"] {
		decimals = maxDecimals
	}
	amount, err := money.Parse(request.Text("baseamount"), decimals)
	switch {
	case errors.Is(err, money.ErrTooLarge):
		return amount, "must have at most 12 digits before the point"
	case errors.Is(err, money.ErrTooFine):
		return amount, fmt.Sprintf("must have at most %d decimals", decimals)
	case err != nil:
		return amount, "must be a decimal number of ordinary size"
	case !amount.Positive():
		return amount, "must be greater than 0"
	}
	return amount, ""
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
	return invalid.Problems.Below(field).Err()
}
