package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal/pgtest"
)

// benchCase is one thing that is measured.
type benchCase struct {
	name, what string
	run        func(*bench) error
	aims       map[string]aim // by figure
}

// aim is what a figure's median should be: at least ("≥") or at most ("≤") so much.
type aim struct {
	sign  string
	bound float64
}

func cases() []benchCase {
	// A quick machine makes more payments than the usual limit keeps, and would drop one for each that it makes.
	pending := []string{"--clock", "manual", "--max-payments", "1000000"}
	return []benchCase{
		{"start", "from exec to the first answer, both listeners on; no `go` on the PATH but where it is said", (*bench).start,
			map[string]aim{"exec to first answer": {"≤", 35}, "resident at rest": {"≤", 26}, "version": {"≤", 15}}},
		{"answers", "the answer path at 16 connections, webhooks pending (manual clock)", func(b *bench) error { return b.against(b.connections, pending...) },
			map[string]aim{"ratio": {"≥", 0.60}}},
		{"alone", "the same at one connection", func(b *bench) error { return b.against(1, pending...) }, map[string]aim{"p99 ratio": {"≤", 5}}},
		{"webhooks", "16 connections, each payment approved and its webhook delivered over HTTP beside the load", (*bench).webhooks,
			map[string]aim{"ratio": {"≥", 0.35}, "p99 ratio": {"≤", 15}, "last webhook after the load": {"≤", 500}}},
		{"kept", "payments made on a manual clock, then everything of 30 days at once, webhooks to the inbox", (*bench).keep,
			map[string]aim{"30 days at once": {"≤", 3}, "resident with the webhooks kept": {"≤", 350}}},
		{"pauses", "twice as many payments kept, webhooks pending, while 16 connections go on; the longest GC pause is p99.9 of fewer than 1,000 " +
			"(`go_gc_duration_seconds`: all pauses of a collection together, of the last 256)",
			(*bench).pauses, map[string]aim{"longest GC pause": {"≤", 10}}},
		{"container", "512 MiB of memory for the simulator, 16 connections, three times as many calls as payments are kept, in memory, default limits",
			(*bench).container, map[string]aim{"calls answered": {"≥", 100}}},
		{"events", "100 events a second, of 34 calls, without and with 1,000 clients that follow them; the clients read on the load's core", (*bench).events,
			map[string]aim{"mean ratio": {"≤", 2}}},
		{"sqlite", "16 connections, every payment durable in a SQLite file before its answer", func(b *bench) error {
			return b.against(b.connections, slices.Concat(pending, []string{"--data", filepath.Join(b.dir, "payments.db")})...)
		}, map[string]aim{"ratio": {"≥", 0.20}, "p99": {"≤", 30}}},
		{"replicas", "two replicas on one PostgreSQL, every payment durable (fsync is on); clients, replicas and database share both processors",
			onBothCores((*bench).replicas), map[string]aim{"answers per second of both": {"≥", 3000}}},
		{"contract", "`mozartosim contract run`: all features against a simulator in the same process, on both processors",
			onBothCores((*bench).contract), map[string]aim{"the whole run": {"≤", 2.5}}},
	}
}

