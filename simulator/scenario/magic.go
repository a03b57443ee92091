package scenario

import (
	"mozartosim/openapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/money"
)

// Outcome is what the provider makes of a payment.
type Outcome string

// The outcomes that a magic value can name.
const (
	Unspecified      Outcome = ""                  // nothing in the request says: the provider's default
	Approve          Outcome = "approve"           //
	Decline          Outcome = "decline"           //
	Challenge        Outcome = "challenge"         // the card's issuer asks for a step-up
	MethodChallenge  Outcome = "method-challenge"  // the same, behind a 3DS method call
	NotAuthenticated Outcome = "not-authenticated" // the step-up fails
	Error            Outcome = "error"             // the provider itself stumbles
)

// Fate is what shall happen to a payment, and why in the provider's own code.
type Fate struct {
	Outcome Outcome
	Reason  string
}

// Magic knows the values in a request that decide its fate.
type Magic struct {
	cards    map[key]Fate
	names    map[key]Fate
	vouchers map[key]Fate
	amounts  map[key]Fate
	numbers  map[string]bool // every known test card number
}

type key struct{ psp, value string }

// NewMagic makes an empty table.
func NewMagic() *Magic {
	return &Magic{
		cards: map[key]Fate{}, names: map[key]Fate{}, vouchers: map[key]Fate{}, amounts: map[key]Fate{},
		numbers: map[string]bool{},
	}
}

// Card adds a provider's test card.
func (m *Magic) Card(psp, number string, fate Fate) {
	m.cards[key{psp, number}], m.numbers[number] = fate, true
}

// Name adds a name on the card that decides.
func (m *Magic) Name(psp, name string, fate Fate) { m.names[key{psp, name}] = fate }

// Voucher adds a test voucher.
func (m *Magic) Voucher(psp, pin string, fate Fate) { m.vouchers[key{psp, pin}] = fate }

// Amount adds an amount that decides, whatever the card.
func (m *Magic) Amount(psp string, amount money.Amount, fate Fate) {
	m.amounts[key{psp, amount.String()}] = fate
}

// TestCard says whether a card number is a published test number of any provider.
func (m *Magic) TestCard(number string) bool { return m.numbers[mask.Digits(number)] }

// Fate looks for a magic value: the amount, the name on the card, the card, the voucher, in this order.
func (m *Magic) Fate(psp string, request openapi.Document, amount money.Amount) Fate {
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
