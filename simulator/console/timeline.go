package console

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/sequence"
	"mozartosim/simulator/snippet"
)

type timelineView struct {
	Payment  adminapi.Payment
	Provider adminapi.Provider
	Steps    []step
	Next     adminapi.PaymentNext
	Diagram  sequence.Diagram
	Diff     []snippet.Line // from the contract's example to what was sent
	Curl     string         // the call again
	Call     string         // the call's id, "" when it isn't kept
	Shown    step           // the delivery, on a delivery's own page
}

// step is an entry of a timeline. Its kind says which of the other fields are set.
type step struct {
	ID       string // unique on the page
	Kind     string
	At       time.Time
	Title    string
	Failed   bool
	Data     json.RawMessage
	Checks   []adminapi.NamedRule
	Scenario *adminapi.ChosenScenario
	Delivery *adminapi.Delivery
	Attempt  *adminapi.Attempt
	Parts    []step // of the call its checks and its answer, of a delivery its attempts
}

// Primary is the action that moves the payment on: approve, a shopper action, advance, or "" when none does.
func (v timelineView) Primary(clockMode string) string {
	switch {
	case v.Next.Approval:
		return "approve"
	case len(v.Quick()) > 0:
		return v.Quick()[0]
	case len(v.Next.Jobs) > 0 && clockMode == "manual":
		return "advance"
	}
	return ""
}

// Quick are the most common shopper actions, as far as they are legal.
func (v timelineView) Quick() (quick []string) {
	for _, action := range []string{"approve", "decline", "cancel", "expire"} {
		if slices.Contains(v.Next.Actions, action) {
			quick = append(quick, action)
		}
	}
	return quick
}

// Flow is the key of the payment's flow.
func (v timelineView) Flow() string {
	return flow{adminapi.Flow{Type: v.Payment.Type, Variant: v.Payment.Variant}, v.Provider}.Key()
}

// Webhook is the step of the webhook to look at first: the first that has not arrived, or the last; nil when there is none.
func (v timelineView) Webhook() (found *step) {
	for i, s := range v.Steps {
		if s.Kind != "delivery" || s.Delivery == nil {
			continue
		}
		if found = &v.Steps[i]; s.Delivery.State != "delivered" {
			break
		}
	}
	return found
}

// Button names an action: those of a pay-out are its provider's.
func (v timelineView) Button(action string) string {
	switch {
	case v.Payment.Type == "PAYOUT" && action == "approve":
		return "Provider pays out"
	case v.Payment.Type == "PAYOUT" && action == "decline":
		return "Provider refuses"
	}
	return strings.ToUpper(action[:1]) + word(action[1:])
}

// After says how long after the payment was made something happened.
func (v timelineView) After(at time.Time) string { return after(at.Sub(v.Payment.Created)) }

func timeline(r *request) (*page, error) {
	var v timelineView
	var err error
	if v.Payment, err = r.current().Payment(r.Context(), r.PathValue("id")); err != nil {
		return nil, err
	}
	v.Provider = r.provider(v.Payment.PSP)
	if v.Next, err = r.current().Next(r.Context(), v.Payment.ID); err != nil {
		return nil, err
	}
	v.addSteps()
	v.Diagram = v.diagram()
	calls, err := r.current().Requests().List(r.Context(), adminapi.RequestQuery{
		Page: adminapi.Page{Limit: 1}, Payment: v.Payment.ID, Search: openapi.CashierPath,
	})
	if err != nil {
		return nil, err
	}
	for _, c := range calls.Requests {
		v.Call = c.ID
	}
	if err := v.compare(r); err != nil {
		return nil, err
	}
	title := amount(v.Payment.Amount) + " " + v.Payment.Currency + " · " + word(v.Payment.Status) + " · " + v.Provider.Name
	return &page{template: "timeline", Title: title, Nav: "payments", Live: v.Payment.ID, Data: v}, nil
}

// compare shows the call again, and what differs from the contract's full example.
func (v *timelineView) compare(r *request) error {
	at, err := cashierURL(r)
	if err != nil {
		return err
	}
	v.Curl = snippet.Cashier(at, string(v.Payment.Request)).Curl()
	f, ok := r.flow(v.Flow())
	if !ok {
		return nil
	}
	examples, err := r.examples(f, 0)
	if err != nil {
		return err
	}
	full := max(0, slices.IndexFunc(examples, func(e adminapi.ExampleRequest) bool { return e.Kind == "full" }))
	v.Diff, _ = snippet.Diff(examples[full].Request, v.Payment.Request)
	return nil
}

