package company

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	"mozartosim/simulator/webhook"
)

// A reply is given once, also when the journal can't keep that it is used up.
func TestReplyIsGivenOnce(t *testing.T) {
	t.Parallel()
	puts := 0
	j := &journaltest.Faulty{Journal: journal.NewMemory(0), Fail: func(call string) journaltest.Fault {
		if call != "put setting" {
			return journaltest.NoFault
		}
		if puts++; puts == 2 {
			return journaltest.Before
		}
		return journaltest.NoFault
	}}
	directory := backoffice.NewDirectory(1)
	directory.Insert(backoffice.Company{Profile: adminapi.Profile{ID: "c"}}, 0)
	s, err := NewSettings(SettingsConfig{Journal: j, Keep: true, Runtimes: NewRuntimes(directory, clock.New, nil, nil), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetReplies(t.Context(), "c", []Reply{{Status: 500}, {Status: 503}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{500, 503, 200} {
		if got, _ := s.InboxAnswer(t.Context(), "c", Incoming{}, time.Second); got.Status != want {
			t.Errorf("answered %d, want %d", got.Status, want)
		}
	}
}

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

// While somebody answers for the inbox, a webhook that he doesn't come to in time has timed out: it is not delivered.
func TestRelayIsBusy(t *testing.T) {
	t.Parallel()
	r, first := newRelay(), make(chan webhook.Result)
	r.left = clock.Wall().Add(time.Hour) // somebody is about to ask
	go func() {
		result, _ := r.answer(t.Context(), Incoming{Delivery: "p-1"}, time.Minute)
		first <- result
	}()
	if taken, ok := r.Take(t.Context()); !ok || taken.Delivery != "p-1" {
		t.Fatalf("%v %+v", ok, taken)
	}
	if got, ok := r.answer(t.Context(), Incoming{Delivery: "p-2"}, time.Millisecond); !ok || got.Error != "timeout after 1ms" {
		t.Errorf("%v %+v", ok, got)
	}
	if err := r.Answer("p-1", webhook.Result{Status: 200}); err != nil {
		t.Fatal(err)
	}
	if got := <-first; got.Status != 200 {
		t.Errorf("%+v", got)
	}
}
