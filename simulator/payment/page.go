package payment

import (
	"slices"
	"time"

	"mozartosim/simulator/adminapi"
)

// MaxReturns bounds the recorded returns of one payment, so that reloading the page doesn't fill the journal.
const MaxReturns = 20

// OpenPage records that the hosted page was opened; ok is false when that is recorded already.
func (p *Payment) OpenPage(now time.Time) (e Event, ok bool) {
	if p.PageVisit().Opened.IsZero() {
		p.visit(func(v *adminapi.PageVisit) { v.Opened = now })
		return Event{Kind: KindPageOpened, At: now, Data: []byte("{}")}, true
	}
	return Event{}, false
}

// TakeOverPage records that a person decides instead of the simulated shopper; ok is false when that is recorded already.
func (p *Payment) TakeOverPage(now time.Time) (e Event, ok bool) {
	if p.PageVisit().TakenOver.IsZero() {
		p.visit(func(v *adminapi.PageVisit) { v.TakenOver = now })
		return Event{Kind: KindPageTakenOver, At: now, Data: []byte("{}")}, true
	}
	return Event{}, false
}

// LeavePage records that the browser was sent back to the merchant's site with a result, to a URL without its query; ok is false after
// MaxReturns returns.
func (p *Payment) LeavePage(result, to string, now time.Time) (e Event, ok bool) {
	if len(p.PageVisit().Returns) >= MaxReturns {
		return Event{}, false
	}
	p.leave(adminapi.PageReturn{Result: result, To: to}, now)
	data := append(text(text([]byte("{"), `"result":`, result), `,"to":`, to), '}')
	return Event{Kind: KindPageLeft, At: now, Data: data}, true
}

// PageVisit returns what happened on the hosted page; the zero value when it was never opened.
func (p *Payment) PageVisit() adminapi.PageVisit {
	if p.Visit == nil {
		return adminapi.PageVisit{}
	}
	return *p.Visit
}

// visit changes a copy of the visit, so that copies of the payment keep theirs.
func (p *Payment) visit(change func(*adminapi.PageVisit)) {
	v := p.PageVisit()
	change(&v)
	p.Visit = &v
}

// leave adds a return; its time is that of its event.
func (p *Payment) leave(r adminapi.PageReturn, at time.Time) {
	r.At = at
	p.visit(func(v *adminapi.PageVisit) { v.Returns = append(slices.Clip(v.Returns), r) })
}
