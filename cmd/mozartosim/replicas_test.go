package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal/pgtest"
)

// shared are the flags of processes that share a database.
func shared(database *pgtest.Server, flags ...string) []string {
	return append([]string{"--data", database.URL(), "--data-key", "of all replicas", "--shopper-after", "20ms"}, flags...)
}

// One replica is killed while it tries webhooks; the other takes over its jobs, and a webhook of every payment arrives.
func TestReplicaTakesOver(t *testing.T) {
	t.Parallel()
	database := pgtest.For(t)
	hooks := newReceiver(t)
	stuck, first := make(chan struct{}), make(chan struct{}, 1000)
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first <- struct{}{}
		select {
		case <-stuck:
			hooks.Config.Handler.ServeHTTP(w, r)
		case <-r.Context().Done(): // its sender was killed
		}
	}))
	t.Cleanup(gate.Close)
	flags := shared(database, "--webhook-url", gate.URL)
	a, b := startProgram(t, flags...), startProgram(t, flags...)
	demo := demoTokens(t, a)
	var ids []string
	for i := range 20 {
		id, err := a.pay(demo, fmt.Sprint("order ", i))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	<-first // at least one attempt is under way
	a.kill()
	close(stuck)
	if left := hooks.missing(ids, 2*time.Minute); left != nil {
		t.Errorf("no webhook arrived of %d of 20 payments", len(left))
	}
	for _, id := range ids {
		if _, err := b.api.Company("demo").Payment(t.Context(), id); err != nil {
			t.Errorf("payment %s: %v", id, err)
		}
	}
	if id, err := b.pay(demo, "after"); err != nil {
		t.Errorf("a call to the other one: %v", err)
	} else if left := hooks.missing([]string{id}, time.Minute); left != nil {
		t.Error("no webhook of it arrived")
	}
}

// The database is killed and started again under load, with two replicas on it: calls fail or are answered, what was answered
// is there, and every webhook arrives.
func TestDatabaseRestarts(t *testing.T) {
	t.Parallel()
	database := pgtest.For(t)
	hooks := newReceiver(t)
	flags := shared(database, "--webhook-url", hooks.URL)
	both := []*program{startProgram(t, flags...), startProgram(t, flags...)}
	demo := demoTokens(t, both[0])
	a := &answered{enough: make(chan struct{}), left: 60}
	half := &answered{enough: make(chan struct{}), left: 30}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if id, err := both[i%2].pay(demo, fmt.Sprintf("%d-%d", i, n)); err == nil {
					half.add(id)
					a.add(id)
				}
			}
		})
	}
	<-half.enough
	database.Kill()
	if err := database.StartAgain(); err != nil {
		t.Fatal(err)
	}
	<-a.enough // it goes on
	close(stop)
	all.Wait()
	if left := hooks.missing(a.ids, 3*time.Minute); left != nil {
		t.Errorf("no webhook arrived of %d of %d payments: %v", len(left), len(a.ids), left)
	}
	for _, id := range a.ids {
		if _, err := both[0].api.Company("demo").Payment(t.Context(), id); err != nil {
			t.Errorf("payment %s was answered and is gone: %v", id, err)
		}
	}
}

// A company's manual clock is advanced by two replicas at the same time: each notification is delivered once, in order.
func TestReplicasAdvanceOneClock(t *testing.T) {
	t.Parallel()
	database := pgtest.For(t)
	var mu sync.Mutex
	received := map[string][]string{}
	hooks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var hook struct {
			ID     string `json:"transaction_id"`
			Status string `json:"status"`
		}
		if err := json.NewDecoder(r.Body).Decode(&hook); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		received[hook.ID] = append(received[hook.ID], hook.Status)
	}))
	t.Cleanup(hooks.Close)
	flags := shared(database, "--webhook-url", hooks.URL, "--clock", "manual", "--shopper-after", "5s")
	both := []*program{startProgram(t, flags...), startProgram(t, flags...)}
	demo := demoTokens(t, both[0])
	for i := range 20 {
		if _, err := both[i%2].pay(demo, fmt.Sprint("order ", i)); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for _, p := range both {
		all.Go(func() {
			for range 10 {
				if _, err := p.api.Company("demo").Advance(t.Context(), adminapi.AdvanceInput{By: "1s"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	mu.Lock()
	defer mu.Unlock()
	if len(received) != 20 {
		t.Errorf("webhooks arrived of %d of 20 payments", len(received))
	}
	for id, statuses := range received {
		if strings.Join(statuses, " ") != "success" {
			t.Errorf("payment %s: %v", id, statuses)
		}
	}
	for _, p := range both {
		if clock, err := p.api.Company("demo").Clock(t.Context()); err != nil || clock.Waiting != 0 {
			t.Errorf("the clock: %+v, %v", clock, err)
		}
	}
}
