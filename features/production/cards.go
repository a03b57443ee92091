package production

import (
	"fmt"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// CardCheck makes a check that refuses a body with a number that is no published test number in a field for card numbers. Anywhere
// else, a number is an id, PIN or reference: nobody can be charged by it.
func CardCheck() (check func(body []byte) error, err error) {
	tables, err := fixtures.Cards()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, card := range tables.Cards {
		known[card.Number] = true
	}
	return func(body []byte) error {
		doc, _ := openapi.Decode(body) // without fields when it is no JSON object
		for _, path := range []string{"card.pan", "card.number", "card.cardNumber", "pan", "cardNumber"} {
			if digits := mask.Digits(doc.Text(path)); len(digits) >= 12 && !known[digits] {
				return fmt.Errorf("the card number %s is no published test card and is not sent to a target that is not a simulator (fixtures/cards.yaml lists those that are)", mask.Card(digits))
			}
		}
		return nil
	}, nil
}
