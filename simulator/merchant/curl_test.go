package merchant_test

import (
	"testing"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/merchant"
)

// TestCurlLine makes sure that every flow has the request that serve may print.
func TestCurlLine(t *testing.T) {
	t.Parallel()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range c.Operations() {
		request, err := fixtures.Example(op.PSP, op.Type, op.Variant, "minimal")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := merchant.Curl(merchant.DefaultURL, adminapi.Tokens{}, request); err != nil {
			t.Error(err)
		}
	}
	requests, err := fixtures.Requests()
	if err != nil || len(requests) == 0 {
		t.Fatal(len(requests), err)
	}
	if request, err := fixtures.Example("NOBODY", "PAYIN", "", "minimal"); err == nil {
		t.Errorf("an example of nobody: %s", request)
	}
}