// addSteps makes the steps of all events; an answer stands in its call, an attempt in its delivery.
func (v *timelineView) addSteps() {
	for _, e := range v.Payment.Events {
		for _, s := range v.stepsOf(e) {
			s.ID = s.Kind + "-" + strconv.FormatUint(e.Seq, 10)
			if i := v.whole(s); i >= 0 {
				v.Steps[i].Parts = append(v.Steps[i].Parts, s)
				v.Steps[i].Failed = s.Kind == "answer" && s.Failed
				continue
			}
			v.Steps = append(v.Steps, s)
		}
	}
}

// whole is the index of the step of which another one is a part, -1 for those that are none.
func (v *timelineView) whole(s step) int {
	return slices.IndexFunc(v.Steps, func(w step) bool {
		if s.Attempt == nil {
			return s.Kind == "answer" && w.Kind == "call"
		}
		return w.Kind == "delivery" && w.Delivery != nil && w.Delivery.ID == s.Attempt.Delivery
	})
}

// stepsOf makes the steps of an event: one, or the call with what belongs to it.
func (v timelineView) stepsOf(e adminapi.Event) []step {
	group, kind, _ := strings.Cut(e.Kind, ".")
	s := step{Kind: kind, At: e.At, Title: e.Description()}
	switch e.Kind {
	case "payment.opened":
		s.Kind, s.Data, s.Parts = "call", v.Payment.Request, []step{v.checks(e.At)}
		return append([]step{s}, v.plan(e.At)...)
	case "payment.answered":
		s.Kind = "answer"
		s.Failed = v.Payment.Answer != nil && (v.Payment.Answer.Status >= 400 || v.Payment.Answer.Fault != "")
		if v.Payment.Page != "" {
			page := step{Kind: "page", At: e.At, Title: "the hosted page waits for the shopper"}
			if v.Payment.Type == "PAYOUT" {
				page.Title = "an admin approves or rejects the pay-out"
			}
			return []step{s, page}
		}
	case "delivery.opened":
		s.Kind = "delivery"
		s.Delivery, _ = v.delivery(e)
	case "delivery.attempted":
		s.Kind = "attempt"
		s.Delivery, s.Attempt = v.delivery(e)
		s.Failed = s.Attempt != nil && s.Attempt.State != "delivered"
	case "delivery.cancelled":
		s.Delivery, _ = v.delivery(e)
	}
	if group == "page" {
		s.Kind = "visit"
	}
	return []step{s}
}

// checks are what the call was checked against. There is a payment only when it passed all of them.
func (v timelineView) checks(at time.Time) step {
	var f adminapi.Flow
	if i := slices.IndexFunc(v.Provider.Flows, func(f adminapi.Flow) bool {
		return f.Type == v.Payment.Type && (v.Payment.Variant == "" || v.Payment.Variant == f.Variant)
	}); i >= 0 {
		f = v.Provider.Flows[i]
	}
	return step{Kind: "checks", At: at, Title: "the call passed all checks", Checks: append([]adminapi.NamedRule{
		{Name: "identity", Description: "the company JWT is valid; the user " + v.Payment.UserID + " is known"},
		{Name: "contract", Description: "the body is valid by the schema `" + f.Request + "`"},
		{Name: "back office", Description: "an orchestration rule is active, and the PSP is configured"},
	}, f.Rules...)}
}

// plan is what a scenario or test data decided for the payment, if they did.
func (v timelineView) plan(at time.Time) []step {
	if len(v.Payment.Plan) == 0 {
		return nil
	}
	return []step{{Kind: "plan", At: at, Title: "a scenario or test data decides", Data: v.Payment.Plan, Scenario: v.Payment.Scenario}}
}

// delivery is the delivery that an event is about, and the attempt; nil where there is none.
func (v timelineView) delivery(e adminapi.Event) (*adminapi.Delivery, *adminapi.Attempt) {
	var about struct {
		ID, Delivery string // of these, an event has one
		N            int
	}
	_ = json.Unmarshal(e.Data, &about) // the API wrote it
	i := slices.IndexFunc(v.Payment.Deliveries, func(d adminapi.Delivery) bool { return d.ID == about.ID+about.Delivery })
	if i < 0 {
		return nil, nil
	}
	d := &v.Payment.Deliveries[i]
	if about.N < 1 || about.N > len(d.Attempts) {
		return d, nil
	}
	return d, &d.Attempts[about.N-1]
}
