package main

import (
	"os/exec"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// TestQuote is a property: a shell hands every text on as it was.
func TestQuote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching("[a-z'\"$`\\\\ \n!&;|é{}]{0,20}").Draw(t, "text")
		out, err := exec.Command("sh", "-c", "printf %s "+quote(text)).Output()
		if err != nil || string(out) != text {
			t.Fatalf("%q became %q: %v", text, out, err)
		}
	})
}

// TestCurlLine makes sure that every flow has the request that serve may print.
func TestCurlLine(t *testing.T) {
	t.Parallel()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range c.Operations() {
		request, err := example(op.PSP, op.Type, op.Variant, "minimal")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := curlLine(defaultURL, adminapi.Tokens{}, request); err != nil {
			t.Error(err)
		}
	}
	requests, err := fixtures.Requests()
	if err != nil || len(requests) == 0 {
		t.Fatal(len(requests), err)
	}
	if request, err := example("NOBODY", "PAYIN", "", "minimal"); err == nil {
		t.Errorf("an example of nobody: %s", request)
	}
}
