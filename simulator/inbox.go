package simulator

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mozartosim/simulator/webhook"
)

// InboxReply is how the built-in inbox answers a webhook. The zero value is a 200 at once.
type InboxReply struct {
	Status int           `json:"status"` // 0 = 200
	Body   string        `json:"body"`
	Delay  time.Duration `json:"delay"`  // on the company's clock; at the time-out or beyond it the attempt fails
	HangUp bool          `json:"hangUp"` // closes the connection without an answer
	Times  int           `json:"times"`  // how many webhooks it answers; 0 = 1
}

// inbox is where the webhooks of a company without an own receiver go. What it received stands in the payments' attempts;
// it keeps only how it shall answer.
type inbox struct {
	mu      sync.Mutex
	program []InboxReply
}

func newInbox() *inbox { return &inbox{} }

// set replaces the program: replies are used up in order, then everything is answered with 200.
func (i *inbox) set(program []InboxReply) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.program = append([]InboxReply(nil), program...)
}

// left returns the replies that are still to come.
func (i *inbox) left() []InboxReply {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]InboxReply(nil), i.program...)
}

func (i *inbox) next() InboxReply {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.program) == 0 {
		return InboxReply{}
	}
	reply := i.program[0]
	if i.program[0].Times--; i.program[0].Times <= 0 {
		i.program = i.program[1:]
	}
	return reply
}

// inboxAnswer lets a company's inbox answer one webhook, and keeps what is left of its program.
func (s *Simulator) inboxAnswer(ctx context.Context, t *tenant) (result webhook.Result, took time.Duration) {
	if len(t.inbox.left()) == 0 {
		return t.inbox.answer(s.config.WebhookTimeout)
	}
	err := s.keep(ctx, t, partInbox, func() error {
		result, took = t.inbox.answer(s.config.WebhookTimeout)
		return nil
	})
	if err != nil {
		s.log.Error("the inbox's program", "company", t.id, "error", err)
	}
	return result, took
}

// answer is the inbox's answer to one webhook, as an attempt sees it, and how long it would have taken.
func (i *inbox) answer(timeout time.Duration) (result webhook.Result, took time.Duration) {
	reply := i.next()
	switch {
	case reply.Delay >= timeout:
		return webhook.Result{Error: fmt.Sprintf("timeout after %s", timeout), Stage: "during"}, timeout
	case reply.HangUp:
		return webhook.Result{Error: "connection closed before an answer", Stage: "during"}, reply.Delay
	}
	if reply.Status == 0 {
		reply.Status = 200
	}
	return webhook.Result{Status: reply.Status, Body: reply.Body}, reply.Delay
}
