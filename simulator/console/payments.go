package console

import "mozartosim/simulator/adminapi"

func payments(r *request) (*page, error) {
	v := r.newList("/payments", "psp", "type", "status", "webhooks", "q")
	p := &page{template: "payments", Title: "Payments", Nav: "payments", Live: "all", Data: &v}
	q := adminapi.QueryOf[adminapi.PaymentQuery](v.Filter)
	q.Page = r.rows()
	found, err := r.current().Payments(r.Context(), q)
	if err := p.filtered(r, err); err != nil {
		return nil, err
	}
	v.show(found.Payments, found.Next)
	return p, nil
}

// toPayment leads back to the payment's timeline.
func (r *request) toPayment(done string) *page { return r.done(done, "payments", r.PathValue("id")) }

func decide(r *request) (*page, error) {
	_, err := r.current().Decide(r.Context(), r.PathValue("id"), adminapi.DecisionInput{Action: r.field("action"), Reason: r.field("reason")})
	return r.toPayment("decided"), err
}

func approve(r *request) (*page, error) {
	_, err := r.current().Approve(r.Context(), r.PathValue("id"))
	return r.toPayment("approved"), err
}

func reject(r *request) (*page, error) {
	_, err := r.current().Reject(r.Context(), r.PathValue("id"), r.field("reason"))
	return r.toPayment("rejected"), err
}

// advanceToJob advances a manual clock to the payment's next job.
func advanceToJob(r *request) (*page, error) {
	_, err := r.current().Advance(r.Context(), adminapi.AdvanceInput{To: r.field("to")})
	return r.toPayment("advanced"), err
}

func switchToManual(r *request) (*page, error) {
	_, err := r.current().SetClock(r.Context(), adminapi.ClockInput{Mode: "manual"})
	return r.toPayment("manual"), err
}
