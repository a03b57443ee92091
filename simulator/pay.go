package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
)

// pay opens the payment, asks the provider, and keeps everything in one append before the answer leaves: a payment is
// there whole or not at all.
func (s *Simulator) pay(ctx context.Context, v *visit) (api.Answer, error) {
	call, err := s.open(ctx, v)
	if err != nil {
		return api.Answer{}, err
	}
	paid, opened, err := payment.Open(call.Terms, call.Now)
	if err != nil {
		return api.Answer{}, err
	}
	result, refused := v.flow.Answer(call)
	answer, shown, move := s.word(v, result, refused, paid.ID)
	moved, err := paid.Move(move, call.Now)
	if err != nil {
		return api.Answer{}, err
	}
	answered := paid.Answered(payment.Answered{Status: answer.Status, Body: shown}, call.Now)
	if err := s.keep(ctx, paid, opened, moved, answered); err != nil {
		return api.Answer{}, err
	}
	s.metrics.payment(paid)
	return answer, s.holdAgainstContract(v, answer)
}

// open draws the payment's ids from its own stream.
func (s *Simulator) open(ctx context.Context, v *visit) (*provider.Call, error) {
	ordinal, err := s.journal.Ordinal(ctx, v.company.ID)
	if err != nil {
		return nil, fmt.Errorf("open payment: %w", err)
	}
	call := v.asked
	call.Now = s.clockOf(v.company.ID).Now()
	call.Random = random.New(v.company.Seed, v.company.ID, "payment", strconv.FormatUint(ordinal, 10))
	call.Terms = payment.Terms{
		ID:                call.Random.ObjectID(call.Now, ordinal),
		Company:           v.company.ID,
		Ordinal:           ordinal,
		PSP:               v.operation.PSP,
		Type:              v.operation.Type,
		Variant:           v.operation.Variant,
		Session:           call.Random.UUID(),
		PSPTransactionID:  v.provider.Reference(call.Random),
		UserID:            firstOf(v.Body.Text("userId"), v.user.ID),
		Email:             firstOf(v.Body.Text("email"), v.user.Email),
		BrandID:           v.Body.Text("brandId"),
		Amount:            call.Amount,
		Currency:          firstOf(v.Body.Text("currency"), v.provider.Currency),
		MerchantReference: v.Body.Text("merchantReference"),
		Request:           mask.Fields(v.Body.Raw, v.Body.Fields),
	}
	return call, nil
}

// word makes the answer out of what the provider said or refused; shown is the same with its secrets masked.
func (s *Simulator) word(v *visit, result provider.Answer, refused error, id string) (answer api.Answer, shown []byte, move payment.Move) {
	if refused == nil {
		envelope := success(result)
		status := result.Status
		if status == "" {
			status = payment.Pending
		}
		answer = api.Answer{Status: http.StatusOK, Body: envelope.Append(make([]byte, 0, 512), false)}
		if shown = answer.Body; envelope.Secret() {
			shown = envelope.Append(make([]byte, 0, 512), true)
		}
		return answer, shown, payment.Move{
			Status: status, Raw: firstOf(result.Raw, v.provider.Words.Pending), By: "provider",
		}
	}
	answer, unexpected := api.Explain(&api.PaymentError{ID: id, Err: refused})
	if unexpected {
		s.log.Error("provider failed unexpectedly", "payment", id, "psp", v.provider.Code, "error", refused)
	}
	move = payment.Move{Status: payment.Failed, Message: refused.Error(), By: "provider"}
	var rejected *provider.Rejection
	if errors.As(refused, &rejected) {
		move = payment.Move{Status: payment.Declined, Raw: v.provider.Words.Declined, Message: rejected.Message, By: "provider"}
	}
	return answer, answer.Body, move
}

// success is the envelope of an answer that the provider gave.
func success(a provider.Answer) provider.Fields {
	envelope := make(provider.Fields, 1, 4)
	envelope[0] = provider.Field{Name: "status", Value: "success"}
	if a.Message != "" {
		envelope = append(envelope, provider.Field{Name: "message", Value: a.Message})
	}
	return append(envelope,
		provider.Field{Name: "isSuccess", Value: true},
		provider.Field{Name: "data", Value: a.Data},
	)
}

// sessionKey is the journal's key of the payment behind a hosted page.
func sessionKey(session string) string { return "session:" + session }

// keep writes a new payment to the journal. The caller leaving in the meantime changes nothing.
func (s *Simulator) keep(ctx context.Context, p payment.Payment, events ...payment.Event) error {
	entries := make([]journal.Entry, len(events))
	for i, e := range events {
		entries[i] = journal.Entry{At: e.At, Kind: string(e.Kind), Data: e.Data}
	}
	err := s.journal.Append(context.WithoutCancel(ctx), journal.Append{
		Company: p.Company, Stream: p.ID, Entries: entries, Labels: labels(p),
		Keys: []string{sessionKey(p.Session)}, Done: !p.Status.Open(),
	})
	if err != nil {
		return fmt.Errorf("keep payment %s: %w", p.ID, err)
	}
	return nil
}

// labels are what payments can be listed by.
func labels(p payment.Payment) journal.Labels {
	return journal.Labels{
		{Name: "psp", Value: p.PSP},
		{Name: "type", Value: p.Type},
		{Name: "status", Value: string(p.Status)},
		{Name: "userId", Value: p.UserID},
		{Name: "merchantReference", Value: p.MerchantReference},
		{Name: "currency", Value: p.Currency},
		{Name: "amount", Value: p.Amount.String()},
	}
}

// holdAgainstContract checks the answer that is about to leave, when that was asked for; an answer that breaks the
// contract is a bug of ours and must not pass for the vendor's.
func (s *Simulator) holdAgainstContract(v *visit, answer api.Answer) error {
	if !s.config.ValidateAnswers || answer.Status != http.StatusOK {
		return nil
	}
	doc, err := openapi.Decode(answer.Body)
	if err == nil {
		err = s.contract.ValidateAs(v.operation.Answer, doc)
	}
	if err != nil {
		return fmt.Errorf("our own answer breaks %s: %v", v.operation.Answer, err)
	}
	return nil
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
