package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	sqljournal "mozartosim/simulator/journal/sql"
	"mozartosim/simulator/payments"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// runner carries jobs out as lifecycle does: a notification schedules an attempt, an attempt sends something and records it.
type runner struct {
	journal journal.Journal
	sent    map[uint64]int // by the job's Seq
}

func (r *runner) Target(job journal.Job) (string, bool, error) {
	return "target", job.Kind == "attempt", nil
}

func (r *runner) Run(ctx context.Context, company string, job journal.Job) (string, error) {
	record := func(ctx context.Context) (string, error) {
		entries, err := r.journal.Entries(ctx, company, job.Stream)
		if err != nil {
			return "", err
		}
		a := journal.Append{
			Company: company, Stream: job.Stream, Seen: len(entries), Done: []journal.Job{job},
			Entries: []journal.Entry{{At: noon, Kind: job.Kind, Data: fmt.Append(nil, job.Seq)}},
		}
		if job.Kind == "notification" {
			a.Jobs = []journal.Job{{ID: job.Stream + "/attempt", At: job.At.Add(time.Second), Kind: "attempt"}}
		}
		return job.Kind, r.journal.Append(ctx, a)
	}
	if job.Kind == "notification" {
		return record(ctx)
	}
	r.sent[job.Seq]++
	done, err := record(ctx)
	if err != nil && !errors.Is(err, journal.ErrLost) {
		return "", &payments.Unrecorded{Record: record, Err: err}
	}
	return done, err
}

// inline is a pool that runs at once.
type inline struct{}

func (inline) Go(_, _ string, fn func()) bool { fn(); return true }
func (inline) Close() int                     { return 0 }
func (inline) Wait(context.Context) error     { return nil }

// process is a scheduler with a view of the journal that fails as the test wants.
type process struct {
	*Scheduler
	rt     *company.Runtime
	runner *runner
	faulty *journaltest.Faulty
}

