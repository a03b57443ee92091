package mcp

import (
	"encoding/json"
	"testing"
)

func TestMended(t *testing.T) {
	t.Parallel()
	example := `{"amount": 10.50, "currency": "CAD", "card": {"pan": "4111111111111111", "cvv": "123"}}`
	for name, c := range map[string]struct {
		body  string
		wrong []string
		want  string
	}{
		"missing":           {`{"amount": 1.00, "card": {"pan": "5", "cvv": "1"}}`, []string{"currency"}, `{"amount":1.00,"card":{"cvv":"1","pan":"5"},"currency":"CAD"}`},
		"wrong":             {`{"amount": 1.005, "currency": "EUR"}`, []string{"amount"}, `{"amount":10.50,"card":{"cvv":"123","pan":"4111111111111111"},"currency":"EUR"}`},
		"unknown and wrong": {`{"amount": 1.00, "currency": "EUR", "dob": "x", "card": {"pan": "5", "cvv": "1"}}`, []string{"dob"}, `{"amount":1.00,"card":{"cvv":"1","pan":"5"},"currency":"EUR"}`},
		"masked":            {`{"amount": 1.00, "currency": "EUR", "card": {"pan": "411111******1111", "cvv": "***"}}`, []string{"userId"}, `{"amount":1.00,"card":{"cvv":"123","pan":"4111111111111111"},"currency":"EUR"}`},
		"nested":            {`{"amount": 1.00, "currency": "EUR", "pan": "1", "card": {"pan": "5", "cvv": "1"}}`, []string{"card.pan"}, `{"amount":1.00,"card":{"cvv":"1","pan":"4111111111111111"},"currency":"EUR","pan":"1"}`},
	} {
		body, err := decoded([]byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		right, err := decoded([]byte(example))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := json.Marshal(mended(body, right, c.wrong, "")); string(got) != c.want {
			t.Errorf("%s: %s, should be %s", name, got, c.want)
		}
	}
}
