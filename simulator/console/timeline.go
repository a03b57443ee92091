package console

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/simulator/adminapi"
)

type timelineView struct {
	Payment  adminapi.Payment
	Provider adminapi.Provider
	Steps    []step
	Next     adminapi.PaymentNext
}

// step is an entry of a timeline. Its kind says which of the other fields are set.
type step struct {
	ID       string // unique on the page
	Kind     string
	At       time.Time
	Title    string
	Data     json.RawMessage
	Checks   []adminapi.NamedRule
	Scenario *adminapi.ChosenScenario
	Delivery *adminapi.Delivery
	Attempt  *adminapi.Attempt
}

// QuickActions are the most common shopper actions, as far as they are legal.
func (v timelineView) QuickActions() (quick []string) {
	for _, action := range []string{"approve", "decline", "cancel", "expire"} {
		if slices.Contains(v.Next.Actions, action) {
			quick = append(quick, action)
		}
	}
	return quick
}

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
	for _, e := range v.Payment.Events {
		v.Steps = append(v.Steps, v.stepsOf(e)...)
	}
	for i := range v.Steps {
		v.Steps[i].ID = v.Steps[i].Kind + "-" + strconv.Itoa(i)
	}
	return &page{template: "timeline", title: "Payment " + v.Payment.ID, nav: "payments", live: v.Payment.ID, data: v}, nil
}

// stepsOf makes the steps of an event: one, or the call with what belongs to it.
func (v timelineView) stepsOf(e adminapi.Event) []step {
	group, kind, _ := strings.Cut(e.Kind, ".")
	s := step{Kind: kind, At: e.At, Title: e.Description()}
	switch e.Kind {
	case "payment.opened":
		s.Kind, s.Data = "call", v.Payment.Request
		return append([]step{s, v.checks(e.At)}, v.plan(e.At)...)
	case "payment.answered":
		s.Kind = "answer"
		if v.Payment.Page != "" {
			return []step{s, {Kind: "page", At: e.At, Title: "the hosted page waits for the shopper"}}
		}
	case "delivery.opened", "delivery.attempted", "delivery.cancelled":
		v.addDelivery(&s, e)
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

func (v timelineView) addDelivery(s *step, e adminapi.Event) {
	var about struct {
		ID, Delivery string // of these, an event has one
		N            int
	}
	_ = json.Unmarshal(e.Data, &about) // the API wrote it
	i := slices.IndexFunc(v.Payment.Deliveries, func(d adminapi.Delivery) bool { return d.ID == about.ID+about.Delivery })
	if i >= 0 {
		s.Delivery = &v.Payment.Deliveries[i]
	}
	switch s.Kind {
	case "opened":
		s.Kind = "delivery"
	case "attempted":
		s.Kind = "attempt"
		if s.Delivery != nil && about.N >= 1 && about.N <= len(s.Delivery.Attempts) {
			s.Attempt = &s.Delivery.Attempts[about.N-1]
		}
	}
}
