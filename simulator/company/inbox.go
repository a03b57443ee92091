package company

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/webhook"
)

// Reply is how the built-in inbox answers a webhook. The zero value is a 200 at once.
type Reply struct {
	Status int           `json:"status"` // 0 = 200
	Body   string        `json:"body"`
	Delay  time.Duration `json:"delay"`  // on the company's clock; at the time-out or later the attempt fails
	HangUp bool          `json:"hangUp"` // closes the connection without an answer
	Times  int           `json:"times"`  // how many webhooks it answers; 0 = 1
}

// Inbox receives the webhooks of a company that has no handler of its own. What it received stands in the payments' attempts;
// it keeps only how it answers. The zero value is ready to use.
type Inbox struct {
	mu      sync.Mutex
	replies []Reply
}

// Set replaces the replies: they are used up in order, then everything is answered with 200.
func (i *Inbox) Set(replies []Reply) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.replies = slices.Clone(replies)
}

// Replies returns the replies that are still to come.
func (i *Inbox) Replies() []Reply {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]Reply{}, i.replies...)
}

func (i *Inbox) next() Reply {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.replies) == 0 {
		return Reply{}
	}
	reply := i.replies[0]
	if i.replies[0].Times--; i.replies[0].Times <= 0 {
		i.replies = i.replies[1:]
	}
	return reply
}

// answer returns the answer to one webhook, as an attempt sees it, and how long it takes on the company's clock.
func (i *Inbox) answer(timeout time.Duration) (result webhook.Result, took time.Duration) {
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
