package control

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

func listPayments(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	q := journal.Query{Limit: r.limit()}
	for _, name := range [...]string{"psp", "type", "status", "userId", "merchantReference"} { // labels have the same names
		q.Labels = appendLabel(q.Labels, name, r.query[name])
	}
	q.Labels = appendLabel(q.Labels, "deliveries", r.query["webhooks"])
	var err error
	if q.Before, err = cursorOrdinal(r.query["cursor"]); err != nil {
		return nil, err
	}
	found, left, err := r.Payments.Find(ctx, c.ID, q, r.query["q"])
	return adminapi.PaymentList{Payments: orEmpty(found), Next: cursorAfter(left)}, err
}

func appendLabel(labels journal.Labels, name, value string) journal.Labels {
	if value == "" {
		return labels
	}
	return append(labels, journal.Label{Name: name, Value: value})
}

// cursorAfter makes the cursor of the page after an ordinal, encoded so that clients don't rely on it; "" for 0.
func cursorAfter(ordinal uint64) string {
	if ordinal == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(strconv.AppendUint(nil, ordinal, 36))
}

func cursorOrdinal(cursor string) (uint64, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		var ordinal uint64
		if ordinal, err = strconv.ParseUint(string(text), 36, 64); err == nil && ordinal > 0 {
			return ordinal, nil
		}
	}
	return 0, wrongCursor()
}

func wrongCursor() error { return breaks("cursor", "must be what an earlier answer gave as next") }

func readPayment(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	found, err := r.Payments.Payment(ctx, c.ID, r.path["payment"])
	return found, orNotFound(err, "company %s has no payment %s", c.Name, r.path["payment"])
}

// next answers with what can happen to a payment: it is final when nobody may decide it and no job may change its status.
func readNext(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	next, err := r.Decisions.Possible(ctx, c.ID, r.path["payment"])
	if err != nil {
		return nil, orNotFound(err, "company %s has no payment %s", c.Name, r.path["payment"])
	}
	jobs, err := r.Queries.JobList(ctx, c.ID, r.path["payment"], 500)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	next.Jobs = each(jobs, jobOf)
	next.Final = !next.Approval && len(next.Actions) == 0 && !slices.ContainsFunc(next.Jobs, adminapi.Job.Decides)
	return next, nil
}

func decidePayment(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := body[adminapi.DecisionInput](r)
	if err != nil {
		return nil, err
	}
	_, err = r.Decisions.Decide(ctx, c.ID, r.path["payment"], adminapi.Decision{Action: in.Action, Reason: in.Reason, By: "control"})
	return decided(ctx, r, c, err)
}

func approvePayment(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	_, err := r.Decisions.Approve(ctx, c.ID, r.path["payment"], true, "")
	return decided(ctx, r, c, err)
}

func rejectPayment(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := r.optional("RejectionInput")
	if err != nil {
		return nil, err
	}
	_, err = r.Decisions.Approve(ctx, c.ID, r.path["payment"], false, in.Text("reason"))
	return decided(ctx, r, c, err)
}

// decided answers with the payment as it is after a decision.
func decided(ctx context.Context, r *request, c *backoffice.Company, err error) (any, error) {
	if err != nil {
		return nil, orNotFound(err, "company %s has no payment %s", c.Name, r.path["payment"])
	}
	return readPayment(ctx, r, c)
}
