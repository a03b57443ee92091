package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/query"
)

// The bounds of waiting, in real time.
const (
	defaultWait = 10 * time.Second
	maxWait     = 5 * time.Minute
)

func waitFor(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := body[adminapi.WaitInput](r)
	if err != nil {
		return nil, err
	}
	w := query.Wait{Limit: defaultWait}
	if in.Timeout != "" {
		if w.Limit, err = duration("timeout", in.Timeout); err != nil {
			return nil, err
		}
	}
	if w.Limit > maxWait {
		return nil, breaks("timeout", "must be at most 5m")
	}
	if w.Condition, err = conditionOf(r.Reader.Control, "condition", in.Condition); err != nil {
		return nil, err
	}
	return r.Queries.Wait(ctx, c.ID, w)
}

func verify(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := body[adminapi.VerifyInput](r)
	if err != nil {
		return nil, err
	}
	expected, err := expectationOf(r, in.Received)
	if err != nil {
		return nil, err
	}
	return r.Queries.Verify(ctx, c.ID, expected)
}

func expectationOf(r *request, in adminapi.Expectation) (e query.Expectation, err error) {
	e = query.Expectation{PSP: in.PSP, Type: in.Type, Status: in.Status, AtLeast: 1, AtMost: -1}
	if in.When != "" {
		if e.When, err = conditionOf(r.Reader.Control, "received.when", in.When); err != nil {
			return e, err
		}
	}
	for _, source := range in.Order {
		one, err := conditionOf(r.Reader.Control, "received.order", source)
		if err != nil {
			return e, err
		}
		e.Order = append(e.Order, one)
	}
	about := slices.Concat(e.Order, []*condition.Condition{e.When})
	if slices.ContainsFunc(about, query.ReadsRequests) {
		if e.Status != "" || slices.ContainsFunc(about, func(c *condition.Condition) bool { return c != nil && !query.ReadsRequests(c) }) {
			return e, breaks("received", "must be about payments or about calls, not both: with call in a condition, status must not be set and every condition must read call")
		}
	}
	if in.Count == nil {
		return e, nil
	}
	e.AtLeast = in.Count.AtLeast
	if in.Count.AtMost != nil {
		if e.AtMost = *in.Count.AtMost; e.AtMost < e.AtLeast {
			return e, breaks("received.count.atMost", "must be at least atLeast")
		}
	}
	return e, nil
}

// condition compiles a condition over payment and delivery. The error is *openapi.Invalid.
func conditionOf(contract *openapi.Contract, path, source string) (*condition.Condition, error) {
	e, err := condition.Compile(mask.Cards(source)) // what it compares with is kept masked
	var wrong *condition.Error
	if errors.As(err, &wrong) {
		return nil, breaks(path, "must be a condition: %v", wrong)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range e.Fields() {
		if reason := unknownField(contract, f.Name); reason != "" {
			at := &condition.Error{Line: f.Line, Column: f.Column, Reason: reason}
			return nil, breaks(path, "must be a condition: %v", at)
		}
	}
	if err := e.Check(func(name string) condition.Kind { return condition.KindOf(fieldNamed(contract, name).Type) }); err != nil {
		return nil, breaks(path, "must be a condition: %v", err)
	}
	for _, compared := range e.Compared() {
		if words := fieldNamed(contract, compared.Name).Enum; words != nil && !slices.Contains(words, compared.Text) {
			at := &condition.Error{Line: compared.Line, Column: compared.Column, Reason: fmt.Sprintf("%s is never %q: it is one of %s%s",
				compared.Name, compared.Text, strings.Join(words, ", "), openapi.DidYouMean(compared.Text, words))}
			return nil, breaks(path, "must be a condition: %v", at)
		}
	}
	if query.ReadsRequests(e) && slices.ContainsFunc(e.Fields(), func(f condition.Field) bool {
		return f.Name != "call" && !strings.HasPrefix(f.Name, "call.")
	}) {
		return nil, breaks(path, "must read call alone, or payment and delivery: a refused call has no payment; call.payment has an accepted call's")
	}
	return e, nil
}

// schemaNamed is the schema of what a condition's names begin with, "" for an unknown one.
func schemaNamed(root string) string {
	return map[string]string{"payment": "Payment", "delivery": "Delivery", "call": "RequestSummary"}[root]
}

// field is a field that a condition reads as the contract has it, an empty one when it has none.
func fieldNamed(contract *openapi.Contract, name string) openapi.Field {
	root, rest, _ := strings.Cut(name, ".")
	for _, f := range contract.FieldsOf(schemaNamed(root)) {
		if f.Path == rest {
			return f
		}
	}
	return openapi.Field{}
}

// unknownField says why a condition can't read a field, "" when it can. Below the second name anything goes.
func unknownField(contract *openapi.Contract, name string) string {
	root, rest, _ := strings.Cut(name, ".")
	schema := schemaNamed(root)
	if schema == "" {
		return "there is no " + root + ": known are payment, delivery and call, such as payment.status, delivery.state and call.stage"
	}
	field, _, _ := strings.Cut(rest, ".")
	var known []string
	for _, f := range contract.FieldsOf(schema) {
		if f.Path == "events" || f.Path == "page" { // a condition does not see them
			continue
		}
		if f.Path == field {
			return ""
		}
		if !strings.Contains(f.Path, ".") {
			known = append(known, f.Path)
		}
	}
	if field == "" {
		return ""
	}
	return "there is no field " + root + "." + field + cmp.Or(openapi.DidYouMean(field, known), "; known are "+strings.Join(known, ", "))
}

func takeSnapshot(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	doc, err := r.Snapshots.Snapshot(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("snapshot of %s: %w", c.Name, err)
	}
	return stream(func(w http.ResponseWriter) {
		defer doc.Close() //nolint:errcheck // it was only read
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Length", strconv.FormatInt(doc.Size(), 10))
		_, _ = doc.WriteTo(w) // the client has gone, or sees by the length that something is missing
	}), nil
}

// restore hands the body on as it arrives: what a company may have bounds a snapshot, and nothing else.
func restoreSnapshot(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	if err := r.is("application/json"); err != nil {
		return nil, err
	}
	restored, err := r.Snapshots.Restore(ctx, c.ID, arriving{r.http.Body})
	if err != nil {
		return nil, fmt.Errorf("restore %s: %w", c.Name, err)
	}
	return restored, nil
}

// arriving is a body; when it ends early the client is told so, if it can be.
type arriving struct{ io.Reader }

func (a arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = notWhole()
	}
	return n, err
}

func dropPayments(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	dropped, err := r.Reset(ctx, c.ID, r.keepClock())
	if err != nil {
		return nil, fmt.Errorf("drop the payments of %s: %w", c.Name, err)
	}
	return map[string]int{"dropped": dropped}, nil
}
