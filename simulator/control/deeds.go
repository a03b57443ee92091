package control

import (
	"errors"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

func (s *server) decide(r *request) (reply, error) {
	doc, err := s.input(r, "DecisionInput")
	if err != nil {
		return reply{}, err
	}
	return s.act(r, func(c *backoffice.Company, id string) error {
		_, err := s.Decisions.Decide(r.Context(), c.ID, id, payment.Decision{Action: doc.Text("action"), Reason: doc.Text("reason"), By: "control"})
		return err
	})
}

func (s *server) approve(r *request) (reply, error) {
	return s.act(r, func(c *backoffice.Company, id string) error {
		_, err := s.Decisions.Approve(r.Context(), c.ID, id, true, "")
		return err
	})
}

func (s *server) reject(r *request) (reply, error) {
	doc, err := s.optionalInput(r, "RejectionInput")
	if err != nil {
		return reply{}, err
	}
	return s.act(r, func(c *backoffice.Company, id string) error {
		_, err := s.Decisions.Approve(r.Context(), c.ID, id, false, doc.Text("reason"))
		return err
	})
}

// act does something to the payment that the path names, and answers with what it is then.
func (s *server) act(r *request, do func(c *backoffice.Company, id string) error) (reply, error) {
	c, err := s.company(r.query["company"])
	if err != nil {
		return reply{}, err
	}
	id := r.path["payment"]
	if err := do(c, id); errors.Is(err, journal.ErrNotFound) {
		return reply{}, notFound("company %s has no payment %s", c.Name, id)
	} else if err != nil {
		return reply{}, err
	}
	return s.showPayment(r, c, id)
}
