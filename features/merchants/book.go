package merchants

import (
	"errors"
	"slices"
	"sync"

	"mozartosim/simulator/money"
)

// The states of an order.
const (
	Pending = "pending"
	Paid    = "paid"
	Failed  = "failed"
)

// Order is what somebody wants to pay for, or to be paid.
type Order struct {
	Reference          string
	PSP, Type, Variant string
	Amount             money.Amount
	Currency           string

	Status       string
	Credited     money.Amount
	Transactions []string // transactionIds of the calls made for it: a retry makes another one
	Unanswered   int      // calls whose transactionId is not known: under way, failed, or their answer was lost
	closed       bool     // a naive shop wants to hear no more of it
}

// credit books an amount.
func (o *Order) credit(amount money.Amount) error {
	sum, err := o.Credited.Add(amount)
	if err != nil {
		return err
	}
	o.Status, o.Credited = Paid, sum
	return nil
}

// Owns says whether a transaction is one of the order's. One that nobody has heard of may be that of a call whose answer has
// not come: it is the order's from then on.
func (o *Order) Owns(transaction string) bool {
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

// ErrNoOrder says that nobody ever started a payment of that reference.
var ErrNoOrder = errors.New("there is no such order")

// Book keeps the orders: a table with a lock for each change, as a database's transaction is.
type Book struct {
	mu     sync.Mutex
	orders map[string]*Order
}

// NewBook makes an empty book.
func NewBook() *Book { return &Book{orders: map[string]*Order{}} }

// Open notes that a payment is about to be started for an order, new or known by its reference.
func (b *Book) Open(o Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.orders[o.Reference]
	if known == nil {
		o.Status = Pending
		b.orders[o.Reference], known = &o, &o
	}
	if known.Status == Failed { // it is tried again
		known.Status = Pending
	}
	known.closed = false
	known.Unanswered++
}

// Change reads and changes an order as one step that nothing comes between.
func (b *Book) Change(reference string, change func(*Order) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.orders[reference]
	if o == nil {
		return ErrNoOrder
	}
	return change(o)
}

// Read returns an order as it is now.
func (b *Book) Read(reference string) (Order, bool) {
	var found Order
	err := b.Change(reference, func(o *Order) error { found = *o; return nil })
	return found, err == nil
}

// Answered notes the transactionId of a call's answer.
func (b *Book) Answered(reference, transaction string) error {
	return b.Change(reference, func(o *Order) error {
		if transaction != "" {
			o.Owns(transaction) // a webhook that was faster has told it already
		}
		return nil
	})
}

// each visits all orders.
func (b *Book) each(visit func(*Order)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		visit(o)
	}
}
