package provider

import (
	"testing"

	"mozartosim/openapi"
)

// What Brite answers to a call that it refuses is as the contract has it.
func TestBriteRefusal(t *testing.T) {
	t.Parallel()
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range []string{"InvalidAmount", "TransactionInvalid", "NotFound", "Country DK is not supported"} {
		doc, err := openapi.Decode(briteRefusal(reason).Append(nil, false))
		if err != nil {
			t.Fatal(err)
		}
		if err := contract.ValidateAs("BriteRefusal", doc); err != nil {
			t.Errorf("%s: %v", reason, err)
		}
	}
}
