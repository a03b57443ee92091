package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/words"
)

func timePasses(ctx context.Context, w *World, span string) error {
	return only(w.advance(ctx, adminapi.AdvanceInput{By: span}))
}

func everythingHappens(ctx context.Context, w *World) error {
	return only(w.advance(ctx, adminapi.AdvanceInput{Until: "idle"}))
}

// paymentID names the payment that the steps are about.
type paymentID string

// paymentID is that of the newest answer, or of the newest payment when the answer was lost.
func (w *World) paymentID(ctx context.Context) (paymentID, error) {
	for i := len(w.answers) - 1; i >= 0; i-- {
		for _, name := range idFields() {
			if id := w.answers[i].doc.Text(name); id != "" {
				return paymentID(id), nil
			}
		}
	}
	shop, err := w.admin(ctx)
	if err != nil {
		return "", err
	}
	list, err := shop.Payments(ctx, adminapi.PaymentQuery{})
	if err != nil {
		return "", err
	}
	if len(list.Payments) == 0 {
		return "", failed(nil, "expected a payment, but the company has none")
	}
	return paymentID(list.Payments[0].ID), nil
}

// decides returns the function of a step that chooses the payment's outcome.
func decides(action string) func(context.Context, *adminapi.CompanyClient, paymentID) error {
	return func(ctx context.Context, shop *adminapi.CompanyClient, id paymentID) error {
		return only(shop.Decide(ctx, string(id), adminapi.DecisionInput{Action: action}))
	}
}

func providerDeclinesFor(ctx context.Context, shop *adminapi.CompanyClient, id paymentID, reason string) error {
	return only(shop.Decide(ctx, string(id), adminapi.DecisionInput{Action: "decline", Reason: reason}))
}

// decisionRefused checks that the payment can't be decided again.
func decisionRefused(ctx context.Context, shop *adminapi.CompanyClient, id paymentID) error {
	err := decides("approve")(ctx, shop, id)
	var refused *adminapi.Error
	switch {
	case err == nil:
		return failed(nil, "expected that a second decision is refused, but it was accepted")
	case errors.As(err, &refused) && refused.Status == http.StatusConflict:
		return nil
	}
	return err
}

// onPage returns the function of a step for every target: the simulated shopper acts, a person gets the address.
func onPage(action, please string) func(context.Context, *World) error {
	return func(ctx context.Context, w *World) error {
		switch {
		case w.api == nil && w.env.Simulated && action != "approve":
			return &NotRun{"needs a shopper who can " + action + ": the target's simulated one pays"}
		case w.api == nil && w.env.Simulated:
			return nil
		case w.api == nil:
			w.say("please %s%s", please, pageHint(w))
			return nil
		}
		id, err := w.paymentID(ctx)
		if err != nil {
			return err
		}
		return decides(action)(ctx, w.api.Company(w.acting.ID), id)
	}
}

func backOfficeApproves(ctx context.Context, shop *adminapi.CompanyClient, id paymentID) error {
	return only(shop.Approve(ctx, string(id)))
}

func backOfficeRejects(ctx context.Context, shop *adminapi.CompanyClient, id paymentID) error {
	return backOfficeRejectsFor(ctx, shop, id, "")
}

func backOfficeRejectsFor(ctx context.Context, shop *adminapi.CompanyClient, id paymentID, reason string) error {
	return only(shop.Reject(ctx, string(id), reason))
}

func paymentIs(ctx context.Context, shop *adminapi.CompanyClient, id paymentID, status string) error {
	p, err := shop.Payment(ctx, string(id))
	if err == nil && p.Status != strings.ReplaceAll(status, " ", "_") && p.TransactionStatus != status {
		err = failed(nil, "the payment is %s (%s), expected %s", p.Status, p.TransactionStatus, status)
	}
	return err
}

func hasPayments(ctx context.Context, shop *adminapi.CompanyClient, n int) error {
	list, err := shop.Payments(ctx, adminapi.PaymentQuery{})
	if err == nil && len(list.Payments) != n {
		err = failed(nil, "the company has %s, expected %d", words.Count(len(list.Payments), "payment"), n)
	}
	return err
}

// resend sends the newest webhook once more.
func resend(ctx context.Context, shop *adminapi.CompanyClient) error {
	list, err := shop.Deliveries(ctx, adminapi.DeliveryQuery{})
	if err != nil {
		return err
	}
	if len(list.Deliveries) == 0 {
		return errors.New("there is no webhook to send once more")
	}
	return only(shop.Resend(ctx, list.Deliveries[0].ID, nil))
}

func inboxHas(ctx context.Context, shop *adminapi.CompanyClient, n int) error {
	list, err := shop.Scenarios().Received(ctx, adminapi.Page{})
	if err == nil && len(list.Received) != n {
		err = failed([]string{"no-webhook-url"}, "the simulator's inbox has %s, expected %d", words.Count(len(list.Received), "webhook"), n)
	}
	return err
}

// timeline is what happened to the payment that the steps are about, in words; "" when it is not known.
func (w *World) timeline(ctx context.Context) string {
	if w.setup == nil || w.company == nil || len(w.answers) == 0 {
		return ""
	}
	id, err := w.paymentID(ctx)
	if err != nil {
		return ""
	}
	p, err := w.setup.Company(w.company.ID).Payment(ctx, string(id))
	if err != nil {
		return ""
	}
	var lines []string
	for _, e := range p.Events {
		lines = append(lines, eventWords(e, p.Created))
	}
	return w.masker.Text(strings.Join(lines, "\n"))
}

// brokenRule is the rule of the contract that the last call broke, as a simulator tells it; "" when it broke none or that is not known.
func brokenRule(ctx context.Context, w *World) string {
	if w.setup == nil || w.company == nil || len(w.answers) == 0 {
		return ""
	}
	id := w.answers[len(w.answers)-1].header.Get(adminapi.RequestIDHeader)
	if id == "" {
		return ""
	}
	call, err := w.setup.Company(w.company.ID).Requests().Request(ctx, id)
	if err != nil { // what failed is told without it
		return ""
	}
	return call.Rule
}

// eventWords describes an event in a line, with the parts of its data that matter most.
func eventWords(e adminapi.Event, since time.Time) string {
	parts := []string{fmt.Sprintf("+%s", e.At.Sub(since)), e.Kind}
	var data map[string]any
	_ = json.Unmarshal(e.Data, &data) // what is no object has no parts
	for _, name := range []string{"action", "reason", "status", "raw", "transactionStatus", "message", "by", "n", "state", "error", "fault"} {
		if value, ok := data[name]; ok && value != "" && value != nil {
			parts = append(parts, name+" "+fmt.Sprint(value))
		}
	}
	return strings.Join(parts, " ")
}
