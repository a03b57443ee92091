package payment

import "time"

// Visit is what happened on a payment's hosted page, besides decisions.
type Visit struct {
	Opened    time.Time `json:"opened,omitzero"`    // for the first time
	TakenOver time.Time `json:"takenOver,omitzero"` // somebody decides himself, in the simulated shopper's place
	Returns   []Return  `json:"returns,omitempty"`
}

// Return is one time that the browser was sent back to the merchant's.
type Return struct {
	At     time.Time `json:"at,omitzero"` // that of its event
	Result string    `json:"result"`      // success, failure, cancelled or pending
	To     string    `json:"to"`          // the return URL, its query left out
}

// MaxReturns bounds the returns that are kept of one payment: whoever reloads the page all day fills no journal.
const MaxReturns = 20

// OpenPage notes that the hosted page was opened; ok is false when that is known already.
func (p *Payment) OpenPage(now time.Time) (e Event, ok bool) {
	if p.PageVisit().Opened.IsZero() {
		p.openPage(now)
		return Event{Kind: KindPageOpened, At: now, Data: []byte("{}")}, true
	}
	return Event{}, false
}

// TakeOverPage notes that somebody decides himself, in the simulated shopper's place; ok is false when that is known already.
func (p *Payment) TakeOverPage(now time.Time) (e Event, ok bool) {
	if p.PageVisit().TakenOver.IsZero() {
		p.takePage(now)
		return Event{Kind: KindPageTakenOver, At: now, Data: []byte("{}")}, true
	}
	return Event{}, false
}

// LeavePage notes that the browser was sent back to the merchant's; ok is false when that happened MaxReturns times already.
func (p *Payment) LeavePage(r Return, now time.Time) (e Event, ok bool, err error) {
	if len(p.PageVisit().Returns) >= MaxReturns {
		return Event{}, false, nil
	}
	r.At = time.Time{} // the event has it
	if e, err = newEvent(KindPageLeft, now, r); err != nil {
		return Event{}, false, err
	}
	p.leavePage(r, now)
	return e, true, nil
}

// PageVisit returns what happened on the hosted page; the zero Visit when nobody has opened it.
func (p *Payment) PageVisit() Visit {
	if p.Visit == nil {
		return Visit{}
	}
	return *p.Visit
}

func (p *Payment) openPage(at time.Time) {
	visit := p.PageVisit()
	visit.Opened = at
	p.Visit = &visit
}

func (p *Payment) takePage(at time.Time) {
	visit := p.PageVisit()
	visit.TakenOver = at
	p.Visit = &visit
}

func (p *Payment) leavePage(r Return, at time.Time) {
	visit := p.PageVisit()
	r.At = at
	visit.Returns = append(visit.Returns[:len(visit.Returns):len(visit.Returns)], r)
	p.Visit = &visit
}
