package journal

import (
	"cmp"
	"sync/atomic"
)

// DefaultMaxPayments is how many streams a journal keeps for each company unless told otherwise.
const DefaultMaxPayments = 100_000

// Limits bound the streams that a journal keeps. When a limit is reached, the oldest final streams without jobs are dropped
// first, then the oldest of all; but never the one whose append reached the limit, which somebody is about to be answered
// about. A limit of all companies drops from the largest one. What is zero is no limit, but for Payments.
type Limits struct {
	Payments      int // of each company; 0 = DefaultMaxPayments
	Bytes         int // that each company's streams take, as they are kept
	TotalPayments int // of all companies
	TotalBytes    int
	Requests      RequestLimits
	// Dropped is called with what a limit has dropped, when it is gone; nil = it is not.
	Dropped func(Drop)
}

// Drop is what a limit has dropped of one company at one time.
type Drop struct {
	Company        string
	Limit          string // "max-payments", "max-bytes", "max-total-payments" or "max-total-bytes"
	Payments, Jobs int
}

// MaxTotalPayments is the limit of all companies that counts payments; the other one counts bytes.
const MaxTotalPayments = "max-total-payments"

// OrUsual fills in what has a usual value.
func (l Limits) OrUsual() Limits {
	l.Payments = cmp.Or(max(l.Payments, 0), DefaultMaxPayments)
	return l
}

// Tell calls Dropped, if there is something to tell.
func (l *Limits) Tell(dropped Drop) {
	if dropped.Payments > 0 && l.Dropped != nil {
		l.Dropped(dropped)
	}
}

// Over returns the limit that a company of so many streams and bytes exceeds, "" when there is none.
func (l *Limits) Over(streams, bytes int) string {
	switch {
	case streams > l.Payments:
		return "max-payments"
	case l.Bytes > 0 && bytes > l.Bytes:
		return "max-bytes"
	}
	return ""
}

// OverTotal returns the limit that all companies together exceed.
func (l *Limits) OverTotal(streams, bytes int) string {
	switch {
	case l.TotalPayments > 0 && streams > l.TotalPayments:
		return MaxTotalPayments
	case l.TotalBytes > 0 && bytes > l.TotalBytes:
		return "max-total-bytes"
	}
	return ""
}

// totals count what all companies of a Memory have.
type totals struct{ streams, bytes atomic.Int64 }

func (t *totals) add(streams, bytes int) {
	t.streams.Add(int64(streams))
	t.bytes.Add(int64(bytes))
}

func (t *totals) over(l *Limits) string {
	return l.OverTotal(int(t.streams.Load()), int(t.bytes.Load()))
}
