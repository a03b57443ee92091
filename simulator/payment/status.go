package payment

import (
	"fmt"
	"slices"
)

// Status is the simulator's own word for the state of a payment. The merchant sees it Normalised.
type Status string

// The states of a payment.
const (
	Created          Status = "created"           // the call was accepted, the provider has not answered yet
	AwaitingApproval Status = "awaiting_approval" // a pay-out that an admin must approve first (Gigadat, documented)
	Pending          Status = "pending"
	Approved         Status = "approved"
	Declined         Status = "declined"
	Cancelled        Status = "cancelled" // by the shopper
	Expired          Status = "expired"   // there was no decision in time
	Captured         Status = "captured"
	Settled          Status = "settled"
	Refunded         Status = "refunded"
	ChargedBack      Status = "charged_back"
	Reversed         Status = "reversed" // a chargeback was won
	Failed           Status = "failed"   // the call itself failed between Mozarto and the provider
)

var moves = map[Status][]Status{
	Created:          {Pending, AwaitingApproval, Approved, Declined, Failed},
	AwaitingApproval: {Pending, Declined, Expired},
	Pending:          {Approved, Declined, Cancelled, Expired, Failed},
	Approved:         {Captured, Settled, Refunded, ChargedBack, Declined},
	Captured:         {Settled, Refunded, ChargedBack},
	Settled:          {Refunded, ChargedBack},
	ChargedBack:      {Reversed},
	Reversed:         {ChargedBack, Refunded},
	Declined:         {Approved},
	Expired:          {Approved},
	Failed:           {Approved, Declined},
}

// Moves returns the states that a payment may go to from s.
func (s Status) Moves() []Status { return slices.Clone(moves[s]) }

// May says whether the move from s to next is legal.
func (s Status) May(next Status) bool { return slices.Contains(moves[s], next) }

// Open says whether the payment still waits for its outcome.
func (s Status) Open() bool { return s == Created || s == AwaitingApproval || s == Pending }

// Normalised is the `transaction_status` that merchants act upon: Pending, Approved or Declined (documented). Everything
// that is not approved in the end is Declined, the provider's word in `status`; for later notifications this is assumed.
func (s Status) Normalised() string {
	switch s {
	case Created, AwaitingApproval, Pending:
		return "Pending"
	case Approved, Captured, Settled, Reversed:
		return "Approved"
	}
	return "Declined"
}

// IllegalMove is a change of status that is not legal.
type IllegalMove struct {
	Payment  string
	From, To Status
}

func (e *IllegalMove) Error() string {
	return fmt.Sprintf("payment %s is %s and can't become %s: legal are %v", e.Payment, e.From, e.To, e.From.Moves())
}
