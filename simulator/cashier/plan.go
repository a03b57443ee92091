package cashier

import (
	"context"
	"fmt"
	"strings"

	"mozartosim/simulator/company"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// plan decides what shall happen to the payment that this call makes: a one-shot override, the Mozartosim-Scenario header, a
// `sim:` reference, a loaded scenario, or nothing but the defaults. Test cards and vouchers fill in what no scenario says.
func (p *Pipeline) plan(ctx context.Context, c *call) error {
	ctx, cancel := p.Stored(ctx)
	defer cancel()
	ordinal, err := p.Journal.Ordinal(ctx, c.company.ID, c.known)
	if err != nil {
		return fmt.Errorf("plan payment: %w", err)
	}
	c.ordinal = ordinal
	test := p.TestData.Outcome(c.operation.PSP, c.request.Body, c.asked.Amount)
	set, reference := c.runtime.Scenarios(), c.request.Body.Text("merchantReference")
	if c.request.Scenario != "" || strings.HasPrefix(reference, scenario.ReferencePrefix) {
		set = p.Runtimes.AllScenarios(c.runtime)
	}
	chosen, why, drawn, err := p.choose(ctx, c, set, scenario.Request{
		PSP: c.operation.PSP, Type: c.operation.Type, Document: c.request.Body,
		Header: c.request.Scenario, MerchantReference: reference,
		HasTestData: test.Kind != scenario.Unspecified && test.Kind != scenario.Approve, // a card that is fine says nothing
	})
	if err != nil {
		return err
	}
	if chosen != nil {
		c.plan = chosen.Plan(drawn)
		c.plan.By = why
		if chosen.Outage != nil {
			if _, err := p.Settings.StartOutage(ctx, c.company.ID, *chosen.Outage); err != nil {
				return err
			}
		}
	}
	c.plan.Outcome = planned(test, &c.plan, c.provider)
	c.asked.TestOutcome = c.plan.Outcome
	return nil
}

// choose lets the set choose, and keeps what that has changed of it: a counter, an override that is used up. drawn is the
// stream that the choice was drawn from.
func (p *Pipeline) choose(
	ctx context.Context, c *call, set *scenario.Set, q scenario.Request,
) (chosen *scenario.Scenario, why string, drawn *random.Stream, err error) {
	choose := func() (err error) {
		drawn = payments.Random(c.company, c.ordinal, "plan")
		chosen, why, err = set.Choose(q, drawn)
		return err
	}
	if set.Counting() {
		err = p.Settings.Change(ctx, c.runtime, company.ScenariosSetting, choose)
	} else {
		err = choose()
	}
	return chosen, why, drawn, err
}

// planned says what the provider makes of the call: what the scenario says goes before a test card or voucher. A shopper who
// acts on a step-up's page has been led there, and a voucher that is final at once can be declined at once only.
func planned(test scenario.Outcome, plan *scenario.Plan, prov *provider.Provider) scenario.Outcome {
	switch {
	case plan.Answer.Voucher != "":
		return scenario.Outcome{Kind: scenario.Decline, Reason: plan.Answer.Voucher}
	case plan.Shopper == nil:
		return test
	case prov.Page == provider.StepUpPage && test.Kind == scenario.MethodChallenge:
		return test
	case prov.Page == provider.StepUpPage:
		return scenario.Outcome{Kind: scenario.Challenge}
	case prov.Voucher && !prov.Webhook && plan.Shopper.Action == scenario.ActionDecline:
		return scenario.Outcome{Kind: scenario.Decline, Reason: plan.Shopper.Reason}
	}
	return scenario.Outcome{}
}
