package production

import (
	"fmt"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// Cards are the test cards that providers publish.
type Cards map[string]bool

// NewCards reads the published test cards.
func NewCards() (Cards, error) {
	tables, err := fixtures.Cards()
	if err != nil {
		return nil, err
	}
	known := Cards{}
	for _, card := range tables.Cards {
		known[card.Number] = true
	}
	return known, nil
}

// Check refuses a body with a number that is no published test number in a field for card numbers. Anywhere else, a number is
// somebody's id, PIN or reference: nobody can be charged by it.
func (g Cards) Check(body []byte) error {
	doc, _ := openapi.Decode(body) // without fields when it is no JSON object
	for _, path := range []string{"card.pan", "card.number", "card.cardNumber", "pan", "cardNumber"} {
		if digits := mask.Digits(doc.Text(path)); len(digits) >= 12 && !g[digits] {
			return fmt.Errorf("the card number %s is no published test card and is not sent to a target that is not a simulator (fixtures/cards.yaml lists those that are)", mask.Card(digits))
		}
	}
	return nil
}
