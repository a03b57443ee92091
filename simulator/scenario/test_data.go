package scenario

import (
	"fmt"
	"sync"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/money"
)

// OutcomeKind is what the provider makes of a payment.
type OutcomeKind string

// The outcomes that test data can pick.
const (
	Unspecified      OutcomeKind = ""                  // the provider's default: there is no test data
	Approve          OutcomeKind = "approve"           //
	Decline          OutcomeKind = "decline"           //
	Challenge        OutcomeKind = "challenge"         // the card's issuer asks for a step-up
	MethodChallenge  OutcomeKind = "method-challenge"  // the same, after a 3DS method call
	NotAuthenticated OutcomeKind = "not-authenticated" // the step-up fails
	Error            OutcomeKind = "error"             // the provider itself fails
)

// Outcome is what the provider makes of a payment, and why in the provider's own code.
type Outcome struct {
	Kind   OutcomeKind
	Reason string
}

// TestData knows the values in a request that pick an outcome: the providers' test cards, names and amounts, and the
// simulator's own test vouchers.
type TestData struct {
	Cards    fixtures.CardTables   // for people to choose from
	outcomes map[[3]string]Outcome // by what the value is, whose it is, and its text
	cards    map[string]bool       // the number of every provider's test cards
}

var testData = sync.OnceValues(readTestData)

// NewTestData is the test data of fixtures; a process reads it once. An error means that a table in it is broken.
func NewTestData() (*TestData, error) { return testData() }

func readTestData() (*TestData, error) {
	t := &TestData{outcomes: map[[3]string]Outcome{}, cards: map[string]bool{}}
	add := func(kind, psp, text, outcome, reason string) {
		t.outcomes[[3]string{kind, psp, text}] = Outcome{OutcomeKind(outcome), reason}
	}
	tables, err := fixtures.Cards()
	if err != nil {
		return nil, fmt.Errorf("test cards: %w", err)
	}
	t.Cards = tables
	for _, c := range tables.Cards {
		add("card", c.PSP, c.Number, c.Outcome, c.Reason)
		t.cards[c.Number] = true
	}
	for _, n := range tables.Names {
		add("name", n.PSP, n.Name, n.Outcome, n.Reason)
	}
	for _, a := range tables.Amounts {
		amount, err := money.Parse(a.Amount, 2)
		if err != nil {
			return nil, fmt.Errorf("test amount %q: %w", a.Amount, err)
		}
		add("amount", a.PSP, amount.String(), a.Outcome, a.Reason)
	}
	vouchers, err := fixtures.Vouchers()
	if err != nil {
		return nil, fmt.Errorf("test vouchers: %w", err)
	}
	for _, v := range vouchers {
		add("voucher", v.PSP, v.PIN, v.Outcome, v.Reason)
	}
	return t, nil
}

// TestCard says whether a card number is a published test number of any provider.
func (t *TestData) TestCard(number string) bool { return t.cards[mask.Digits(number)] }

// Outcome looks for test data: the amount, the name on the card, the card, the voucher, in this order.
func (t *TestData) Outcome(psp string, request openapi.Document, amount money.Amount) Outcome {
	if outcome, ok := t.outcomes[[3]string{"amount", psp, amount.String()}]; ok {
		return outcome
	}
	if !request.Has("card") {
		return t.outcomes[[3]string{"voucher", psp, request.Text("voucherPin")}]
	}
	for _, field := range []string{"card.name_on_card", "card.cardHolderName"} {
		if outcome, ok := t.outcomes[[3]string{"name", psp, request.Text(field)}]; ok {
			return outcome
		}
	}
	return t.outcomes[[3]string{"card", psp, mask.Digits(request.Text("card.pan"))}]
}
