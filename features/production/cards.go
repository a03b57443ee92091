package production

import (
	"fmt"
	"regexp"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// Cards are the test cards that providers publish.
type Cards map[string]bool

// NewCards reads the published test cards.
func NewCards() (Cards, error) {
	cards, err := fixtures.Cards()
	if err != nil {
		return nil, err
	}
	known := Cards{}
	for _, card := range cards {
		known[card.Number] = true
	}
	return known, nil
}

var digitRun = regexp.MustCompile(`\d(?:[ -]?\d){11,18}`)

// Check refuses a body with a card number that is no published test number: anywhere a number that could be a card's by its form
// and check digit, and any number in a field for card numbers.
func (g Cards) Check(body []byte) error {
	for _, found := range digitRun.FindAllString(string(body), -1) {
		if digits := mask.Digits(found); mask.LooksLikeCard(found) && !g[digits] {
			return g.refuse(digits)
		}
	}
	doc, _ := openapi.Decode(body) // without fields when it is no JSON object
	for _, path := range []string{"card.pan", "card.number", "card.cardNumber", "pan", "cardNumber"} {
		if digits := mask.Digits(doc.Text(path)); len(digits) >= 12 && !g[digits] {
			return g.refuse(digits)
		}
	}
	return nil
}

func (g Cards) refuse(digits string) error {
	return fmt.Errorf("the card number %s is no published test card and is not sent to a target that is not a simulator (fixtures/cards.yaml lists those that are)", mask.Card(digits))
}
