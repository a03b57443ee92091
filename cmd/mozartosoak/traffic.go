package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
)

// traffic makes calls and looks after what came of them.
type traffic struct {
	p         *process
	merchants []*merchant
	hooks     *receiver
	requests  []request
	scenarios map[string][]string // names by psp and type
	looks     chan look
	calling   sync.WaitGroup
	looking   sync.WaitGroup

	mu       sync.Mutex
	calls    int
	answered int
	webhooks int
	retried  int
	wrong    []error
}

type request struct {
	psp, flow string
	body      []byte
}

// look is a payment that is to be looked at when all that follows from it must have happened.
type look struct {
	id, company, scenario string
	due                   time.Time
}

// settled is how long after a call everything must have happened that happens by itself: the shopper, the provider's notices,
// the whole ladder.
const settled = 20 * time.Second

// lookers is how many payments are looked at side by side.
const lookers = 4

func newTraffic(p *process, merchants []*merchant, hooks *receiver) (*traffic, error) {
	t := &traffic{p: p, merchants: merchants, hooks: hooks, scenarios: map[string][]string{}, looks: make(chan look, 1<<20)}
	if err := t.generate(); err != nil {
		return nil, err
	}
	if err := t.choose(merchants[0].name); err != nil {
		return nil, err
	}
	for range lookers {
		t.looking.Go(t.lookAfter)
	}
	return t, nil
}

// generate makes valid requests of every flow.
func (t *traffic) generate() error {
	contract, err := openapi.Cashier()
	if err != nil {
		return err
	}
	g, err := fixtures.NewGenerator(random.New(1, "soak"))
	if err != nil {
		return err
	}
	for _, op := range contract.Operations() {
		for range 50 {
			body, err := g.Request(op)
			if err != nil {
				return err
			}
			t.requests = append(t.requests, request{op.PSP, op.Type, body})
		}
	}
	return nil
}

// choose lists the ready scenarios that a call can name: those whose answers come, and in time.
func (t *traffic) choose(company string) error {
	var list struct {
		Scenarios []struct {
			Name string `json:"name"`
		} `json:"scenarios"`
	}
	if err := t.p.ask(http.MethodGet, "/v1/companies/"+company+"/scenarios", nil, &list); err != nil {
		return err
	}
	for _, one := range list.Scenarios {
		var sc struct {
			Match  struct{ PSP, Type string } `json:"match"`
			Answer map[string]any             `json:"answer"`
			Outage any                        `json:"outage"`
		}
		if err := t.p.ask(http.MethodGet, "/v1/companies/"+company+"/scenarios/"+url.PathEscape(one.Name), nil, &sc); err != nil {
			return err
		}
		if sc.Answer["delay"] != nil || sc.Outage != nil {
			continue
		}
		key := sc.Match.PSP + " " + sc.Match.Type
		t.scenarios[key] = append(t.scenarios[key], one.Name)
	}
	return nil
}

// run calls at a rate for a time.
func (t *traffic) run(length time.Duration, rate int) {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	end := time.After(length)
	busy := make(chan struct{}, 64)
	defer t.calling.Wait()
	for {
		select {
		case <-end:
			return
		case <-tick.C:
		}
		select {
		case busy <- struct{}{}:
			t.calling.Go(func() {
				defer func() { <-busy }()
				t.call()
			})
		default: // everybody is busy: the machine gives no more
		}
	}
}

// call makes one call, one in four under a scenario.
func (t *traffic) call() {
	r, m := t.requests[rand.IntN(len(t.requests))], t.merchants[rand.IntN(len(t.merchants))]
	scenario := ""
	if names := append(append([]string{}, t.scenarios[r.psp+" "+r.flow]...), t.scenarios[r.psp+" "]...); len(names) > 0 && rand.IntN(4) == 0 {
		scenario = names[rand.IntN(len(names))]
	}
	q, err := http.NewRequest(http.MethodPost, t.p.public+openapi.CashierPath, strings.NewReader(string(r.body)))
	if err != nil {
		t.report(err)
		return
	}
	q.Header.Set("Authorization", "Bearer "+m.company)
	q.Header.Set("X-User-Token", "Bearer "+m.user)
	q.Header.Set("Content-Type", "application/json")
	if scenario != "" {
		q.Header.Set("Mozartosim-Scenario", scenario)
	}
	t.count(func() { t.calls++ })
	answer, err := t.p.client.Do(q)
	if err != nil {
		if scenario == "" {
			t.report(fmt.Errorf("%s %s: %w", r.psp, r.flow, err))
		}
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var paid struct {
		Data struct {
			TransactionID string `json:"transactionId"`
		} `json:"data"`
	}
	if err != nil || json.Unmarshal(text, &paid) != nil || paid.Data.TransactionID == "" {
		if scenario == "" {
			t.report(fmt.Errorf("%s %s was answered %s: %s, %v", r.psp, r.flow, answer.Status, text, err))
		}
		return
	}
	t.count(func() { t.answered++ })
	t.looks <- look{paid.Data.TransactionID, m.name, scenario, time.Now().Add(settled)}
}

// lookAfter looks at payments when their time has come.
func (t *traffic) lookAfter() {
	for l := range t.looks {
		time.Sleep(time.Until(l.due))
		t.report(t.judge(l))
		t.hooks.forget(l.id)
	}
}

// judge says what is wrong with a payment that must have settled.
func (t *traffic) judge(l look) error {
	var p struct {
		payment.Payment
		Deliveries []payment.Delivery `json:"deliveries"`
	}
	if err := t.p.ask(http.MethodGet, "/v1/payments/"+l.id+"?company="+l.company, nil, &p); err != nil {
		return fmt.Errorf("payment %s was answered and is lost: %w", l.id, err)
	}
	var errs []error
	for _, d := range p.Deliveries {
		late := time.Since(d.Due)
		switch {
		case d.State.Open() && late > settled:
			errs = append(errs, fmt.Errorf("webhook %s of %s (%s) was due %s ago and is %s", d.ID, l.id, l.scenario, late.Round(time.Second), d.State))
		case d.State == payment.DeliveryDelivered && l.scenario == "" && t.hooks.taken(l.id) == 0:
			errs = append(errs, fmt.Errorf("webhook %s is said to be delivered and never came", d.ID))
		}
		t.count(func() {
			t.webhooks++
			t.retried += max(0, len(d.Attempts)-1)
		})
	}
	return errors.Join(errs...)
}

func (t *traffic) count(do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	do()
}

// report keeps what is wrong, the first hundred of it.
func (t *traffic) report(err error) {
	if err != nil {
		t.count(func() { t.wrong = append(t.wrong, err) })
	}
}

// finish waits until everything has been looked at.
func (t *traffic) finish() {
	close(t.looks)
	t.looking.Wait()
	t.p.client.CloseIdleConnections()
}

func (t *traffic) String() string {
	return fmt.Sprintf("%d calls, %d payments answered, %d webhooks, %d attempts again", t.calls, t.answered, t.webhooks, t.retried)
}

func (t *traffic) verdict() error {
	if t.answered == 0 || t.webhooks == 0 {
		t.wrong = append(t.wrong, errors.New("there was no traffic"))
	}
	if n := len(t.wrong); n > 20 {
		return fmt.Errorf("%d things went wrong, the first of them:\n%w", n, errors.Join(t.wrong[:20]...))
	}
	return errors.Join(t.wrong...)
}
