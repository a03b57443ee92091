package console

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"mozartosim/simulator/adminapi"
)

func deliveries(r *request) (*page, error) {
	v := r.newList("/deliveries", "state", "payment")
	p := &page{template: "deliveries", Title: "Deliveries", Nav: "deliveries", Live: "all", Data: &v}
	q := adminapi.QueryOf[adminapi.DeliveryQuery](v.Filter)
	q.Page = r.rows()
	found, err := r.current().Deliveries(r.Context(), q)
	if err := p.filtered(r, err); err != nil {
		return nil, err
	}
	v.show(found.Deliveries, found.Next)
	return p, nil
}

func delivery(r *request) (*page, error) {
	d, err := r.current().Delivery(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var v timelineView
	if v.Payment, err = r.current().Payment(r.Context(), d.Payment); err != nil {
		return nil, err
	}
	v.addSteps()
	v.Shown = step{Delivery: &d}
	for _, s := range v.Steps {
		if s.Kind == "delivery" && s.Delivery != nil && s.Delivery.ID == d.ID {
			v.Shown = s
		}
	}
	return &page{template: "delivery", Title: "Webhook " + event(d.Body), Nav: "deliveries", Live: d.Payment, Data: v}, nil
}

// deliveryAgain is the page on which the form stood: the delivery's own, or the payment's timeline.
func deliveryAgain(r *request) (*page, error) {
	if r.field("from") == "delivery" {
		return delivery(r)
	}
	payment, _ := adminapi.ParseDeliveryID(r.PathValue("id"))
	r.SetPathValue("id", payment)
	return timeline(r)
}

// toDelivery leads to a delivery, on a page of the kind on which the form stood.
func (r *request) toDelivery(done, id string) *page {
	if r.field("from") == "delivery" {
		return r.done(done, "deliveries", id)
	}
	payment, _ := adminapi.ParseDeliveryID(id)
	return r.done(done, "payments", payment)
}

func resend(r *request) (*page, error) {
	var body *string
	if r.PostForm.Has("body") {
		text := r.text("body")
		body = &text
	}
	resent, err := r.current().Resend(r.Context(), r.PathValue("id"), body)
	return r.toDelivery("resent", resent.ID), err
}

func cancelDelivery(r *request) (*page, error) {
	_, err := r.current().CancelDelivery(r.Context(), r.PathValue("id"))
	return r.toDelivery("cancelled", r.PathValue("id")), err
}

type inboxView struct {
	list
	Replies []adminapi.InboxReply
}

// Text is the replies that are left, as parseReplies reads them when each stands on a line.
func (v inboxView) Text(between string) string {
	var lines []string
	for _, r := range v.Replies {
		lines = append(lines, formatReply(r))
	}
	return strings.Join(lines, between)
}

func inbox(r *request) (*page, error) {
	v := inboxView{list: r.newList("/inbox")}
	found, err := r.current().Scenarios().Received(r.Context(), r.rows())
	if err != nil {
		return nil, err
	}
	if v.Replies, err = r.current().Scenarios().InboxReplies(r.Context()); err != nil {
		return nil, err
	}
	v.show(found.Received, found.Next)
	return &page{template: "inbox", Title: "Inbox", Nav: "inbox", Live: "all", Data: v}, nil
}

func setReplies(r *request) (*page, error) {
	replies, err := parseReplies(r.PostForm.Get("replies"))
	if err != nil {
		return nil, err
	}
	_, err = r.current().Scenarios().SetInboxReplies(r.Context(), replies...)
	return r.done("replies", "inbox"), err
}

// formatReply writes a reply as parseReply reads it.
func formatReply(r adminapi.InboxReply) string {
	parts := []string{"200"}
	if r.Status != 0 {
		parts[0] = strconv.Itoa(r.Status)
	}
	if r.HangUp {
		parts[0] = "hang up"
	}
	if r.Times > 1 {
		parts = append(parts, "x"+strconv.Itoa(r.Times))
	}
	if r.Delay != "" {
		parts = append(parts, "after "+r.Delay)
	}
	if r.Body != "" {
		parts = append(parts, "body "+r.Body)
	}
	return strings.Join(parts, " ")
}

// parseReplies reads one reply a line: `500`, `500 x2`, `200 after 3s`, `hang up`, `500 body {"a": 1}`, or a reply's JSON.
// The error names the line.
func parseReplies(text string) (replies []adminapi.InboxReply, err error) {
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		r, err := parseReply(line)
		if err != nil {
			return nil, badRequest(fmt.Sprintf("line %d is not a reply: %v", i+1, err),
				`a line is such as 500, or 500 x2, or 200 after 3s, or hang up, or 500 body {"error": true}`)
		}
		replies = append(replies, r)
	}
	return replies, nil
}

func parseReply(line string) (r adminapi.InboxReply, err error) {
	if strings.HasPrefix(line, "{") {
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		return r, dec.Decode(&r)
	}
	if rest, ok := strings.CutPrefix(line, "hang up"); ok {
		r.HangUp, line = true, strings.TrimSpace(rest)
	} else {
		status, rest, _ := strings.Cut(line, " ")
		if r.Status, err = strconv.Atoi(status); err != nil {
			return r, fmt.Errorf("%q is not an HTTP status", status)
		}
		line = strings.TrimSpace(rest)
	}
	for line != "" {
		word, rest, _ := strings.Cut(line, " ")
		switch times, isTimes := strings.CutPrefix(word, "x"); {
		case isTimes:
			if r.Times, err = strconv.Atoi(times); err != nil {
				return r, fmt.Errorf("%q must be such as x2", word)
			}
		case word == "after":
			r.Delay, rest, _ = strings.Cut(rest, " ")
		case word == "body":
			r.Body, rest = rest, ""
		default:
			return r, fmt.Errorf("%q is unknown", word)
		}
		line = strings.TrimSpace(rest)
	}
	return r, nil
}
