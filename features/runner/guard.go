package runner

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"mozartosim/features/production"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
)

// hostOf is a URL's host as it is compared: lower case, no port, no dot at the end.
func hostOf(u *url.URL) string { return strings.TrimRight(strings.ToLower(u.Hostname()), ".") }

// guarded keeps every call away from production, and the calls of the API at the pace.
type guarded struct {
	next       http.RoundTripper
	production bool
	pace       *throttle
	host       string // of the API; others, such as the providers' pages, are not held up
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := production.Check(r.URL, g.production); err != nil {
		return nil, err
	}
	if hostOf(r.URL) == g.host {
		if err := g.pace.wait(r.Context()); err != nil {
			return nil, err
		}
	}
	return g.next.RoundTrip(r)
}

// cardGuard knows the test cards that providers publish.
type cardGuard map[string]bool

func newCardGuard() (cardGuard, error) {
	cards, err := fixtures.Cards()
	if err != nil {
		return nil, err
	}
	known := cardGuard{}
	for _, card := range cards {
		known[card.Number] = true
	}
	return known, nil
}

var digitRun = regexp.MustCompile(`\d(?:[ -]?\d){11,18}`)

// check refuses a body with a card number that is no published test number: anything that could be one by its look and its
// check digit, wherever it stands, and whatever stands where a card's number belongs.
func (g cardGuard) check(body []byte) error {
	for _, found := range digitRun.FindAllString(string(body), -1) {
		if digits := mask.Digits(found); mask.LooksLikeCard(found) && !g[digits] {
			return g.refuse(digits)
		}
	}
	doc, err := openapi.Decode(body)
	if err != nil {
		return nil // no JSON object: no field has a name
	}
	for _, path := range []string{"card.pan", "card.number", "card.cardNumber", "pan", "cardNumber"} {
		if digits := mask.Digits(doc.Text(path)); len(digits) >= 12 && !g[digits] {
			return g.refuse(digits)
		}
	}
	return nil
}

func (g cardGuard) refuse(digits string) error {
	return fmt.Errorf("the card number %s is no published test card and is not sent to a target that is not a simulator (fixtures/cards.yaml lists those that are)", mask.Card(digits))
}
