package scenario

import (
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/money"
)

// OutcomeKind is what the provider makes of a payment.
type OutcomeKind string

// The outcomes that a magic value can name.
const (
	Unspecified      OutcomeKind = ""                  // nothing in the request says: the provider's default
	Approve          OutcomeKind = "approve"           //
	Decline          OutcomeKind = "decline"           //
	Challenge        OutcomeKind = "challenge"         // the card's issuer asks for a step-up
	MethodChallenge  OutcomeKind = "method-challenge"  // the same, behind a 3DS method call
	NotAuthenticated OutcomeKind = "not-authenticated" // the step-up fails
	Error            OutcomeKind = "error"             // the provider itself stumbles
)

// Outcome is what shall happen to a payment, and why in the provider's own code.
type Outcome struct {
	Kind   OutcomeKind
	Reason string
}

// TestData knows the values in a request that decide its fate.
type TestData struct {
	cards    map[key]Outcome
	names    map[key]Outcome
	vouchers map[key]Outcome
	amounts  map[key]Outcome
	numbers  map[string]bool // every known test card number
}

type key struct{ psp, value string }

// NewTestData makes an empty table.
func NewTestData() *TestData {
	return &TestData{
		cards: map[key]Outcome{}, names: map[key]Outcome{}, vouchers: map[key]Outcome{}, amounts: map[key]Outcome{},
		numbers: map[string]bool{},
	}
}

// Card adds a provider's test card.
func (m *TestData) Card(psp, number string, fate Outcome) {
	m.cards[key{psp, number}], m.numbers[number] = fate, true
}

// Name adds a name on the card that decides.
func (m *TestData) Name(psp, name string, fate Outcome) { m.names[key{psp, name}] = fate }

// Voucher adds a test voucher.
func (m *TestData) Voucher(psp, pin string, fate Outcome) { m.vouchers[key{psp, pin}] = fate }

// Amount adds an amount that decides, whatever the card.
func (m *TestData) Amount(psp string, amount money.Amount, fate Outcome) {
	m.amounts[key{psp, amount.String()}] = fate
}

// TestCard says whether a card number is a published test number of any provider.
func (m *TestData) TestCard(number string) bool { return m.numbers[mask.Digits(number)] }

// Outcome looks for a magic value: the amount, the name on the card, the card, the voucher, in this order.
func (m *TestData) Outcome(psp string, request openapi.Document, amount money.Amount) Outcome {
	if fate, ok := m.amounts[key{psp, amount.String()}]; ok {
		return fate
	}
	if request.Has("card") {
		for _, field := range []string{"card.name_on_card", "card.cardHolderName"} {
			if fate, ok := m.names[key{psp, request.Text(field)}]; ok {
				return fate
			}
		}
		return m.cards[key{psp, mask.Digits(request.Text("card.pan"))}]
	}
	return m.vouchers[key{psp, request.Text("voucherPin")}]
}