func newProcess(t rapid.TB, j journal.Journal, wall *clock.Clock, name string) *process {
	p := &process{faulty: &journaltest.Faulty{Journal: j, Fail: func(string) journaltest.Fault { return journaltest.NoFault }}}
	p.runner = &runner{p.faulty, map[uint64]int{}}
	directory := backoffice.NewDirectory(1)
	runtimes := company.NewRuntimes(directory, func() *clock.Clock { return clock.NewManual(noon) }, nil, nil)
	directory.Insert(backoffice.Company{Profile: adminapi.Profile{ID: name, Name: name}}, 0)
	log := slog.New(slog.DiscardHandler)
	settings, err := company.NewSettings(company.SettingsConfig{Journal: p.faulty, Keep: true, Directory: directory, Runtimes: runtimes, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	p.rt = runtimes.Get(name)
	p.Scheduler = New(Config{
		Journal: p.faulty, Runtimes: runtimes, Settings: settings, Runner: p.runner, Pool: inline{}, Wall: wall,
		Observe: func(string, adminapi.CompletedJob, bool) {}, Log: log,
	})
	return p
}

// world is processes that share a journal, and what is expected of it.
type world struct {
	company   string
	journal   journal.Journal
	wall      *clock.Clock
	processes []*process
	streams   int
}

func (w *world) schedule(t *rapid.T) {
	w.streams++
	id := fmt.Sprint("p", w.streams)
	at := noon.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "at")) * time.Second)
	err := w.journal.Append(context.Background(), journal.Append{
		Company: w.company, Stream: id, Entries: []journal.Entry{{At: noon, Kind: "opened"}},
		Jobs: []journal.Job{{ID: id + "/notification", At: at, Kind: "notification"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) pass(t *rapid.T, d time.Duration) {
	if err := w.wall.MoveTo(w.wall.Now().Add(d)); err != nil {
		t.Fatal(err)
	}
}

// work lets a process do what its worker does, as if its clock had come to an instant, or what an advance does.
func (p *process) work(ctx context.Context, advance bool, to time.Time) {
	if advance {
		_, _ = p.Advance(ctx, p.rt.ID, Advance{To: to}) // whether it fails is the faults' business
		return
	}
	if to.After(p.rt.Clock.Now()) {
		_ = p.rt.Clock.MoveTo(to)
	}
	w := worker{Scheduler: p.Scheduler, rt: p.rt}
	for w.step(ctx) {
	}
}

// settle ends the faults, and gives the processes time enough for whatever is to happen.
func (w *world) settle(t *rapid.T, advance bool) {
	for _, p := range w.processes {
		p.faulty.Fail = func(string) journaltest.Fault { return journaltest.NoFault }
	}
	for range 8 {
		w.pass(t, 2*time.Minute) // longer than any pause after failures, and than any lease
		for _, p := range w.processes {
			p.renew(context.Background())
			p.work(context.Background(), advance, noon.Add(time.Hour))
		}
	}
}

// check: every job is done, and its effect kept once. Sent says how often it may have been sent at most.
func (w *world) check(t *rapid.T, sent int) {
	ctx := context.Background()
	if left, err := w.journal.Jobs(ctx, w.company, journal.JobQuery{Claimed: true}); err != nil || len(left) > 0 {
		t.Fatalf("stranded: %+v, %v", left, err)
	}
	stats, err := w.journal.Stats(ctx, w.company)
	if err != nil || stats.Jobs != 0 || stats.Claimed != 0 || int(stats.Done) != 2*w.streams {
		t.Fatalf("of %d jobs: %+v, %v", 2*w.streams, stats, err)
	}
	for n := range w.streams {
		id := fmt.Sprint("p", n+1)
		entries, err := w.journal.Entries(ctx, w.company, id)
		if err != nil || len(entries) != 3 || entries[1].Kind != "notification" || entries[2].Kind != "attempt" {
			t.Fatalf("payment %s: %v, %v", id, entries, err)
		}
	}
	times := map[uint64]int{}
	for _, p := range w.processes {
		for seq, n := range p.runner.sent {
			if times[seq] += n; times[seq] > sent {
				t.Fatalf("job %d was sent %d times, %d times at most", seq, times[seq], sent)
			}
		}
	}
	if len(times) != w.streams {
		t.Fatalf("%d of %d were sent", len(times), w.streams)
	}
}

// testFaults lets every call of the journal fail now and then, before or after its effect, while leases lapse or are renewed.
// Each run has a company of its own, because one journal serves them all.
func testFaults(t *testing.T, processes int, wall *clock.Clock, j journal.Journal) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		w := &world{company: fmt.Sprint("c", run), wall: wall, journal: j}
		for range processes {
			w.processes = append(w.processes, newProcess(rt, w.journal, w.wall, w.company))
		}
		advance := rapid.Bool().Draw(rt, "advance")
		fault := rapid.SampledFrom([]journaltest.Fault{journaltest.NoFault, journaltest.NoFault, journaltest.Before, journaltest.After})
		for _, p := range w.processes {
			p.faulty.Fail = func(call string) journaltest.Fault { return fault.Draw(rt, call) }
		}
		some := func() *process { return rapid.SampledFrom(w.processes).Draw(rt, "process") }
		rt.Repeat(map[string]func(*rapid.T){
			"schedule": w.schedule,
			"renew":    func(*rapid.T) { some().renew(context.Background()) },
			"time passes": func(rt *rapid.T) {
				w.pass(rt, time.Duration(rapid.IntRange(0, 15).Draw(rt, "seconds"))*time.Second)
			},
			"work": func(rt *rapid.T) {
				some().work(context.Background(), advance, noon.Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "to"))*time.Second))
			},
		})
		w.settle(rt, advance)
		w.check(rt, 2*processes-1) // one more than its own: what is sent by a process that is cut off is sent by another
	})
}

func TestNoJobIsStranded(t *testing.T) {
	t.Parallel()
	for name, processes := range map[string]int{"memory": 1, "shared memory": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wall, m := clock.NewManual(noon), journal.NewMemory(0)
			m.SetNow(wall.Now)
			testFaults(t, processes, wall, m)
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		wall := clock.NewManual(noon)
		j, err := sqljournal.OpenFile(t.Context(), filepath.Join(t.TempDir(), "jobs.db"), sqljournal.Options{Now: wall.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = j.Close() })
		testFaults(t, 1, wall, j)
	})
}

