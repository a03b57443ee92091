package simulator

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// plan decides what shall happen to the payment that this call will make: a one-shot override, the Mozartosim-Scenario
// header, a `sim:` reference, a loaded scenario, or nothing but the defaults. Magic cards and vouchers fill in what no
// scenario says.
func (s *Simulator) plan(ctx context.Context, v *visit) error {
	ordinal, err := s.journal.Ordinal(ctx, v.company.ID)
	if err != nil {
		return fmt.Errorf("plan payment: %w", err)
	}
	v.ordinal = ordinal
	fate := s.magic.Outcome(v.operation.PSP, v.Body, v.asked.Amount)
	set, reference := v.tenant.scenarios, v.Body.Text("merchantReference")
	if v.Scenario != "" || strings.HasPrefix(reference, scenario.ReferencePrefix) {
		set = s.allScenarios(v.tenant)
	}
	draw := func() *random.Stream { return s.draw(v.company.Seed, v.company.ID, ordinal, "plan") }
	chosen, drawn, err := s.choose(ctx, v.tenant, set, scenario.Request{
		PSP: v.operation.PSP, Type: v.operation.Type, Document: v.Body,
		Header: v.Scenario, MerchantReference: reference,
		HasTestData: fate.Kind != scenario.Unspecified && fate.Kind != scenario.Approve, // a card that is fine says nothing
	}, draw)
	if err != nil {
		return err
	}
	if chosen != nil {
		plan := chosen.Plan(drawn)
		v.plan = &plan
		if chosen.Outage != nil {
			if err := s.strikeOut(ctx, v.tenant, *chosen.Outage); err != nil {
				return err
			}
		}
	}
	v.plan.Outcome = fated(fate, v.plan, v.provider)
	v.asked.TestOutcome = v.plan.Outcome
	return nil
}

// choose lets the set choose, and keeps what that has changed of it: a counter, an override that is used up. drawn is the
// stream behind the choice.
func (s *Simulator) choose(
	ctx context.Context, t *tenant, set *scenario.Set, q scenario.Request, draw func() *random.Stream,
) (chosen *scenario.Scenario, drawn *random.Stream, err error) {
	choose := func() (err error) {
		drawn = draw()
		chosen, _, err = set.Choose(q, drawn)
		return err
	}
	if set.Counting() {
		err = s.keep(ctx, t, partScenarios, choose)
	} else {
		err = choose()
	}
	return chosen, drawn, err
}

// fated says what the provider makes of the call: what the scenario says goes before a magic card or voucher. Somebody who
// does something on a step-up's page has been led there, and a voucher that is final at once can be declined at once only.
func fated(magic scenario.Outcome, plan *scenario.Plan, prov *provider.Provider) scenario.Outcome {
	switch {
	case plan.Answer.Voucher != "":
		return scenario.Outcome{Kind: scenario.Decline, Reason: plan.Answer.Voucher}
	case plan.Shopper == nil:
		return magic
	case prov.Page == provider.StepUpPage && magic.Kind == scenario.MethodChallenge:
		return magic
	case prov.Page == provider.StepUpPage:
		return scenario.Outcome{Kind: scenario.Challenge}
	case prov.Voucher && !prov.Webhook && plan.Shopper.Action == scenario.ActionDecline:
		return scenario.Outcome{Kind: scenario.Decline, Reason: plan.Shopper.Reason}
	}
	return scenario.Outcome{}
}

// draw returns the stream of one payment for one purpose: what is drawn for one never shifts another's.
func (s *Simulator) draw(seed uint64, company string, ordinal uint64, purpose string) *random.Stream {
	return random.New(seed, company, "payment", strconv.FormatUint(ordinal, 10), purpose)
}

// shopper returns what the shopper does with a payment that waits for an outcome, and when; nil when nobody will. A pay-out
// and a voucher have no page: there the provider itself decides, whatever --shopper says.
func (s *Simulator) shopper(plan *scenario.Plan, page bool) *scenario.Shopper {
	if plan.Shopper == nil && page && s.config.Shopper == ManualShopper {
		return nil
	}
	deed := s.usualDeed(plan.Outcome)
	if plan.Shopper != nil {
		deed = *plan.Shopper
	}
	if plan.Webhooks.Order == scenario.BeforeAnswer {
		deed.After = scenario.Duration{}
	}
	return &deed
}

// usualDeed is what a shopper does whom no scenario tells: approve, unless a magic value has it otherwise.
func (s *Simulator) usualDeed(fate scenario.Outcome) scenario.Shopper {
	deed := scenario.Shopper{Action: scenario.ActionApprove, After: scenario.Fixed(s.config.ShopperAfter)}
	switch fate.Kind {
	case scenario.Decline, scenario.Error:
		deed.Action, deed.Reason = scenario.ActionDecline, fate.Reason
	case scenario.NotAuthenticated:
		deed.Action, deed.Reason = scenario.ActionChallengeFail, fate.Reason
	}
	return deed
}

// slots says when each of n notices is delivered, counted from the outcome: at its own time, or, when the order is changed,
// all of them behind the last, a millisecond apart.
func slots(told []provider.Notification, plan scenario.Webhooks, draw *random.Stream) []time.Duration {
	at := make([]time.Duration, len(told))
	last := time.Duration(0)
	for i, t := range told {
		at[i] = t.After + plan.Delay.Draw(draw)
		last = max(last, at[i])
	}
	if plan.Order == scenario.BeforeAnswer && len(at) > 0 {
		at[0] = told[0].After // nothing delays it
	}
	if plan.Order != scenario.Reversed && plan.Order != scenario.Shuffled {
		return at
	}
	places := make([]int, len(told))
	for i := range places {
		places[i] = i
		if plan.Order == scenario.Reversed {
			places[i] = len(told) - 1 - i
		}
	}
	if plan.Order == scenario.Shuffled {
		for i := len(places) - 1; i > 0; i-- {
			j := draw.IntN(i + 1)
			places[i], places[j] = places[j], places[i]
		}
	}
	for i, place := range places {
		at[i] = last + time.Duration(place)*time.Millisecond
	}
	return at
}
