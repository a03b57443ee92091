package journal

import (
	"cmp"
	"maps"
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

// Over returns the limit that a company exceeds, "" when there is none.
func (l *Limits) Over(u Use) string {
	switch {
	case u.Count > l.Payments:
		return "max-payments"
	case l.Bytes > 0 && u.Bytes > l.Bytes:
		return "max-bytes"
	}
	return ""
}

// OverTotal returns the limit that all companies together exceed.
func (l *Limits) OverTotal(u Use) string {
	switch {
	case l.TotalPayments > 0 && u.Count > l.TotalPayments:
		return MaxTotalPayments
	case l.TotalBytes > 0 && u.Bytes > l.TotalBytes:
		return "max-total-bytes"
	}
	return ""
}

// Use is how many requests, or streams, are kept, and their bytes.
type Use struct{ Count, Bytes int }

// Plus returns what it is with so many more.
func (u Use) Plus(count, bytes int) Use { return Use{u.Count + count, u.Bytes + bytes} }

// Uses count what companies keep. The zero value counts from zero. They are not safe for concurrent use.
type Uses struct {
	All       Use
	companies map[string]Use
}

// Clone returns a copy.
func (u *Uses) Clone() Uses { return Uses{u.All, maps.Clone(u.companies)} }

// Get returns a company's count.
func (u *Uses) Get(company string) Use { return u.companies[company] }

// Known says whether a company has been counted.
func (u *Uses) Known(company string) bool {
	_, known := u.companies[company]
	return known
}

// Set replaces a company's count.
func (u *Uses) Set(company string, to Use) {
	if u.companies == nil {
		u.companies = map[string]Use{}
	}
	before := u.companies[company]
	u.All, u.companies[company] = u.All.Plus(to.Count-before.Count, to.Bytes-before.Bytes), to
}

// Forget forgets a company's count.
func (u *Uses) Forget(company string) {
	u.Set(company, Use{})
	delete(u.companies, company)
}

// Largest returns the company with the most of what a limit counts: MaxTotalPayments counts, all others bytes. Of equal ones it is that
// of the first name.
func (u *Uses) Largest(limit string) (largest string) {
	most := -1
	for name, use := range u.companies {
		size := use.Bytes
		if limit == MaxTotalPayments {
			size = use.Count
		}
		if size > most || size == most && name < largest {
			most, largest = size, name
		}
	}
	return largest
}

// totals count what all companies of a Memory have.
type totals struct{ streams, bytes atomic.Int64 }

func (t *totals) add(streams, bytes int) {
	t.streams.Add(int64(streams))
	t.bytes.Add(int64(bytes))
}

func (t *totals) use() Use { return Use{int(t.streams.Load()), int(t.bytes.Load())} }