func caseNames() string {
	var names []string
	for _, c := range cases() {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

// start measures starts, and the verb that does least.
func (b *bench) start() error {
	for range b.rounds {
		began := time.Now()
		s, err := startSimulator(b.binary, "--admin-addr", "127.0.0.1:0")
		if err != nil {
			return err
		}
		b.add("exec to first answer", "ms", ms(time.Since(began)))
		time.Sleep(300 * time.Millisecond)
		b.add("resident at rest", "MiB", s.memory("VmRSS"))
		b.add("of it private", "MiB", s.memory("RssAnon"))
		b.add("processor time of a start", "ms", ms(s.stop()))
		for _, with := range []struct{ name, path string }{{"version", "/usr/bin:/bin"}, {"version with go on the PATH", goPath()}} {
			cmd := exec.Command(b.binary, "version")
			cmd.Env = []string{"PATH=" + with.path}
			began := time.Now()
			if err := cmd.Run(); err != nil {
				return err
			}
			b.add(with.name, "ms", ms(time.Since(began)))
			if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
				b.add(with.name+": resident at most", "MiB", float64(used.Maxrss)/1024)
			}
		}
	}
	return nil
}

// against puts the same load on a simulator with these flags and on the plain handler, in turns.
func (b *bench) against(connections int, flags ...string) error {
	return b.pair(flags, func(sim, plain *process, warm bool) error {
		a, errA := load(sim, connections, b.length, 0)
		p, errB := load(plain, connections, b.length, 0)
		if err := errors.Join(errA, errB); err != nil || warm {
			return err
		}
		b.compare(a, p)
		return nil
	})
}

func (b *bench) compare(a, p figures) {
	b.add("answers per second", "1/s", a.rate)
	b.add("the plain handler's", "1/s", p.rate)
	b.add("ratio", "of plain", a.rate/p.rate)
	b.add("processor time per answer", "µs", float64(a.cpu.Nanoseconds())/1000)
	b.add("the plain handler's time", "µs", float64(p.cpu.Nanoseconds())/1000)
	b.add("p50", "ms", ms(a.p50))
	b.add("p99", "ms", ms(a.p99))
	b.add("p99 ratio", "× plain", a.p99.Seconds()/p.p99.Seconds())
}

// pair starts a simulator and the plain handler and runs rounds on them, after one to warm up.
func (b *bench) pair(flags []string, round func(sim, plain *process, warm bool) error) error {
	sim, err := startSimulator(b.binary, flags...)
	if err != nil {
		return err
	}
	defer sim.stop()
	plain, err := startPlain()
	if err != nil {
		return err
	}
	defer plain.stop()
	for i := range b.rounds + 1 {
		if err := round(sim, plain, i == 0); err != nil {
			return err
		}
	}
	return nil
}

// webhooks also waits for the last webhook of each round, which carries the approval that follows 20 ms after its call.
func (b *bench) webhooks() error {
	to, err := newSink()
	if err != nil {
		return err
	}
	defer to.close()
	flags := []string{"--shopper-after", "20ms", "--webhook-url", "http://" + to.address()}
	return b.pair(flags, func(sim, plain *process, warm bool) error {
		a, err := load(sim, b.connections, b.length, 0)
		if err != nil {
			return err
		}
		beside, before := to.count(), sim.spent()
		last, err := to.wait(sim.answered, time.Minute)
		if err != nil {
			return err
		}
		rest := sim.spent() - before
		p, err := load(plain, b.connections, b.length, 0)
		if err != nil || warm {
			return err
		}
		b.compare(a, p)
		b.add("processor time after the load", "ms", ms(rest))
		b.add("webhooks that came after the load", "", float64(sim.answered-beside))
		b.add("last webhook after the load", "ms", max(ms(last.Sub(a.ended)), 0))
		return nil
	})
}

// keep fills a simulator, takes it 30 days ahead, and looks at its memory.
func (b *bench) keep() error {
	for range b.rounds {
		s, err := startSimulator(b.binary, "--admin-addr", "127.0.0.1:0", "--clock", "manual")
		if err != nil {
			return err
		}
		if err = b.keepIn(s); err != nil {
			return errors.Join(err, fmt.Errorf("after %d payments", s.answered))
		}
		s.stop()
	}
	return nil
}

func (b *bench) keepIn(s *process) error {
	defer s.stop()
	if _, err := load(s, b.connections, 5*time.Minute, b.kept-s.answered); err != nil {
		return err
	}
	b.add("resident after the calls", "MiB", s.memory("VmRSS"))
	api, ctx := adminapi.New(s.admin, ""), context.Background()
	began, before := time.Now(), s.spent()
	if _, err := api.Company(s.company).Advance(ctx, adminapi.AdvanceInput{By: "30d"}); err != nil {
		return err
	}
	b.add("30 days at once", "s", time.Since(began).Seconds())
	b.add("processor time for it", "s", (s.spent() - before).Seconds())
	b.add("resident with the webhooks kept", "MiB", s.memory("VmRSS"))
	pause, err := s.metric(`go_gc_duration_seconds{quantile="1"}`)
	b.add("longest of the last GC pauses", "ms", pause*1000)
	return err
}

// pauses reads how long the collector stopped everything. It is /metrics that says it, for the runtime's histogram of pauses the client
// library exports in powers of ten.
func (b *bench) pauses() error {
	kept := 2 * b.kept
	s, err := startSimulator(b.binary, "--admin-addr", "127.0.0.1:0", "--clock", "manual", "--max-payments", strconv.Itoa(kept))
	if err != nil {
		return err
	}
	defer s.stop()
	_, errA := load(s, b.connections, 5*time.Minute, kept-s.answered)
	_, errB := load(s, b.connections, time.Duration(b.rounds)*b.length, 0)
	streams, errC := s.metric("mozartosim_journal_streams")
	collections, errD := s.metric("go_gc_duration_seconds_count")
	pause, errE := s.metric(`go_gc_duration_seconds{quantile="1"}`)
	b.add("payments kept", "", streams)
	b.add("collections", "", collections)
	b.add("longest GC pause", "ms", pause*1000)
	return errors.Join(errA, errB, errC, errD, errE)
}

// container measures what is left of a simulator that has less memory than it would take.
func (b *bench) container() error {
	program, remove, err := b.limited(512 << 20)
	if err != nil {
		return err
	}
	defer remove()
	s, err := startSimulator(program, "--admin-addr", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer s.stop()
	calls := 3 * b.kept
	_, err = load(s, b.connections, 5*time.Minute, calls-s.answered)
	b.add("calls answered", "%", 100*float64(s.answered)/float64(calls))
	resident := s.memory("VmRSS")
	if err != nil && resident == 0 {
		b.say(fmt.Sprintf("the simulator ended after %d calls", s.answered))
		return nil
	}
	b.add("resident at the end", "MiB", resident)
	b.add("resident at most", "MiB", s.memory("VmHWM"))
	streams, errA := s.metric("mozartosim_journal_streams")
	dropped, errB := s.metric("mozartosim_journal_dropped")
	b.add("payments dropped", "", float64(s.answered)-streams)
	b.add("dropped ones that /metrics tells of", "", dropped)
	return errors.Join(err, errA, errB)
}

// events measures what followers cost those who pay.
func (b *bench) events() error {
	flags := []string{"--admin-addr", "127.0.0.1:0", "--clock", "manual"}
	quiet, err := startSimulator(b.binary, flags...)
	if err != nil {
		return err
	}
	defer quiet.stop()
	followed, err := startSimulator(b.binary, flags...)
	if err != nil {
		return err
	}
	defer followed.stop()
	const followers, calls, eventsOfACall = 1000, 34, 3
	stop, err := followed.follow(followers)
	if err != nil {
		return err
	}
	defer stop()
	for i := range b.rounds + 1 {
		at, own := quiet.spent(), spent()
		alone, errA := paced(quiet, calls, b.length)
		quietly, ownQuietly := quiet.spent()-at, spent()-own
		at, own, before := followed.spent(), spent(), followed.answered
		beside, errB := paced(followed, calls, b.length)
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		events := float64((followed.answered - before) * eventsOfACall * followers)
		if i > 0 {
			b.add("mean latency, nobody follows", "ms", ms(alone))
			b.add("mean latency, 1,000 follow", "ms", ms(beside))
			b.add("mean ratio", "×", beside.Seconds()/alone.Seconds())
			b.add("processor time per event and client", "µs", ms(followed.spent()-at-quietly)*1000/events)
			b.add("the clients' own", "µs", ms(spent()-own-ownQuietly)*1000/events)
		}
	}
	return nil
}

// replicas share the connections; without -postgres they get a server of their own.
func (b *bench) replicas() error {
	database := b.database
	if database == "" {
		server, err := pgtest.Start()
		if err != nil {
			b.say("left out: " + err.Error())
			return nil
		}
		defer func() { _ = server.Stop() }()
		database = server.URL()
	}
	var both [2]*process
	for i := range both {
		s, err := startSimulator(b.binary, "--clock", "manual", "--data", database, "--data-key", "bench")
		if err != nil {
			return err
		}
		defer s.stop()
		both[i] = s
	}
	for i := range b.rounds + 1 {
		var got [2]figures
		var failed [2]error
		done := make(chan struct{})
		go func() { defer close(done); got[1], failed[1] = load(both[1], b.connections/2, b.length, 0) }()
		got[0], failed[0] = load(both[0], b.connections/2, b.length, 0)
		<-done
		if err := errors.Join(failed[:]...); err != nil {
			return err
		}
		if i > 0 {
			rate := got[0].rate + got[1].rate
			spent := got[0].rate*got[0].cpu.Seconds() + got[1].rate*got[1].cpu.Seconds()
			b.add("answers per second of both", "1/s", rate)
			b.add("replicas' processor time per answer", "µs", 1e6*spent/rate)
			b.add("p99", "ms", ms(max(got[0].p99, got[1].p99)))
		}
	}
	return nil
}

// contract measures a run of all features as CI makes it.
func (b *bench) contract() error {
	for range b.rounds {
		cmd := exec.Command(b.binary, "contract", "run")
		cmd.Dir = b.dir // where there is no contract.yaml
		began := time.Now()
		out, err := cmd.CombinedOutput()
		took := time.Since(began)
		scenarios, lines := 0, strings.Split(strings.TrimSpace(string(out)), "\n")
		if err == nil {
			_, err = fmt.Sscanf(lines[len(lines)-1], "%d scenarios", &scenarios)
		}
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		b.add("scenarios", "", float64(scenarios))
		b.add("the whole run", "s", took.Seconds())
		b.add("processor time for it", "s", (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	}
	return nil
}

// spent returns the processor time that this process has used.
func spent() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
