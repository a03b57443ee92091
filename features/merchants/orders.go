package merchants

import (
	"errors"
	"slices"
	"sync"

	"mozartosim/simulator/money"
)

// The states of an order.
const (
	statusPending = "pending"
	statusPaid    = "paid"
	statusFailed  = "failed"
)

// order is what a shopper wants to pay for, or to be paid.
type order struct {
	Reference          string
	PSP, Type, Variant string
	Amount             money.Amount
	Currency           string

	Status       string
	Credited     money.Amount
	Transactions []string // transactionIds of the calls made for it: a retry makes another one
	Unanswered   int      // calls whose transactionId is not known: under way, failed, or their answer was lost
	closed       bool     // a naive shop ignores further webhooks
}

// credit adds an amount.
func (o *order) credit(amount money.Amount) error {
	sum, err := o.Credited.Add(amount)
	if err != nil {
		return err
	}
	o.Status, o.Credited = statusPaid, sum
	return nil
}

// owns reports whether a transaction is one of the order's. An unknown one may belong to a call whose answer has not come: it is
// the order's from then on.
func (o *order) owns(transaction string) bool {
	if slices.Contains(o.Transactions, transaction) {
		return true
	}
	if o.Unanswered == 0 {
		return false
	}
	o.Unanswered--
	o.Transactions = append(o.Transactions, transaction)
	return true
}

// errNoOrder says that no payment of that reference was ever started.
var errNoOrder = errors.New("there is no such order")

// orderStore keeps the orders: a table with a lock for each change, like a database's transaction.
type orderStore struct {
	mu     sync.Mutex
	orders map[string]*order
}

func newOrderStore() *orderStore { return &orderStore{orders: map[string]*order{}} }

// open stores that a payment is about to be started for an order, a new one or one that exists.
func (s *orderStore) open(o order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.orders[o.Reference]
	if known == nil {
		o.Status = statusPending
		s.orders[o.Reference], known = &o, &o
	}
	if known.Status == statusFailed { // it is started again
		known.Status = statusPending
	}
	known.closed = false
	known.Unanswered++
}

// change reads and changes an order as one step.
func (s *orderStore) change(reference string, change func(*order) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[reference]
	if o == nil {
		return errNoOrder
	}
	return change(o)
}

// read returns an order as it is now.
func (s *orderStore) read(reference string) (order, bool) {
	var found order
	err := s.change(reference, func(o *order) error { found = *o; return nil })
	return found, err == nil
}

// answered stores the transactionId of a call's answer.
func (s *orderStore) answered(reference, transaction string) error {
	return s.change(reference, func(o *order) error {
		if transaction != "" {
			o.owns(transaction) // a webhook that was faster may have stored it
		}
		return nil
	})
}

// each visits all orders.
func (s *orderStore) each(visit func(*order)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		visit(o)
	}
}
