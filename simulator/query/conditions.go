package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// readsCalls says whether a condition is about calls of the public listener, refused ones too, and not about payments.
func readsCalls(e *condition.Condition) bool { return reads(e, "call") }

func reads(e *condition.Condition, root string) bool {
	return e != nil && slices.ContainsFunc(e.Fields(), func(f condition.Field) bool {
		return f.Name == root || strings.HasPrefix(f.Name, root+".")
	})
}

// subject is what a condition is about: a payment, or a call of the public listener.
type subject struct {
	queries *Queries
	company string
	payment journal.Stream
	read    *payment.Payment         // nil until a condition is about it
	call    *adminapi.RequestSummary // nil for a payment
}

// each visits a company's payments, or its calls, newest first, until visit returns false. A payment for which visit returns
// journal.ErrNotFound was dropped in the meantime, and is passed over.
func (q *Queries) each(ctx context.Context, company string, calls bool, visit func(*subject) (more bool, err error)) error {
	if calls {
		return q.eachCall(ctx, company, func(r *adminapi.RequestSummary) (bool, error) {
			return visit(&subject{queries: q, company: company, call: r})
		})
	}
	return q.eachStream(ctx, company, func(st journal.Stream) (bool, error) {
		more, err := visit(&subject{queries: q, company: company, payment: st})
		if errors.Is(err, journal.ErrNotFound) {
			return true, nil
		}
		return more, err
	})
}

// eachCall visits a company's calls, newest first, until visit returns false.
func (q *Queries) eachCall(ctx context.Context, company string, visit func(*adminapi.RequestSummary) (more bool, err error)) error {
	for by := (adminapi.RequestQuery{Page: adminapi.Page{Limit: pageSize}}); ; {
		found, err := q.requests.Search(ctx, company, by)
		if err != nil {
			return err
		}
		for i := range found.Requests {
			if more, err := visit(&found.Requests[i]); err != nil || !more {
				return err
			}
		}
		if by.Cursor = found.Next; by.Cursor == "" {
			return ctx.Err()
		}
	}
}

// name is the subject as answers name it: the call with its payment, if it made one.
func (s *subject) name() adminapi.Candidate {
	if s.call != nil {
		return adminapi.Candidate{Request: s.call.ID, Payment: s.call.Payment}
	}
	return adminapi.Candidate{Payment: s.payment.ID}
}

// label is what the subject is listed by: psp, type, or a payment's status.
func (s *subject) label(name string) string {
	if s.call != nil {
		return map[string]string{"psp": s.call.PSP, "type": s.call.Type}[name]
	}
	return s.payment.Labels.Get(name)
}

// view is what a condition sees: a call, or a payment and one of its deliveries, or none.
type view struct {
	fields   map[string]any
	delivery *adminapi.Delivery
}

// views makes the subject's views: one for each of a payment's deliveries, newest first, when the condition reads deliveries; else
// one. The error is journal.ErrNotFound when there is no such payment.
func (s *subject) views(ctx context.Context, e *condition.Condition) ([]view, error) {
	if s.call != nil {
		fields, err := fieldsOf(s.call)
		return []view{{fields: map[string]any{"call": fields}}}, err
	}
	if s.read == nil {
		p, _, err := s.queries.payments.Read(ctx, s.company, s.payment.ID)
		if err != nil {
			return nil, err
		}
		s.read = p
	}
	answered := paymentOf(s.read)
	shown, err := fieldsOf(answered)
	if err != nil {
		return nil, err
	}
	if !reads(e, "delivery") {
		return []view{{fields: map[string]any{"payment": shown}}}, nil
	}
	var views []view
	for _, d := range slices.Backward(answered.Deliveries) {
		fields, err := fieldsOf(d)
		if err != nil {
			return nil, err
		}
		views = append(views, view{map[string]any{"payment": shown, "delivery": fields}, &d})
	}
	return views, nil
}

// fieldsOf makes a value's JSON into fields, numbers as they are written.
func fieldsOf(value any) (map[string]any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("fields of a payment: %w", err)
	}
	return doc.Fields, nil
}

// meets returns the first of the subject's views that meets a condition, nil when none does, and all of them. A condition that compares what
// can't be compared is *openapi.Invalid.
func (s *subject) meets(ctx context.Context, e *condition.Condition) (met *view, all []view, err error) {
	if all, err = s.views(ctx, e); err != nil {
		return nil, nil, err
	}
	for i, v := range all {
		met, err := e.Match(v.fields)
		if err != nil {
			what := "payment " + s.payment.ID
			if s.call != nil {
				what = "request " + s.call.ID
			}
			return nil, nil, openapi.Problems{{Reason: fmt.Sprintf("the condition %s does not work with %s: %v", e, what, err)}}.Err()
		}
		if met {
			return &all[i], all, nil
		}
	}
	return nil, all, nil
}

// describe lists the values that a condition reads.
func (v view) describe(e *condition.Condition) string {
	var parts []string
	described := map[string]bool{}
	for _, f := range e.Fields() {
		if described[f.Name] {
			continue
		}
		described[f.Name] = true
		value, _ := openapi.Lookup(v.fields, f.Name)
		parts = append(parts, f.Name+" is "+inWords(value))
	}
	return strings.Join(parts, ", ")
}

func inWords(value any) string {
	if value == nil {
		return "not set"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "unreadable"
	}
	const limit = 120
	if len(text) > limit {
		return strings.ToValidUTF8(string(text[:limit]), "") + "…"
	}
	return string(text)
}
