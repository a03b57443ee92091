package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/control"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// mostSeen bounds how many payments a lookout that gives up tells of.
const mostSeen = 20

// Wait looks until a payment of the company, or one of its deliveries, meets the condition, and no longer than the limit of
// real time. On a manual clock nothing happens by itself: it looks once. What it saw instead is in its answer.
func (s *Simulator) Wait(ctx context.Context, company string, w control.Wait) (control.WaitResult, error) {
	t := s.tenant(company)
	limited, cancel := context.WithTimeout(ctx, w.Limit)
	defer cancel()
	l := lookout{simulator: s, company: company, condition: w.Condition}
	rewinds := -1
	for {
		changed := s.journal.Changed(company)
		if times, _ := t.wasRewound(); times != rewinds { // all is new
			rewinds, l.whole = times, true
		}
		sight, err := l.look(ctx)
		if err != nil || sight.Met {
			return sight, err
		}
		if mode, _ := t.clock.Mode(); mode == clock.Manual || !awake(limited, time.Hour, changed, t.stopping) {
			sight.Candidates, err = l.seen(ctx)
			return sight, err
		}
	}
}

// lookout looks for what meets a condition.
type lookout struct {
	simulator *Simulator
	company   string
	condition *scenario.Expression

	whole bool   // look at everything, not only at what has changed
	at    uint64 // the last entry that it has seen
}

func (l *lookout) look(ctx context.Context) (control.WaitResult, error) {
	if !l.whole {
		return l.lookAtChanged(ctx)
	}
	var err error
	if l.at, err = l.simulator.newest(ctx, l.company); err != nil {
		return control.WaitResult{}, err
	}
	l.whole = false
	var sight control.WaitResult
	err = l.simulator.eachPayment(ctx, l.company, func(p *payment.Payment) (bool, error) {
		sight, err = l.judge(p)
		return !sight.Met, err
	})
	return sight, err
}

// lookAtChanged looks at the payments to which something happened since the last time.
func (l *lookout) lookAtChanged(ctx context.Context) (control.WaitResult, error) {
	for {
		entries, err := l.simulator.journal.Feed(ctx, l.company, journal.FeedQuery{After: l.at, Limit: atATime})
		if err != nil || len(entries) == 0 {
			return control.WaitResult{}, err
		}
		l.at = entries[len(entries)-1].Seq
		looked := map[string]bool{}
		for _, e := range entries {
			if looked[e.Stream] {
				continue
			}
			looked[e.Stream] = true
			p, err := l.simulator.payment(ctx, l.company, e.Stream)
			if errors.Is(err, journal.ErrNotFound) {
				continue
			}
			if err != nil {
				return control.WaitResult{}, err
			}
			if sight, err := l.judge(&p); err != nil || sight.Met {
				return sight, err
			}
		}
	}
}

// judge holds a payment, or each of its deliveries when the condition is about them, against the condition.
func (l *lookout) judge(p *payment.Payment) (control.WaitResult, error) {
	d, met, err := meets(l.condition, p)
	if err != nil || !met {
		return control.WaitResult{}, err
	}
	return control.WaitResult{Met: true, Payment: p, Delivery: d}, nil
}

// seen tells of the newest payments, and of what the condition reads of them.
func (l *lookout) seen(ctx context.Context) ([]control.Candidate, error) {
	seen := []control.Candidate{}
	err := l.simulator.eachPayment(ctx, l.company, func(p *payment.Payment) (bool, error) {
		views, err := viewsOf(l.condition, p)
		for _, v := range views {
			if len(seen) == mostSeen {
				break
			}
			one := control.Candidate{Payment: p.ID, Description: v.says(l.condition)}
			if v.delivery != nil {
				one.Delivery = v.delivery.ID
			}
			seen = append(seen, one)
		}
		if len(views) == 0 {
			seen = append(seen, control.Candidate{Payment: p.ID, Description: fmt.Sprintf("the payment is %s and has no delivery", p.Status)})
		}
		return len(seen) < mostSeen, err
	})
	return seen, err
}

