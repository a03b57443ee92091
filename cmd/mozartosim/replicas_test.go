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

	"mozartosim/simulator/journal/postgres/pgtest"
	"mozartosim/simulator/payment"
)

// shared are the flags of processes that share a database.
func shared(database *pgtest.Server, flags ...string) []string {
	return append([]string{"--data", database.URL(), "--data-key", "of all replicas", "--shopper-after", "20ms"}, flags...)
}

// post calls the admin API with a body.
func (p *program) post(path, body string, out any) error {
	answer, err := http.Post(p.admin+path, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// One replica is killed while it tries webhooks; the other takes its work over, and every payment is heard of.
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
		t.Errorf("%d of 20 payments were never heard of", len(left))
	}
	for _, id := range ids {
		var shown payment.Payment
		if err := b.get("/v1/payments/"+id, &shown); err != nil {
			t.Errorf("payment %s: %v", id, err)
		}
	}
	if id, err := b.pay(demo, "after"); err != nil {
		t.Errorf("the other takes calls: %v", err)
	} else if left := hooks.missing([]string{id}, time.Minute); left != nil {
		t.Error("and tells of them")
	}
}

// The database is killed and started again under load, with two replicas on it: calls fail or are answered, what was answered
// is there, and every webhook comes.
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
		t.Errorf("%d of %d payments were never heard of: %v", len(left), len(a.ids), left)
	}
	for _, id := range a.ids {
		var shown payment.Payment
		if err := both[0].get("/v1/payments/"+id, &shown); err != nil {
			t.Errorf("payment %s was answered and is gone: %v", id, err)
		}
	}
}

// A company's manual clock is moved from two replicas at the same time: each notice is delivered once, in order.
func TestReplicasMoveOneClock(t *testing.T) {
	t.Parallel()
	database := pgtest.For(t)
	var mu sync.Mutex
	heard := map[string][]string{}
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
		heard[hook.ID] = append(heard[hook.ID], hook.Status)
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
				var moved map[string]any
				if err := p.post("/v1/companies/demo/clock/advance", `{"by": "1s"}`, &moved); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	mu.Lock()
	defer mu.Unlock()
	if len(heard) != 20 {
		t.Errorf("%d of 20 payments were heard of", len(heard))
	}
	for id, told := range heard {
		if strings.Join(told, " ") != "success" {
			t.Errorf("payment %s: %v", id, told)
		}
	}
	for _, p := range both {
		var clock struct {
			Now     time.Time `json:"now"`
			Waiting int       `json:"waiting"`
		}
		if err := p.get("/v1/companies/demo/clock", &clock); err != nil || clock.Waiting != 0 {
			t.Errorf("the clock: %+v, %v", clock, err)
		}
	}
}
