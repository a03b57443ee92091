package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/random"
)

// traffic makes calls and checks what follows from them.
type traffic struct {
	stand     *stand
	merchants []*merchant
	requests  []fixtures.Request
	scenarios map[string][]string // names by psp and type
	checks    chan check
	calling   sync.WaitGroup
	checking  sync.WaitGroup
	patience  context.Context // of the checks, which ends some time after the last call

	mu       sync.Mutex
	calls    int
	answered int
	webhooks int
	retried  int
	refused  int            // calls that failed while there were faults
	twice    map[string]int // webhooks that arrived again, by what had cut their sender off
	windows  []*window      // of the faults
	wrong    []error
}

// check is a payment that is checked when everything that follows from it must have happened.
type check struct {
	id, scenario string
	merchant     *merchant
	due          time.Time
}

// settled is how long after a call everything must have happened: the shopper's decision, the provider's notifications, the
// whole retry schedule.
const settled = 30 * time.Second

// checkers is how many payments are checked at the same time.
const checkers = 4

func newTraffic(patience context.Context, s *stand) *traffic {
	return &traffic{stand: s, patience: patience, scenarios: map[string][]string{}, checks: make(chan check, 1<<18), twice: map[string]int{}}
}

// prepare creates the merchants and starts checking.
func (t *traffic) prepare() (err error) {
	if t.merchants, err = t.stand.processes[0].createMerchants(t.stand.hooks); err != nil {
		return err
	}
	if err := t.generate(); err != nil {
		return err
	}
	if err := t.choose(t.merchants[0].Scenarios()); err != nil {
		return err
	}
	for range checkers {
		t.checking.Go(t.checkAll)
	}
	return nil
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
			t.requests = append(t.requests, fixtures.Request{PSP: op.PSP, Type: op.Type, Body: body})
		}
	}
	return nil
}

// choose lists the built-in scenarios that a call can name: those that answer, and in time.
func (t *traffic) choose(api adminapi.Scenarios) error {
	list, err := api.List(context.Background())
	if err != nil {
		return err
	}
	for _, one := range list {
		var sc struct {
			Match  struct{ PSP, Type string } `json:"match"`
			Answer map[string]any             `json:"answer"`
			Outage any                        `json:"outage"`
		}
		text, err := api.Scenario(context.Background(), one.Name)
		if err == nil {
			err = json.Unmarshal(text, &sc)
		}
		if err != nil {
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

// run makes calls at a rate for a time.
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
		default: // all are busy: the machine can do no more
		}
	}
}

// call makes one call, one in four with a scenario.
func (t *traffic) call() {
	r, m := t.requests[rand.IntN(len(t.requests))], t.merchants[rand.IntN(len(t.merchants))]
	scenario := ""
	if names := append(append([]string{}, t.scenarios[r.PSP+" "+r.Type]...), t.scenarios[r.PSP+" "]...); len(names) > 0 && rand.IntN(4) == 0 {
		scenario = names[rand.IntN(len(names))]
	}
	at := t.either()
	tokens := m.tokens
	tokens.URL = at.public + openapi.CashierPath
	t.count(func() { t.calls++ })
	answer, err := tokens.Call(context.Background(), at.client, r.Body, scenario)
	if err != nil {
		t.report(err)
		return
	}
	var paid struct {
		Data struct {
			TransactionID string `json:"transactionId"`
		} `json:"data"`
	}
	if answer.Err != nil || json.Unmarshal(answer.Body, &paid) != nil || paid.Data.TransactionID == "" {
		if scenario == "" {
			t.failed(errors.Join(fmt.Errorf("%s %s was answered %d: %s", r.PSP, r.Type, answer.Status, answer.Body), answer.Err))
		}
		return
	}
	t.count(func() { t.answered++ })
	t.checks <- check{paid.Data.TransactionID, scenario, m, time.Now().Add(settled)}
}

// failed counts a call that failed, and reports it when there were no faults yet.
func (t *traffic) failed(err error) {
	t.count(func() {
		if t.refused++; len(t.windows) == 0 {
			t.wrong = append(t.wrong, err)
		}
	})
}

// checkAll checks payments when they are due.
func (t *traffic) checkAll() {
	for c := range t.checks {
		time.Sleep(time.Until(c.due))
		t.report(t.check(c))
		t.stand.hooks.forget(c.id)
	}
}

