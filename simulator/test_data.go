package simulator

import (
	"fmt"

	"mozartosim/fixtures"
	"mozartosim/simulator/money"
	"mozartosim/simulator/scenario"
)

// readTestData makes the table of test data of the fixtures.
func readTestData() (*scenario.TestData, error) {
	data := scenario.NewTestData()
	cards, err := fixtures.Cards()
	if err != nil {
		return nil, fmt.Errorf("test cards: %w", err)
	}
	for _, c := range cards {
		data.Card(c.PSP, c.Number, outcome(c.Outcome, c.Reason))
	}
	names, err := fixtures.CardNames()
	if err != nil {
		return nil, fmt.Errorf("test names: %w", err)
	}
	for _, n := range names {
		data.Name(n.PSP, n.Name, outcome(n.Outcome, n.Reason))
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
		data.Amount(a.PSP, amount, outcome(a.Outcome, a.Reason))
	}
	vouchers, err := fixtures.Vouchers()
	if err != nil {
		return nil, fmt.Errorf("test vouchers: %w", err)
	}
	for _, v := range vouchers {
		data.Voucher(v.PSP, v.PIN, outcome(v.Outcome, v.Reason))
	}
	return data, nil
}

func outcome(kind, reason string) scenario.Outcome {
	return scenario.Outcome{Kind: scenario.OutcomeKind(kind), Reason: reason}
}
