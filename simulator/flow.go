package simulator

import (
	"context"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// visit is what the stages know of one call; each stage fills in its part and leaves the others' alone.
type visit struct {
	*api.Call
	tenant    *tenant             // identify
	company   *backoffice.Company // identify
	user      identity.User       // identify
	operation *openapi.Operation  // validate
	psp       backoffice.PSP      // route
	provider  *provider.Provider  // route
	flow      provider.Flow       // route
	plan      *scenario.Plan      // plan
	ordinal   uint64              // plan: the company's n-th payment
	asked     *provider.Call      // judge; pay adds the payment's terms
	answer    api.Answer          // pay
}

// stage is one room of the walk; an error of it is where the walk ends.
type stage struct {
	name string
	do   func(ctx context.Context, v *visit) error
}

// stages are the walk, in the contract's order (assumed: rule check-order). The front door has seen to method, path, size
// and JSON before; its errors.go words the errors that come back.
func (s *Simulator) stages() []stage {
	return []stage{
		{"identify", s.identify}, // who calls, for whom
		{"validate", s.validate}, // does the body hold against the contract
		{"route", s.route},       // orchestration rule, PSP configuration
		{"judge", s.judge},       // rules that OpenAPI can't say
		{"plan", s.plan},         // what shall happen
		{"pay", s.pay},           // the provider's answer, kept in the journal before it leaves
	}
}

// Cashier takes one call of the Cashier API through its stages.
func (s *Simulator) Cashier(ctx context.Context, call *api.Call) (api.Answer, error) {
	v := &visit{Call: call, plan: &scenario.Plan{}}
	walk := s.metrics.walk(s.config.Trace)
	for _, stage := range s.walk {
		if err := stage.do(ctx, v); err != nil {
			walk.refused(stage.name)
			s.trace(v, walk, err)
			return v.answer, err
		}
		walk.passed(stage.name)
	}
	s.trace(v, walk, nil)
	return v.answer, nil
}

// identify finds the company by its token and the shopper by either user header. Two flows take x-user-token only, so the
// operation is looked up here already; whether it holds is the next stage's business.
func (s *Simulator) identify(ctx context.Context, v *visit) error {
	account, err := s.gate.Company(v.Authorization)
	if err != nil {
		return err
	}
	company, ok := s.companies.Get(account.ID)
	if !ok { // deleted between the two look-ups
		return identity.ErrUnauthorized
	}
	v.company, v.tenant = company, s.tenant(company.ID)
	v.operation, _ = s.contract.Select(v.Body)
	v.user, err = s.gate.User(ctx, account, identity.Request{
		UserToken:         v.UserToken,
		UserAuthorization: v.UserAuthorization,
		UserID:            v.Body.Text("userId"),
		TokenOnly:         v.operation != nil && v.operation.UserToken == "required",
	})
	return err
}

// validate picks the contract's request by pspType and type, and holds the body against just that.
func (s *Simulator) validate(_ context.Context, v *visit) (err error) {
	if v.operation, err = s.contract.Select(v.Body); err != nil {
		return err
	}
	return v.operation.Validate(v.Body)
}

// route follows the orchestration rule to the provider and its configuration.
func (s *Simulator) route(_ context.Context, v *visit) (err error) {
	if v.psp, err = v.company.Route(v.operation.PSP, v.Body.Text("brandId")); err != nil {
		return err
	}
	v.provider = s.providers[v.operation.PSP]
	v.flow, _ = v.provider.Flow(v.operation.Type)
	return nil
}

// judge checks the named rules, those of every provider first.
func (s *Simulator) judge(_ context.Context, v *visit) error {
	amount, err := s.rules.Check(v.Body)
	if err != nil {
		return err
	}
	v.asked = &provider.Call{
		Contract: s.contract, Operation: v.operation, Request: v.Body, PSP: v.psp, User: v.user, UserAgent: v.UserAgent,
		Amount: amount, PublicURL: s.publicURL, Slug: v.provider.Slug,
	}
	for _, rule := range v.flow.Rules {
		if rule.Check == nil {
			continue
		}
		if err := rule.Check(v.asked); err != nil {
			return err
		}
	}
	return nil
}
