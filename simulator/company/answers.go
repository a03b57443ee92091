package company

import (
	"context"
	"sync"
)

// Answers are the cashier calls of a company whose answer is on its way: the jobs of such a payment wait, so that a webhook
// leaves after the answer has been written.
type Answers struct {
	mu       sync.Mutex
	payments map[string]bool
	changed  chan struct{} // closed when one of them is answered; nil = nobody waits
}

func newAnswers() *Answers {
	return &Answers{payments: map[string]bool{}}
}

// Begin holds a payment's jobs until done is called, which does nothing when it is called again; written, which may be nil, is called
// after that.
func (a *Answers) Begin(payment string, written func()) (done func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.payments[payment] = true
	return func() {
		a.mu.Lock()
		if !a.payments[payment] {
			a.mu.Unlock()
			return
		}
		delete(a.payments, payment)
		if a.changed != nil {
			close(a.changed)
			a.changed = nil
		}
		a.mu.Unlock()
		if written != nil {
			written()
		}
	}
}

// Waiting reports whether a payment's jobs must wait for its answer.
func (a *Answers) Waiting(payment string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.payments[payment]
}

// Count returns how many answers are on their way.
func (a *Answers) Count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.payments)
}

// Wait returns when no answer is on its way, so that the jobs of every answered payment can be claimed.
func (a *Answers) Wait(ctx context.Context) error {
	for {
		a.mu.Lock()
		if len(a.payments) == 0 {
			a.mu.Unlock()
			return nil
		}
		if a.changed == nil {
			a.changed = make(chan struct{})
		}
		changed := a.changed
		a.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
