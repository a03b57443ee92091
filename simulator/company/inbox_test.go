package company

import (
	"context"
	"errors"
	"testing"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/webhook"
)

// Whoever takes a webhook answers it, once; an answer after the time-out is refused.
func TestRelay(t *testing.T) {
	t.Parallel()
	r, in := newRelay(), Incoming{Delivery: "p-1"}
	if _, handed := r.answer(t.Context(), in, time.Minute); handed {
		t.Error("handed over though nobody asked")
	}
	r.left = clock.Wall().Add(time.Hour) // somebody is about to ask
	type answered struct {
		result webhook.Result
		handed bool
	}
	results := make(chan answered)
	send := func(timeout time.Duration) {
		result, handed := r.answer(t.Context(), in, timeout)
		results <- answered{result, handed}
	}
	go send(time.Minute)
	taken, ok := r.Take(t.Context())
	if !ok || taken.Delivery != "p-1" {
		t.Fatalf("%v %+v", ok, taken)
	}
	if err := r.Answer("p-2", webhook.Result{Status: 200}); !errors.Is(err, ErrNotTaken) {
		t.Error(err)
	}
	if err := r.Answer("p-1", webhook.Result{Status: 500}); err != nil {
		t.Fatal(err)
	}
	if got := <-results; !got.handed || got.result.Status != 500 {
		t.Errorf("%+v", got)
	}
	if err := r.Answer("p-1", webhook.Result{Status: 200}); !errors.Is(err, ErrNotTaken) {
		t.Error("answered twice")
	}

	r.left = clock.Wall().Add(time.Hour)
	go send(time.Second) // nobody answers
	if _, ok := r.Take(t.Context()); !ok {
		t.Fatal("not handed over")
	}
	if got := <-results; !got.handed || got.result.Error != "timeout after 1s" || got.result.Stage != webhook.StageDuring {
		t.Errorf("%+v", got)
	}
	if err := r.Answer("p-1", webhook.Result{Status: 200}); !errors.Is(err, ErrNotTaken) {
		t.Error("answered after the time-out")
	}
	r.left = time.Time{}
	if r.present() {
		t.Error("a webhook whose time is over keeps the inbox from answering")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := r.Take(over); ok {
		t.Error("took nothing")
	}
}