// eachPayment visits a company's payments, newest first, until visit says that it has seen enough.
func (s *Simulator) eachPayment(ctx context.Context, company string, visit func(*payment.Payment) (more bool, err error)) error {
	return s.eachStream(ctx, company, func(st journal.Stream) (bool, error) {
		p, err := s.payment(ctx, company, st.ID)
		if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("payment %s: %w", st.ID, err)
		}
		return visit(&p)
	})
}

// eachStream visits the streams of a company's payments, newest first.
func (s *Simulator) eachStream(ctx context.Context, company string, visit func(journal.Stream) (more bool, err error)) error {
	for q := (journal.Query{Limit: atATime}); ; {
		streams, err := s.journal.List(ctx, company, q)
		if err != nil || len(streams) == 0 {
			return err
		}
		for _, st := range streams {
			if st.Labels.Get("psp") == "" { // no payment
				continue
			}
			if more, err := visit(st); err != nil || !more {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		q.Before = streams[len(streams)-1].Ordinal
	}
}

// view is what a condition sees: a payment and one of its deliveries, or none.
type view struct {
	fields   map[string]any
	delivery *control.Delivery
}

// viewsOf makes the views of a payment: one for each delivery, newest first, when the condition reads deliveries; else one.
func viewsOf(e *scenario.Expression, p *payment.Payment) ([]view, error) {
	shown, err := fieldsOf(struct {
		*payment.Payment
		TransactionStatus string `json:"transactionStatus"`
		Webhooks          string `json:"webhooks,omitempty"`
	}{p, p.Status.Normalised(), p.DeliverySummary()})
	if err != nil {
		return nil, err
	}
	if !readsDeliveries(e) {
		return []view{{fields: map[string]any{"payment": shown}}}, nil
	}
	var views []view
	for i := len(p.Deliveries) - 1; i >= 0; i-- {
		d := control.Delivery{Delivery: p.Deliveries[i], Payment: p.ID, PSP: p.PSP}
		fields, err := fieldsOf(d)
		if err != nil {
			return nil, err
		}
		views = append(views, view{map[string]any{"payment": shown, "delivery": fields}, &d})
	}
	return views, nil
}

func readsDeliveries(e *scenario.Expression) bool {
	for _, f := range e.Fields() {
		if f.Name == "delivery" || strings.HasPrefix(f.Name, "delivery.") {
			return true
		}
	}
	return false
}

// fieldsOf makes a value's JSON into fields, numbers as they are written.
func fieldsOf(value any) (map[string]any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("our own view: %v", err)
	}
	return doc.Fields, nil
}

// meets says whether a payment meets a condition, and by which of its deliveries. A condition that compares what can't be
// compared is *openapi.Invalid.
func meets(e *scenario.Expression, p *payment.Payment) (*control.Delivery, bool, error) {
	views, err := viewsOf(e, p)
	if err != nil {
		return nil, false, err
	}
	for _, v := range views {
		holds, err := e.Match(v.fields)
		if err != nil {
			return nil, false, &openapi.Invalid{Problems: []string{fmt.Sprintf("the condition %s does not work with payment %s: %v", e, p.ID, err)}}
		}
		if holds {
			return v.delivery, true, nil
		}
	}
	return nil, false, nil
}

// says puts the values that a condition reads into words.
func (v view) says(e *scenario.Expression) string {
	var parts []string
	told := map[string]bool{}
	for _, f := range e.Fields() {
		if told[f.Name] {
			continue
		}
		told[f.Name] = true
		var value any = v.fields
		for _, name := range strings.Split(f.Name, ".") {
			object, _ := value.(map[string]any)
			value = object[name]
		}
		parts = append(parts, f.Name+" is "+worded(value))
	}
	return strings.Join(parts, ", ")
}

func worded(value any) string {
	if value == nil {
		return "not set"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "unreadable"
	}
	const most = 120
	if len(text) > most {
		return strings.ToValidUTF8(string(text[:most]), "") + "…"
	}
	return string(text)
}
