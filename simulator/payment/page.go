package payment

import (
	"slices"
	"time"
)

// Visit is what happened on a payment's hosted page, besides decisions.
type Visit struct {
	Opened    time.Time `json:"opened,omitzero"`    // for the first time
	TakenOver time.Time `json:"takenOver,omitzero"` // a person decides instead of the simulated shopper
	Returns   []Return  `json:"returns,omitempty"`
}

// Return is one return of the browser to the merchant's site.
type Return struct {
	At     time.Time `json:"at,omitzero"` // that of its event
	Result string    `json:"result"`      // success, failure, cancelled or pending
	To     string    `json:"to"`          // the return URL, its query left out
}

// MaxReturns bounds the recorded returns of one payment, so that reloading the page doesn't fill the journal.
const MaxReturns = 20

// OpenPage records that the hosted page was opened; ok is false when that is recorded already.
func (p *Payment) OpenPage(now time.Time) (e Event, ok bool) {
	if p.PageVisit().Opened.IsZero() {
		p.visit(func(v *Visit) { v.Opened = now })
		return Event{Kind: KindPageOpened, At: now, Data: []byte("{}")}, true
	}
	return Event{}, false
}

// TakeOverPage records that a person decides instead of the simulated shopper; ok is false when that is recorded already.
func (p *Payment) TakeOverPage(now time.Time) (e Event, ok bool) {
	if p.PageVisit().TakenOver.IsZero() {
		p.visit(func(v *Visit) { v.TakenOver = now })
		return Event{Kind: KindPageTakenOver, At: now, Data: []byte("{}")}, true
	}
	return Event{}, false
}

// LeavePage records that the browser was sent back to the merchant's site; ok is false after MaxReturns returns.
func (p *Payment) LeavePage(r Return, now time.Time) (e Event, ok bool, err error) {
	if len(p.PageVisit().Returns) >= MaxReturns {
		return Event{}, false, nil
	}
	r.At = time.Time{} // the event has it
	if e, err = newEvent(KindPageLeft, now, r); err != nil {
		return Event{}, false, err
	}
	p.leave(r, now)
	return e, true, nil
}

// PageVisit returns what happened on the hosted page; the zero Visit when it was never opened.
func (p *Payment) PageVisit() Visit {
	if p.Visit == nil {
		return Visit{}
	}
	return *p.Visit
}

// visit changes a copy of the visit, so that copies of the payment keep theirs.
func (p *Payment) visit(change func(*Visit)) {
	v := p.PageVisit()
	change(&v)
	p.Visit = &v
}

func (p *Payment) leave(r Return, at time.Time) {
	r.At = at
	p.visit(func(v *Visit) { v.Returns = append(slices.Clip(v.Returns), r) })
}
