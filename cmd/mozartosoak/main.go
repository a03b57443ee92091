// Command mozartosoak runs a simulator as a process of its own under mixed traffic for a given time: every provider and flow,
// the built-in scenarios, merchants whose webhook handlers fail, are slow or hang. Meanwhile its store fails and slows down and the
// simulator is stopped or killed, in turn. It fails on any payment that was answered and is lost, any webhook that is neither
// delivered nor exhausted in time, any that is reported as delivered and never arrived, any job that nothing runs, any webhook
// that arrives again though nothing cut off who sent it first, and on goroutines or memory that grow beyond limits.
//
//	go run ./cmd/mozartosoak [-for 5m] [-rate 150] [-store memory|sqlite|postgres|replicas]
//
// On "replicas" two simulators share a database, each in a network namespace of its own, and are cut off and slowed down in turn.
// All but memory need PostgreSQL or, for its file system or network, root. It always ends, and says what it has found: after the time
// and a few minutes it gives up and prints what it waits for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"
)

func main() {
	length := flag.Duration("for", 5*time.Minute, "how long the traffic lasts after the warm-up, with faults")
	rate := flag.Int("rate", 150, "calls per second")
	store := flag.String("store", "memory", `where the simulator keeps its data: memory, sqlite (root), postgres, or replicas: two on one PostgreSQL in network namespaces (root)`)
	flag.Parse()
	if err := run(*length, *rate, *store); err != nil {
		fmt.Fprintln(os.Stderr, "mozartosoak:", err)
		os.Exit(1)
	}
	fmt.Println("verdict: nothing was lost, stranded, sent again without a reason, or grew beyond its limit")
}

func run(length time.Duration, rate int, store string) error {
	if rate < 1 || length < 30*time.Second {
		return errors.New("-rate must be at least 1, -for at least 30s")
	}
	dir, err := os.MkdirTemp("", "mozartosoak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "mozartosim")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", binary, "./cmd/mozartosim").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	// Payments that are never decided on pile up, because the decided ones are dropped first: there must be room for both until these
	// are checked.
	s := &stand{binary: binary, dir: dir, kept: 240 * rate / len(handlers())}
	limit := length + warmUp + 3*time.Minute
	patience, hurry := context.WithTimeout(context.Background(), limit)
	defer hurry()
	t := newTraffic(patience, s)
	err = within(limit+time.Minute, func() error {
		if err := s.build(store); err != nil {
			return err
		}
		return soak(length, rate, s, t)
	})
	closed := within(time.Minute, s.close)
	fmt.Println(t)
	return errors.Join(err, closed, t.verdict())
}

// within does something, but not longer than a limit or an interrupt: what it hangs at is printed then.
func within(limit time.Duration, do func() error) error {
	done, stop := make(chan error, 1), make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-stop:
		return errors.New("interrupted")
	case <-time.After(limit):
		return errors.Join(fmt.Errorf("not done after %s: the stacks say what it waits for", limit), pprof.Lookup("goroutine").WriteTo(os.Stderr, 1))
	}
}

const (
	warmUp = time.Minute      // how long the traffic lasts before the first usage is measured
	rest   = 10 * time.Second // between two faults, and from the last to what is measured then
)

// soak runs the traffic and checks the results.
func soak(length time.Duration, rate int, s *stand, t *traffic) error {
	if err := t.prepare(); err != nil {
		return err
	}
	t.run(min(length/4, warmUp), rate)
	warm, err := s.usage("warm", t)
	if err != nil {
		return err
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.inject(stop, t) }()
	t.run(length, rate)
	close(stop)
	if err := <-ended; err != nil {
		return err
	}
	t.run(rest, rate) // what a fault has held up is over
	busy, err := s.usage("busy", t)
	if err != nil {
		return err
	}
	t.finish()
	after, err := s.usage("at rest", t)
	if err != nil {
		return err
	}
	for n := range s.processes {
		t.report(grown(warm[n], busy[n], after[n]))
	}
	return nil
}

// perPayment is how much memory a payment may take that a simulator without a store keeps, its call and the collector's room included.
const perPayment = 16 << 10

// grown compares a process after the warm-up, at the end, and at rest: it may have grown by the payments that it keeps in memory, and
// little else.
func grown(warm, busy, rest usage) error {
	var errs []error
	if most := warm.goroutines*3/2 + 50; busy.goroutines > most {
		errs = append(errs, fmt.Errorf("goroutines grew from %d to %d, more than %d", warm.goroutines, busy.goroutines, most))
	}
	if most := warm.goroutines + 20; rest.goroutines > most {
		errs = append(errs, fmt.Errorf("%d goroutines are left at rest, more than %d", rest.goroutines, most))
	}
	if most, resident := warm.resident*3/2+64<<20+(rest.payments-warm.payments)*perPayment, max(busy.resident, rest.resident); resident > most {
		errs = append(errs, fmt.Errorf("memory grew from %d to %d MiB, more than %d", warm.resident>>20, resident>>20, most>>20))
	}
	if rest.claimed > 0 {
		errs = append(errs, fmt.Errorf("%d jobs are stranded: claimed, and nothing runs them", rest.claimed))
	}
	return errors.Join(errs...)
}
