package control

import (
	"fmt"
	"strconv"

	"mozartosim/openapi"
	"mozartosim/simulator/company"
	"mozartosim/simulator/query"
	"mozartosim/simulator/scenario"
)

func (s *server) listReceived(r *request) (reply, error) {
	c, err := s.company(r.query["company"])
	if err != nil {
		return reply{}, err
	}
	before, err := cursorOrdinal(r.query["cursor"])
	if err != nil {
		return reply{}, err
	}
	limit, err := strconv.Atoi(r.query["limit"])
	if err != nil {
		return reply{}, err
	}
	list, left, err := s.Lists.Received(r.Context(), c.ID, before, limit+1)
	if err != nil {
		return reply{}, fmt.Errorf("list what was received: %w", err)
	}
	next := ""
	switch {
	case len(list) > limit:
		list = list[:limit]
		next = cursorAfter(list[limit-1].Seq)
	case left > 0:
		next = cursorAfter(left)
	}
	return ok(map[string]any{"received": append([]query.Received{}, list...), "next": next})
}

// replyShown is a reply of the inbox as it is written.
type replyShown struct {
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	Delay  string `json:"delay,omitempty"`
	HangUp bool   `json:"hangUp,omitempty"`
	Times  int    `json:"times,omitempty"`
}

func (s *server) readProgram(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	shown := []replyShown{}
	for _, p := range s.Runtimes.Get(c.ID).Inbox.Replies() {
		one := replyShown{Status: p.Status, Body: p.Body, HangUp: p.HangUp, Times: p.Times}
		if p.Delay > 0 {
			one.Delay = scenario.FormatDuration(p.Delay)
		}
		shown = append(shown, one)
	}
	return ok(map[string]any{"replies": shown})
}

func (s *server) putProgram(r *request) (reply, error) {
	doc, err := s.input(r, "InboxReplies")
	if err != nil {
		return reply{}, err
	}
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	var program []company.Reply
	written, _ := doc.Fields["replies"].([]any)
	for i, entry := range written {
		fields, isObject := entry.(map[string]any)
		if !isObject {
			return reply{}, breaks("replies.%d must be an object", i)
		}
		one := openapi.Document{Fields: fields}
		delay, err := span(one, "delay")
		if err != nil {
			return reply{}, breaks("replies.%d.%v", i, err.(*openapi.Invalid).Problems[0])
		}
		hangUp, _ := fields["hangUp"].(bool)
		program = append(program, company.Reply{
			Status: whole(one, "status"), Body: one.Text("body"), Delay: delay, HangUp: hangUp, Times: whole(one, "times"),
		})
	}
	if err := s.Settings.SetReplies(r.Context(), c.ID, program); err != nil {
		return reply{}, err
	}
	return s.readProgram(r)
}