// check returns what is wrong with a payment that must have settled.
func (t *traffic) check(c check) error {
	p, err := t.payment(c)
	if err != nil && t.patience.Err() != nil {
		return fmt.Errorf("payment %s could not be looked at in time: %w", c.id, err)
	} else if err != nil {
		return fmt.Errorf("payment %s was answered and is lost: %w", c.id, err)
	}
	var errs []error
	arrived := t.stand.hooks.accepted(c.id)
	for _, d := range p.Deliveries {
		overdue := time.Since(d.Due)
		switch {
		case d.Open() && overdue > settled:
			errs = append(errs, fmt.Errorf("webhook %s of %s (%s) was due %s ago and is %s", d.ID, c.id, c.scenario, overdue.Round(time.Second), d.State))
		case d.State == "delivered" && c.scenario == "" && len(arrived) == 0:
			errs = append(errs, fmt.Errorf("webhook %s is reported as delivered and never arrived", d.ID))
		}
		t.count(func() {
			t.webhooks++
			t.retried += max(0, len(d.Attempts)-1)
		})
	}
	if c.scenario == "" { // scenarios send twice
		t.count(func() { errs = append(errs, t.again(c.id, p.Deliveries, arrived)) })
	}
	return errors.Join(errs...)
}

// again counts a payment's webhooks that arrived more often than they are recorded as delivered. All of these but the last must come
// from somebody who was cut off.
func (t *traffic) again(id string, deliveries []adminapi.Delivery, arrived []arrival) error {
	delivered := map[string]int{}
	for _, d := range deliveries {
		if d.State == "delivered" {
			delivered[d.Body]++
		}
	}
	var errs []error
	for n, a := range arrived {
		same := 1 // of those that follow
		for _, later := range arrived[n+1:] {
			if later.body == a.body {
				same++
			}
		}
		if same <= delivered[a.body] {
			continue
		}
		why := t.cutOff(a)
		if t.twice[why]++; why == "" {
			errs = append(errs, fmt.Errorf("a webhook of %s that %s sent at %s arrived again, and nothing cut it off: %s", id, a.sender, a.at.Format(time.TimeOnly), a.body))
		}
	}
	return errors.Join(errs...)
}

// either is one of the processes.
func (t *traffic) either() *process { return t.stand.processes[rand.IntN(len(t.stand.processes))] }

// payment reads a payment; it tries again for a while, because there are faults.
func (t *traffic) payment(c check) (p adminapi.Payment, err error) {
	for range 40 {
		p, err = t.either().api.Company(c.merchant.name).Payment(t.patience, c.id)
		var answered *adminapi.Error
		if err == nil || t.patience.Err() != nil || errors.As(err, &answered) && answered.Status == http.StatusNotFound {
			return p, err
		}
		time.Sleep(500 * time.Millisecond)
	}
	return p, err
}

func (t *traffic) count(do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	do()
}

// report adds to what is wrong.
func (t *traffic) report(err error) {
	if err != nil {
		t.count(func() { t.wrong = append(t.wrong, err) })
	}
}

// finish waits until everything has been checked, and until what followed from the last payments is over.
func (t *traffic) finish() {
	close(t.checks)
	t.checking.Wait()
	for _, p := range t.stand.processes {
		p.client.CloseIdleConnections()
	}
	time.Sleep(settled) // retries to a handler that hangs
}

func (t *traffic) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	faults := map[string]int{}
	for _, w := range t.windows {
		faults[w.what]++
	}
	return fmt.Sprintf("%d calls, %d of them failed, %d payments answered, %d webhooks, %d retries, faults %v, webhooks that arrived again by what cut their sender off %v",
		t.calls, t.refused, t.answered, t.webhooks, t.retried, faults, t.twice)
}

// verdict is what went wrong.
func (t *traffic) verdict() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answered == 0 || t.webhooks == 0 {
		t.wrong = append(t.wrong, errors.New("there was no traffic"))
	}
	if n := len(t.wrong); n > 20 {
		return fmt.Errorf("%d things went wrong, the first of them:\n%w", n, errors.Join(t.wrong[:20]...))
	}
	return errors.Join(t.wrong...)
}
