package company

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/clock"
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

// nextReply takes the reply to one webhook off the replies that are left, which are used up in order.
func nextReply(replies []Reply) (reply Reply, left []Reply) {
	if len(replies) == 0 {
		return Reply{}, replies
	}
	if left = replies[1:]; replies[0].Times > 1 {
		left = slices.Clone(replies)
		left[0].Times--
	}
	return replies[0], left
}

// result is the answer to one webhook, as an attempt sees it, and how long it takes on the company's clock.
func (r Reply) result(timeout time.Duration) (result webhook.Result, took time.Duration) {
	switch {
	case r.Delay >= timeout:
		return webhook.Result{Error: fmt.Sprintf("timeout after %s", timeout), Stage: "during"}, timeout
	case r.HangUp:
		return webhook.Result{Error: "connection closed before an answer", Stage: "during"}, r.Delay
	}
	return webhook.Result{Status: cmp.Or(r.Status, 200), Body: r.Body}, r.Delay
}

// Relay hands the inbox's webhooks to a caller of the admin API, who answers them in the inbox's place. While nobody asks for
// webhooks the inbox answers by itself. It belongs to one process: a webhook that another replica sends is not handed over.
type Relay struct {
	offered chan Incoming

	mu      sync.Mutex
	waiting int                            // callers that wait for a webhook
	left    time.Time                      // when the last of them got one or gave up
	open    map[string]chan webhook.Result // by delivery: webhooks without an answer
}

// Incoming is a webhook for the inbox. Its body stands in the delivery.
type Incoming struct {
	Delivery string
	Headers  map[string]string // without secrets

	answered chan webhook.Result // has room for one
	over     <-chan struct{}     // closed when nobody waits for the answer any more
}

// ErrNotTaken refuses an answer to a webhook that was not taken, or has its result already.
var ErrNotTaken = errors.New("no webhook of this delivery waits for an answer")

// askAgain is how soon a caller must ask for the next webhook after it has answered one.
const askAgain = 5 * time.Second

func newRelay() *Relay {
	return &Relay{offered: make(chan Incoming), open: map[string]chan webhook.Result{}}
}

// Take waits for the next webhook; false when ctx ends before there is one.
func (r *Relay) Take(ctx context.Context) (Incoming, bool) {
	r.mu.Lock()
	r.waiting++
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.waiting--
		r.left = clock.Wall()
	}()
	select {
	case in := <-r.offered:
		r.taken(in)
		return in, true
	case <-ctx.Done():
		return Incoming{}, false
	}
}

func (r *Relay) taken(in Incoming) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-in.over:
	default:
		r.open[in.Delivery] = in.answered
	}
}

// Answer answers the webhook of a delivery that was taken.
func (r *Relay) Answer(delivery string, result webhook.Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	answered, ok := r.open[delivery]
	if !ok {
		return ErrNotTaken
	}
	delete(r.open, delivery)
	r.left = clock.Wall()
	answered <- result
	return nil
}

// present says whether somebody asks for webhooks, or is about to.
func (r *Relay) present() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting > 0 || len(r.open) > 0 || !r.left.IsZero() && clock.Wall().Sub(r.left) < askAgain
}

// answer hands a webhook over and returns what is answered; false when nobody asks for it any more. One that nobody has taken in time,
// because others come first, has timed out. The time-out is in real time.
func (r *Relay) answer(ctx context.Context, in Incoming, timeout time.Duration) (webhook.Result, bool) {
	if !r.present() {
		return webhook.Result{}, false
	}
	began := clock.Wall()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	in.answered, in.over = make(chan webhook.Result, 1), ctx.Done()
	defer r.forget(in)
	defer cancel()
	if !r.handOver(ctx, in) && ctx.Err() == nil {
		return webhook.Result{}, false
	}
	select {
	case result := <-in.answered:
		result.Took = clock.Wall().Sub(began)
		return result, true
	case <-ctx.Done():
		words, stage := webhook.Explain(ctx.Err(), timeout, "")
		return webhook.Result{Error: words, Stage: stage, Took: clock.Wall().Sub(began)}, true
	}
}

// handOver waits until somebody takes a webhook; false when whoever asked has gone.
func (r *Relay) handOver(ctx context.Context, in Incoming) bool {
	for ctx.Err() == nil && r.present() {
		again, cancel := context.WithTimeout(ctx, askAgain)
		select {
		case r.offered <- in:
			cancel()
			return true
		case <-again.Done():
			cancel()
		}
	}
	return false
}

func (r *Relay) forget(in Incoming) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[in.Delivery] == in.answered {
		delete(r.open, in.Delivery)
	}
}
