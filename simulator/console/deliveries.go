package console

import (
	"strings"

	"mozartosim/simulator/adminapi"
)

type deliveriesView struct {
	list
	Deliveries []adminapi.Delivery
}

func deliveries(r *request) (*page, error) {
	v := deliveriesView{list: r.newList("state", "payment")}
	p := &page{template: "deliveries", title: "Deliveries", nav: "deliveries", live: "all"}
	found, err := r.current().Deliveries(r.Context(), adminapi.DeliveryQuery{Page: r.rows(), Payment: v.Filter("payment"), State: v.Filter("state")})
	if err := p.filtered(r, err); err != nil {
		return nil, err
	}
	v.Deliveries = found.Deliveries
	r.linkPages(&v.list, "/deliveries", found.Next)
	p.data = v
	return p, nil
}

func delivery(r *request) (*page, error) {
	d, err := r.current().Delivery(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return &page{template: "delivery", title: "Delivery " + d.ID, nav: "deliveries", live: d.Payment, data: d}, nil
}

// deliveryAgain is the page on which the form stood: the delivery's own, or the payment's timeline.
func deliveryAgain(r *request) (*page, error) {
	if r.field("from") == "delivery" {
		return delivery(r)
	}
	r.SetPathValue("id", paymentOf(r.PathValue("id")))
	return timeline(r)
}

// paymentOf is the id of a delivery's payment: a delivery's id is the payment's, and a number.
func paymentOf(delivery string) string {
	payment, _, _ := strings.Cut(delivery, "-")
	return payment
}

// toDelivery leads to a delivery, on a page of the kind on which the form stood.
func (r *request) toDelivery(done, id string) result {
	if r.field("from") == "delivery" {
		return r.done(done, "deliveries", id)
	}
	return r.done(done, "payments", paymentOf(id))
}

func resend(r *request) (result, error) {
	var in adminapi.ResendInput
	if r.PostForm.Has("body") {
		body := r.text("body")
		in.Body = &body
	}
	resent, err := r.current().Resend(r.Context(), r.PathValue("id"), in)
	return r.toDelivery("resent", resent.ID), err
}

func cancelDelivery(r *request) (result, error) {
	_, err := r.current().CancelDelivery(r.Context(), r.PathValue("id"))
	return r.toDelivery("cancelled", r.PathValue("id")), err
}
