package control

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/query"
)

func (s *server) listDeliveries(r *request) (reply, error) {
	c, err := s.company(r.query["company"])
	if err != nil {
		return reply{}, err
	}
	q := query.DeliveryQuery{Payment: r.query["payment"], State: payment.DeliveryState(r.query["state"])}
	if q.Before, err = cursorPlace(r.query["cursor"]); err != nil {
		return reply{}, err
	}
	limit, err := strconv.Atoi(r.query["limit"])
	if err != nil {
		return reply{}, err
	}
	q.Limit = limit + 1 // one more tells whether there is a next page
	list, left, err := s.Lists.Deliveries(r.Context(), c.ID, q)
	if errors.Is(err, journal.ErrNotFound) {
		return reply{}, notFound("company %s has no payment %s", c.Name, q.Payment)
	}
	if err != nil {
		return reply{}, fmt.Errorf("list deliveries: %w", err)
	}
	next := ""
	switch {
	case len(list) > limit:
		list = list[:limit]
		next = cursorOf(list[limit-1].Place)
	case left.Ordinal > 0:
		next = cursorOf(left)
	}
	return ok(map[string]any{"deliveries": append([]query.Delivery{}, list...), "next": next})
}

// cursorOf makes the cursor of the page behind a delivery.
func cursorOf(p query.Place) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.Ordinal, p.N))
}

func cursorPlace(cursor string) (p query.Place, err error) {
	if cursor == "" {
		return p, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		ordinal, n, _ := strings.Cut(string(text), ".")
		if p.Ordinal, err = strconv.ParseUint(ordinal, 10, 63); err == nil {
			p.N, err = strconv.Atoi(n)
		}
	}
	if err != nil || p.Ordinal == 0 || p.N < 1 {
		return query.Place{}, breaks("cursor must be what an earlier answer gave as next")
	}
	return p, nil
}

func (s *server) readDelivery(r *request) (reply, error) {
	return s.delivery(r, func(c *backoffice.Company, id string) (query.Delivery, error) {
		return s.Lists.Delivery(r.Context(), c.ID, id)
	})
}

func (s *server) resend(r *request) (reply, error) {
	doc, err := s.optionalInput(r, "ResendInput")
	if err != nil {
		return reply{}, err
	}
	var body *string
	if text, ok := doc.Fields["body"].(string); ok {
		body = &text
	}
	var company *backoffice.Company
	answer, err := s.delivery(r, func(c *backoffice.Company, id string) (query.Delivery, error) {
		company = c
		p, made, err := s.Config.Deliveries.Resend(r.Context(), c.ID, id, body)
		if err != nil {
			return query.Delivery{}, err
		}
		return query.DeliveryOf(p, made)
	})
	if err != nil {
		return reply{}, err
	}
	answer.status = http.StatusCreated
	answer.location = "/v1/deliveries/" + answer.body.(query.Delivery).ID + "?company=" + url.QueryEscape(company.ID)
	return answer, nil
}

func (s *server) cancel(r *request) (reply, error) {
	return s.delivery(r, func(c *backoffice.Company, id string) (query.Delivery, error) {
		p, err := s.Config.Deliveries.Cancel(r.Context(), c.ID, id)
		if err != nil {
			return query.Delivery{}, err
		}
		return query.DeliveryOf(p, id)
	})
}

// delivery answers with the delivery that the path names, after do has had its way with it.
func (s *server) delivery(r *request, do func(c *backoffice.Company, id string) (query.Delivery, error)) (reply, error) {
	c, err := s.company(r.query["company"])
	if err != nil {
		return reply{}, err
	}
	d, err := do(c, r.path["delivery"])
	if errors.Is(err, journal.ErrNotFound) {
		return reply{}, notFound("company %s has no delivery %s", c.Name, r.path["delivery"])
	}
	if err != nil {
		return reply{}, err
	}
	return ok(d)
}
