package journal

import (
	"context"
	"time"
)

// Request is a call of the public listener as it is kept.
type Request struct {
	Company string // "" = it reached none
	ID      string // unique over all companies
	No      uint64 // given by the journal: counts the requests of all companies
	At      time.Time
	Stage   string // that refused it; "" = none did
	Rule    string // that it broke; "" = none is known
	Status  int    // of the answer
	Payment string // that it made; "" = none
	Summary []byte // opaque: what a list shows
	Details []byte // opaque: the rest, which List leaves out

	// Content stands in the place of both texts where nobody has had to write them yet: a journal in memory never does.
	Content Content
}

// Content is what a request says.
type Content interface {
	Size() int // in bytes
	Write() (summary, details []byte, err error)
}

// Size is what it counts in bytes.
func (r *Request) Size() int {
	size := requestRoom + len(r.Company) + len(r.ID) + len(r.Stage) + len(r.Rule) + len(r.Payment) + len(r.Summary) + len(r.Details)
	if r.Content != nil {
		size += r.Content.Size()
	}
	return size
}

// requestRoom is about what a request takes beside its texts.
const requestRoom = 120

// RequestQuery picks requests of a company. What is zero picks all.
type RequestQuery struct {
	Stage, Rule, Payment string
	Status               int
	Refused, Accepted    bool   // only those that a stage refused, or that none did
	Before               uint64 // only those with a lower No
	After                uint64 // only those with a higher No
	Oldest               bool   // the oldest first; otherwise the newest
	Limit                int    // at most so many; 0 = 100
}

// Matches says whether it picks a request, its place apart.
func (q *RequestQuery) Matches(r *Request) bool {
	return (q.Stage == "" || r.Stage == q.Stage) && (q.Rule == "" || r.Rule == q.Rule) &&
		(q.Payment == "" || r.Payment == q.Payment) && (q.Status == 0 || r.Status == q.Status) &&
		(!q.Refused || r.Stage != "") && (!q.Accepted || r.Stage == "")
}

// Requests keeps the newest requests of each company. Implementations are safe for concurrent use; what they return must not be
// changed.
type Requests interface {
	// Add keeps requests in their order, and drops the oldest ones over the limits. Those who wait for changes of their
	// companies are told. It does not keep the slice.
	Add(ctx context.Context, all []Request) error
	// List returns a company's requests without their details.
	List(ctx context.Context, company string, q RequestQuery) ([]Request, error)
	// Get returns one with its details. ErrNotFound.
	Get(ctx context.Context, company, id string) (Request, error)
	// Forget drops a company's requests.
	Forget(ctx context.Context, company string) error
}

// RequestLimits bound what is kept; what is zero is as usual.
type RequestLimits struct {
	Count int // requests of each company
	Bytes int // of each company
	All   int // bytes of all companies
}

// The usual limits.
const (
	DefaultMaxRequests  = 10_000   // of each company
	DefaultRequestBytes = 32 << 20 // of each company
	defaultRequestsAll  = 64 << 20 // bytes of all companies
)

// OrUsual fills in what is zero.
func (l RequestLimits) OrUsual() RequestLimits {
	if l.Count <= 0 {
		l.Count = DefaultMaxRequests
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultRequestBytes
	}
	if l.All <= 0 {
		l.All = defaultRequestsAll
	}
	return l
}

// Over returns a company of which the oldest requests must be dropped, and how much of it has to go at least; ok is false when
// nothing is over the limits. Where only the limit of all companies is reached, it is the one with the most bytes.
func (l *RequestLimits) Over(u *Uses, written string) (company string, excess Use, ok bool) {
	excess = u.Get(written).Plus(-l.Count, -l.Bytes)
	if excess.Count > 0 || excess.Bytes > 0 {
		return written, excess, true
	}
	if u.All.Bytes <= l.All {
		return "", Use{}, false
	}
	return u.Largest(""), Use{Bytes: u.All.Bytes - l.All}, true
}
