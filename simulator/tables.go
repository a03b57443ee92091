package simulator

import (
	"fmt"

	"mozartosim/fixtures"
	"mozartosim/simulator/money"
	"mozartosim/simulator/scenario"
)

// readMagic makes the table of magic values out of the fixtures.
func readMagic() (*scenario.TestData, error) {
	magic := scenario.NewTestData()
	cards, err := fixtures.Cards()
	if err != nil {
		return nil, fmt.Errorf("test cards: %w", err)
	}
	for _, c := range cards {
		magic.Card(c.PSP, c.Number, fate(c.Outcome, c.Reason))
	}
	names, err := fixtures.CardNames()
	if err != nil {
		return nil, fmt.Errorf("test names: %w", err)
	}
	for _, n := range names {
		magic.Name(n.PSP, n.Name, fate(n.Outcome, n.Reason))
	}
	amounts, err := fixtures.CardAmounts()
	if err != nil {
		return nil, fmt.Errorf("test amounts: %w", err)
	}
	for _, a := range amounts {
		amount, err := money.Parse(a.Amount, 2)
		if err != nil {
			return nil, fmt.Errorf("test amount %q: %w", a.Amount, err)
		}
		magic.Amount(a.PSP, amount, fate(a.Outcome, a.Reason))
	}
	vouchers, err := fixtures.Vouchers()
	if err != nil {
		return nil, fmt.Errorf("test vouchers: %w", err)
	}
	for _, v := range vouchers {
		magic.Voucher(v.PSP, v.PIN, fate(v.Outcome, v.Reason))
	}
	return magic, nil
}

func fate(outcome, reason string) scenario.Outcome {
	return scenario.Outcome{Kind: scenario.OutcomeKind(outcome), Reason: reason}
}
