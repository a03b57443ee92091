package control

import (
	"context"
	"fmt"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/company"
	"mozartosim/simulator/webhook"
)

func listReceived(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	found, err := r.Queries.Received(ctx, c.ID, queryOf[adminapi.Page](r))
	if err != nil {
		return nil, fmt.Errorf("list what was received: %w", err)
	}
	return found, nil
}

func readReplies(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	return adminapi.InboxReplies{Replies: each(r.Runtimes.Get(c.ID).Inbox.Get(), func(p company.Reply) adminapi.InboxReply {
		return adminapi.InboxReply{Status: p.Status, Body: p.Body, Delay: durationText(p.Delay), HangUp: p.HangUp, Times: p.Times}
	})}, nil
}

func setReplies(ctx context.Context, r *request, c *backoffice.Company, in adminapi.InboxReplies) (any, error) {
	var replies []company.Reply
	for i, p := range in.Replies {
		delay, err := duration(fmt.Sprintf("replies.%d.delay", i), p.Delay)
		if err != nil {
			return nil, err
		}
		replies = append(replies, company.Reply{Status: p.Status, Body: p.Body, Delay: delay, HangUp: p.HangUp, Times: p.Times})
	}
	if err := r.Settings.SetReplies(ctx, c.ID, replies); err != nil {
		return nil, err
	}
	return readReplies(ctx, r, c)
}

// nextWebhook answers the webhook that the caller took before, if there is one, and hands over the next one.
func nextWebhook(ctx context.Context, r *request, c *backoffice.Company, in adminapi.InboxNextInput) (any, error) {
	limit, err := waiting(in.Timeout)
	if err != nil {
		return nil, err
	}
	relay := r.Runtimes.Get(c.ID).Relay
	if a := in.Answer; a != nil {
		result := webhook.Result{Status: a.Status, Body: a.Body}
		if a.Error != "" {
			result = webhook.Result{Error: a.Error, Stage: webhook.StageDuring}
		}
		if err := relay.Answer(a.Delivery, result); err != nil {
			return nil, conflict("answer.delivery %s: %v", a.Delivery, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	taken, _ := relay.Take(ctx)
	return adminapi.InboxNext{Delivery: taken.Delivery, Headers: taken.Headers}, nil
}
