package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/random"
)

// traffic makes calls and checks what follows from them.
type traffic struct {
	p, other  *process // other is a second one on the same data, nil = there is none
	merchants []*merchant
	hooks     *receiver
	requests  []request
	scenarios map[string][]string // names by psp and type
	checks    chan check
	calling   sync.WaitGroup
	checking  sync.WaitGroup

	mu       sync.Mutex
	calls    int
	answered int
	webhooks int
	retried  int
	refused  int // calls that failed while there were faults
	twice    int // webhooks that arrived again
	happened map[string]int
	faults   bool
	wrong    []error
}

type request struct {
	psp, flow string
	body      []byte
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

func newTraffic(p *process, merchants []*merchant, hooks *receiver) (*traffic, error) {
	t := &traffic{p: p, merchants: merchants, hooks: hooks, scenarios: map[string][]string{}, checks: make(chan check, 1<<20), happened: map[string]int{}}
	if err := t.generate(); err != nil {
		return nil, err
	}
	if err := t.choose(merchants[0].Scenarios()); err != nil {
		return nil, err
	}
	for range checkers {
		t.checking.Go(t.checkAll)
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
	if names := append(append([]string{}, t.scenarios[r.psp+" "+r.flow]...), t.scenarios[r.psp+" "]...); len(names) > 0 && rand.IntN(4) == 0 {
		scenario = names[rand.IntN(len(names))]
	}
	at := t.either()
	q, err := http.NewRequest(http.MethodPost, at.public+openapi.CashierPath, strings.NewReader(string(r.body)))
	if err != nil {
		t.report(err)
		return
	}
	q.Header.Set("Authorization", "Bearer "+m.tokens.Company)
	q.Header.Set("X-User-Token", "Bearer "+m.tokens.User)
	q.Header.Set("Content-Type", "application/json")
	if scenario != "" {
		q.Header.Set("Mozartosim-Scenario", scenario)
	}
	t.count(func() { t.calls++ })
	answer, err := at.client.Do(q)
	if err != nil {
		if scenario == "" {
			t.failed(fmt.Errorf("%s %s: %w", r.psp, r.flow, err))
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
			t.failed(errors.Join(fmt.Errorf("%s %s was answered %s: %s", r.psp, r.flow, answer.Status, text), err))
		}
		return
	}
	t.count(func() { t.answered++ })
	t.checks <- check{paid.Data.TransactionID, scenario, m, time.Now().Add(settled)}
}

// failed reports a call that failed, or counts it when there are faults.
func (t *traffic) failed(err error) {
	if t.faults {
		t.count(func() { t.refused++ })
		return
	}
	t.report(err)
}

// during counts faults.
func (t *traffic) during(what string, began time.Time) {
	t.count(func() { t.happened[what]++ })
	fmt.Printf("%s fault of %s\n", what, time.Since(began).Round(time.Millisecond))
}

// checkAll checks payments when they are due.
func (t *traffic) checkAll() {
	for c := range t.checks {
		time.Sleep(time.Until(c.due))
		t.report(t.check(c))
		t.hooks.forget(c.id)
	}
}

// check returns what is wrong with a payment that must have settled.
func (t *traffic) check(c check) error {
	p, err := t.payment(c)
	if err != nil {
		return fmt.Errorf("payment %s was answered and is lost: %w", c.id, err)
	}
	var errs []error
	delivered := 0
	for _, d := range p.Deliveries {
		if d.State == "delivered" {
			delivered++
		}
		late := time.Since(d.Due)
		switch {
		case d.Open() && late > settled:
			errs = append(errs, fmt.Errorf("webhook %s of %s (%s) was due %s ago and is %s", d.ID, c.id, c.scenario, late.Round(time.Second), d.State))
		case d.State == "delivered" && c.scenario == "" && t.hooks.accepted(c.id) == 0:
			errs = append(errs, fmt.Errorf("webhook %s is reported as delivered and never arrived", d.ID))
		}
		t.count(func() {
			t.webhooks++
			t.retried += max(0, len(d.Attempts)-1)
		})
	}
	if again := t.hooks.accepted(c.id) - delivered; again > 0 && c.scenario == "" {
		if !t.faults {
			errs = append(errs, fmt.Errorf("%d webhooks of %s arrived again", again, c.id))
		}
		t.count(func() { t.twice += again })
	}
	return errors.Join(errs...)
}

// either is one of the processes.
func (t *traffic) either() *process {
	if t.other != nil && rand.IntN(2) == 0 {
		return t.other
	}
	return t.p
}

// payment reads a payment; while there are faults it tries again for a while.
func (t *traffic) payment(c check) (p adminapi.Payment, err error) {
	for range 40 {
		p, err = t.either().api.Company(c.merchant.name).Payment(context.Background(), c.id)
		var answered *adminapi.Error
		if err == nil || !t.faults || errors.As(err, &answered) && answered.Status == http.StatusNotFound {
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

// finish waits until everything has been checked.
func (t *traffic) finish() {
	close(t.checks)
	t.checking.Wait()
	t.p.client.CloseIdleConnections()
}

func (t *traffic) String() string {
	text := fmt.Sprintf("%d calls, %d payments answered, %d webhooks, %d retries", t.calls, t.answered, t.webhooks, t.retried)
	if t.faults {
		text += fmt.Sprintf(", faults %v, %d calls failed, %d webhooks arrived again", t.happened, t.refused, t.twice)
	}
	return text
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