// slowRecords runs attempts at once and keeps records waiting, as when the journal takes its time.
type slowRecords struct {
	inline
	waiting []func()
}

func (s *slowRecords) Go(target, _ string, fn func()) bool {
	if strings.HasPrefix(target, "record ") {
		s.waiting = append(s.waiting, fn)
	} else {
		fn()
	}
	return true
}

// No more is sent than may wait to be recorded, while the journal takes its time to fail once more; and when it can be written again, the
// worker goes on.
func TestUnrecordedIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testUnrecordedIsBounded)
}

// appendsFail lets nothing be recorded.
func appendsFail(call string) journaltest.Fault {
	if call == "append" {
		return journaltest.Before
	}
	return journaltest.NoFault
}

func testUnrecordedIsBounded(t *testing.T) {
	wall, j := clock.NewManual(noon), journal.NewMemory(0)
	p := newProcess(t, j, wall, "shop")
	pool := &slowRecords{}
	p.Pool = pool
	for n := range 2*maxUnrecorded + 88 {
		id := fmt.Sprint("p", n)
		if err := j.Append(t.Context(), journal.Append{
			Company: "shop", Stream: id, Entries: []journal.Entry{{At: noon, Kind: "opened"}},
			Jobs: []journal.Job{{ID: id + "/attempt", At: noon, Kind: "attempt"}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	p.faulty.Fail = appendsFail
	w := worker{p.Scheduler, p.rt, time.Time{}}
	for range 2 {
		for w.step(t.Context()) {
		}
		if n := len(p.runner.sent); n != maxUnrecorded {
			t.Errorf("%d were sent, want %d", n, maxUnrecorded)
		}
		if err := wall.MoveTo(wall.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	p.faulty.Fail = func(string) journaltest.Fault { return journaltest.NoFault }
	if n := goOn(t, w, pool); n != 2*maxUnrecorded+88 {
		t.Errorf("%d were sent at last", n)
	}
}

// goOn lets a worker that is full sleep, writes the records that it waits for, and says how many were sent at last.
func goOn(t *testing.T, w worker, pool *slowRecords) int {
	t.Helper()
	if err := w.rt.Clock.Restore(clock.Real, 0, noon); err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.rt.Alarm.C(): // it was rung by those that failed
	default:
	}
	slept := make(chan struct{})
	go func() {
		w.sleep(t.Context())
		close(slept)
	}()
	synctest.Wait()
	for _, record := range pool.waiting {
		record()
	}
	synctest.Wait()
	select {
	case <-slept:
	default:
		t.Fatal("the worker sleeps on, though all is recorded and others are due")
	}
	for w.step(t.Context()) {
	}
	return len(w.Runner.(*runner).sent)
}

// What was sent is recorded when the simulator stops while the recording waits in the pool, and so it is not sent again.
func TestStopRecordsWhatWaitsInThePool(t *testing.T) {
	t.Parallel()
	wall, j := clock.NewManual(noon), journal.NewMemory(0)
	p := newProcess(t, j, wall, "shop")
	p.Pool = &slowRecords{}
	if err := j.Append(t.Context(), journal.Append{
		Company: "shop", Stream: "p", Entries: []journal.Entry{{At: noon, Kind: "opened"}},
		Jobs: []journal.Job{{ID: "p/attempt", At: noon, Kind: "attempt"}},
	}); err != nil {
		t.Fatal(err)
	}
	p.faulty.Fail = appendsFail
	w := worker{p.Scheduler, p.rt, time.Time{}}
	w.step(t.Context())
	p.faulty.Fail = func(string) journaltest.Fault { return journaltest.NoFault }
	if err := wall.MoveTo(noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	w.step(t.Context())
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if stats, err := j.Stats(t.Context(), "shop"); err != nil || len(p.runner.sent) != 1 || stats.Done != 1 {
		t.Errorf("%d sent, %+v, %v", len(p.runner.sent), stats, err)
	}
}
