package control

import (
	"context"
	"slices"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
)

func listPayments(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return r.Queries.Payments(ctx, c.ID, queryOf[adminapi.PaymentQuery](r))
}

func readPayment(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	found, err := r.Queries.Payment(ctx, c.ID, r.path["payment"])
	return found, orNotFound(err, "company %s has no payment %s", c.Name, r.path["payment"])
}

// readNext answers with what can happen to a payment: it is final when nobody may decide it and no job may change its status.
func readNext(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	next, err := r.Outcomes.Possible(ctx, c.ID, r.path["payment"])
	if err != nil {
		return nil, orNotFound(err, "company %s has no payment %s", c.Name, r.path["payment"])
	}
	if next.Jobs, err = r.Queries.Jobs(ctx, c.ID, r.path["payment"], 500); err != nil {
		return nil, err
	}
	next.Final = !next.Approval && len(next.Actions) == 0 && !slices.ContainsFunc(next.Jobs, adminapi.Job.Decides)
	return next, nil
}

func decidePayment(ctx context.Context, r *request, c *backoffice.Company, in adminapi.DecisionInput) (any, error) {
	_, err := r.Outcomes.Decide(ctx, c.ID, r.path["payment"], adminapi.Decision{Action: in.Action, Reason: in.Reason, By: "control"})
	return decided(ctx, r, c, err)
}

func approvePayment(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	_, err := r.Outcomes.Approve(ctx, c.ID, r.path["payment"], true, "")
	return decided(ctx, r, c, err)
}

func rejectPayment(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := r.optional("RejectionInput")
	if err != nil {
		return nil, err
	}
	_, err = r.Outcomes.Approve(ctx, c.ID, r.path["payment"], false, in.Text("reason"))
	return decided(ctx, r, c, err)
}

// decided answers with the payment as it is after a decision.
func decided(ctx context.Context, r *request, c *backoffice.Company, err error) (any, error) {
	if err != nil {
		return nil, orNotFound(err, "company %s has no payment %s", c.Name, r.path["payment"])
	}
	return readPayment(ctx, r, c)
}
