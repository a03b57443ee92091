// Command mozartosoak runs a simulator as a process of its own under mixed traffic for a given time: every provider and flow,
// the built-in scenarios, merchants whose webhook handlers fail or are slow. It fails on any payment that was answered and is
// lost, any webhook that is neither delivered nor exhausted in time, any that is reported as delivered and never arrived, and
// on goroutines or memory that grow beyond limits.
//
// With -faults the store fails and the simulator is killed, in turn: then calls may fail, and a webhook may arrive twice, but only
// when its sender was killed or cut off between sending and recording.
//
//	go run ./cmd/mozartosoak [-for 5m] [-rate 150] [-data FILE|URL [-faults]]
//
// With -chaos two replicas on one database, each in a network namespace of its own, are cut off and slowed down in turn.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

type options struct {
	length time.Duration
	rate   int // calls per second
	data   string
	faults bool
	chaos  bool
}

func main() {
	var o options
	flag.DurationVar(&o.length, "for", 5*time.Minute, "how long the traffic lasts")
	flag.IntVar(&o.rate, "rate", 150, "calls per second")
	flag.StringVar(&o.data, "data", "", "where the simulator keeps its data: a database's URL, or a file (default: in memory)")
	flag.BoolVar(&o.faults, "faults", false, "let the store fail, and kill the simulator and start it again; a file's -data is then a folder, on which a small file system is mounted")
	flag.BoolVar(&o.chaos, "chaos", false, "two replicas in network namespaces on one database, cut off and slowed down in turn; -data has HOST in the place of its host (needs root)")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "mozartosoak:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.faults && o.data == "" {
		return errors.New("-faults needs -data: what is in memory is lost when the simulator is killed")
	}
	if o.rate < 1 || o.length < 30*time.Second {
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
	address, host := "127.0.0.1:0", "127.0.0.1"
	if o.chaos {
		address, host = "0.0.0.0:0", "10.203.1.1"
	}
	hooks, err := newReceiver(address, host)
	if err != nil {
		return err
	}
	defer func() {
		hooks.server.CloseClientConnections() // of senders that were cut off
		hooks.server.Close()
	}()
	if o.chaos {
		return chaosRun(o, binary, hooks)
	}
	kept, err := newStore(o.data, o.faults)
	if err != nil {
		return err
	}
	p, err := start(binary, kept.data)
	if err != nil {
		return errors.Join(err, kept.close())
	}
	defer func() {
		p.stop()
		_ = kept.close()
	}()
	merchants, err := p.createMerchants(hooks)
	if err != nil {
		return err
	}
	return soak(o, p, kept, merchants, hooks)
}

// soak runs the traffic and checks the results.
func soak(o options, p *process, kept *store, merchants []*merchant, hooks *receiver) error {
	t, err := newTraffic(p, merchants, hooks)
	if err != nil {
		return err
	}
	warm := min(o.length/4, time.Minute)
	t.run(warm, o.rate)
	before, err := p.usage()
	if err != nil {
		return err
	}
	fmt.Printf("warm after %s: %v\n", warm, before)
	stop, ended := make(chan struct{}), make(chan error, 1)
	if o.faults {
		t.faults = true
		go func() { ended <- p.faults(kept, stop, t.during) }()
	} else {
		ended <- nil
	}
	t.run(o.length-warm, o.rate)
	close(stop)
	if err := <-ended; err != nil {
		return err
	}
	if o.faults {
		t.run(rest, o.rate) // what a fault has held up is over
	}
	busy, err := p.usage()
	if err != nil {
		return err
	}
	fmt.Printf("at the end of %s: %v\n", o.length, busy)
	t.finish()
	after, err := p.usage()
	if err != nil {
		return err
	}
	fmt.Printf("at rest: %v\n%v\n", after, t)
	if after.claimed > 0 {
		t.report(fmt.Errorf("%d jobs are stranded: claimed, and nothing runs them", after.claimed))
	}
	return errors.Join(t.verdict(), grown(before, busy, after))
}

// grown compares the process after the warm-up, at the end, and at rest: what has a limit must have stopped growing.
func grown(warm, busy, rest usage) error {
	var errs []error
	if most := warm.goroutines*3/2 + 50; busy.goroutines > most {
		errs = append(errs, fmt.Errorf("goroutines grew from %d to %d, more than %d", warm.goroutines, busy.goroutines, most))
	}
	if most := warm.goroutines + 20; rest.goroutines > most {
		errs = append(errs, fmt.Errorf("%d goroutines are left at rest, more than %d", rest.goroutines, most))
	}
	if most := warm.resident*3/2 + 64<<20; busy.resident > most {
		errs = append(errs, fmt.Errorf("memory grew from %d to %d MiB, more than %d", warm.resident>>20, busy.resident>>20, most>>20))
	}
	return errors.Join(errs...)
}
