package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

type options struct {
	rounds, connections int
	length              time.Duration
	database, only      string
}

// wants says whether a part is measured.
func (o options) wants(part string) bool { return o.only == "" || o.only == part }

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of load on each server")
	flag.IntVar(&o.connections, "connections", 16, "connections at the same time")
	flag.DurationVar(&o.length, "length", 3*time.Second, "how long a round takes")
	flag.StringVar(&o.database, "postgres", "", "the URL of an empty PostgreSQL database: measure two replicas on it too")
	only := flag.String("only", "", "measure only one of: start, plain, journals")
	plain := flag.String("plain", "", "internal: serve the plain handler at this address")
	flag.Parse()
	o.only = *only
	err := run(o, *plain)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mozartobench:", err)
		os.Exit(1)
	}
}

func run(o options, plain string) error {
	if plain != "" {
		return servePlain(plain)
	}
	if again, err := pinned(); again {
		return err
	}
	dir, err := os.MkdirTemp("", "mozartobench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "mozartosim")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/mozartosim").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	if o.wants("start") {
		if err := reportStart(binary); err != nil {
			return err
		}
	}
	if o.wants("plain") {
		if err := reportPlain(binary, o); err != nil {
			return err
		}
	}
	if o.wants("journals") {
		return reportJournals(binary, dir, o)
	}
	return nil
}

// reportPlain compares the simulator with the plain handler.
func reportPlain(binary string, o options) error {
	fmt.Println("\nthe answer path, webhooks pending (manual clock):")
	if err := reportLoad(binary, o, "--clock", "manual"); err != nil {
		return err
	}
	fmt.Println("\nthe same, with decisions and webhooks two seconds after each call (real clock):")
	return reportLoad(binary, o)
}

// pinned runs this program again on the second core, if taskset is installed.
func pinned() (again bool, err error) {
	if os.Getenv("MOZARTOBENCH_PINNED") != "" {
		return false, nil
	}
	if _, err := exec.LookPath("taskset"); err != nil {
		fmt.Println("taskset is not installed: servers and load share all cores")
		return false, os.Setenv("MOZARTOBENCH_PINNED", "no")
	}
	cmd := exec.Command("taskset", append([]string{"-c", "1"}, os.Args...)...)
	cmd.Env = append(os.Environ(), "MOZARTOBENCH_PINNED=yes")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return true, cmd.Run()
}

// reportStart measures the time from exec to the first answer, and the memory after it.
func reportStart(binary string) error {
	var took []time.Duration
	var memory []int
	for range 11 {
		began := time.Now()
		s, err := startSimulator(binary)
		if err != nil {
			return err
		}
		took = append(took, time.Since(began))
		memory = append(memory, s.resident())
		s.stop()
	}
	slices.Sort(took)
	slices.Sort(memory)
	fmt.Printf("exec to first answer   median %v (min %v, max %v)\n", round(took[5]), round(took[0]), round(took[10]))
	fmt.Printf("resident after start   median %.1f MiB (max %.1f)\n", mib(memory[5]), mib(memory[10]))
	return nil
}

// reportLoad puts the same load on a simulator with these flags and on the plain handler, in turns.
func reportLoad(binary string, o options, flags ...string) error {
	sim, err := startSimulator(binary, flags...)
	if err != nil {
		return err
	}
	defer sim.stop()
	plain, err := startPlain()
	if err != nil {
		return err
	}
	defer plain.stop()
	var rates, tails, work []float64
	for i := range o.rounds + 1 {
		a, errA := load(sim, o)
		b, errB := load(plain, o)
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		if i == 0 { // warm-up
			continue
		}
		rates, tails = append(rates, a.rate/b.rate), append(tails, a.p99.Seconds()/b.p99.Seconds())
		work = append(work, b.cpu.Seconds()/a.cpu.Seconds())
		fmt.Printf("round %d   simulator %6.0f/s p50 %v p99 %v cpu %v   plain %6.0f/s p50 %v p99 %v cpu %v   ratio %.2f\n",
			i, a.rate, round(a.p50), round(a.p99), a.cpu, b.rate, round(b.p50), round(b.p99), b.cpu, a.rate/b.rate)
	}
	summary("requests per second    %s of the plain handler's\n", rates)
	summary("per processor second   %s of the plain handler's\n", work)
	summary("p99                    %s times the plain handler's\n", tails)
	fmt.Printf("resident after load    %.1f MiB with %d payments made (the newest 100,000 are kept)\n", mib(sim.resident()), sim.answered)
	return nil
}

func summary(format string, values []float64) {
	slices.Sort(values)
	fmt.Printf(format, fmt.Sprintf("%.2f (median of %d; min %.2f, max %.2f)", values[len(values)/2], len(values), values[0], values[len(values)-1]))
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

func mib(bytes int) float64 { return float64(bytes) / (1 << 20) }
