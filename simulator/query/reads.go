package query

import (
	"context"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// Payments reads payments. Errors are journal.ErrNotFound when there is none.
type Payments interface {
	Read(ctx context.Context, company, id string) (payment.Payment, error)
	// BySession finds the payment of a hosted page's session.
	BySession(ctx context.Context, session string) (company, id string, err error)
}

// Requests reads the calls of the public listener, and has those written that came before.
type Requests interface {
	List(ctx context.Context, company string, q journal.RequestQuery) (found []adminapi.RequestSummary, left uint64, err error)
	Watch() (stop func())
}

// pageSize is how many streams or entries a query asks the journal for.
const pageSize = 500
