package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

type options struct {
	rounds, connections, kept int
	length                    time.Duration
	database, only            string
	report                    bool
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "measured rounds of each case")
	flag.IntVar(&o.connections, "connections", 16, "connections at the same time")
	flag.IntVar(&o.kept, "kept", 100_000, "payments that the case kept makes; pauses keeps twice as many, container makes three times as many")
	flag.DurationVar(&o.length, "length", 2*time.Second, "how long a round's load on a server takes")
	flag.StringVar(&o.database, "postgres", "", "the URL of an empty PostgreSQL database for the case replicas (default: a server of its own, if PostgreSQL is installed)")
	flag.StringVar(&o.only, "only", "", "measure only one case: "+caseNames())
	flag.BoolVar(&o.report, "report", false, "write BENCHMARKS.md and the sentence in README.md that quotes it")
	plain := flag.String("plain", "", "internal: serve the plain handler at this address")
	flag.Parse()
	if err := run(o, *plain); err != nil {
		fmt.Fprintln(os.Stderr, "mozartobench:", err)
		os.Exit(1)
	}
}

func run(o options, plain string) error {
	if plain != "" {
		return servePlain(plain)
	}
	chosen := slices.DeleteFunc(cases(), func(c benchCase) bool {
		return o.only != "" && o.only != c.name
	})
	switch {
	case len(chosen) == 0:
		return fmt.Errorf("-only must be one of %s", caseNames())
	case o.report && o.only != "":
		return fmt.Errorf("-report needs every case: leave out -only")
	case o.rounds < 1 || o.connections < 2 || o.kept < 1 || o.length <= 0:
		return fmt.Errorf("-rounds, -kept and -length must be above 0, -connections above 1")
	}
	if again, err := pinned(); again {
		return err
	}
	dir, err := os.MkdirTemp("", "mozartobench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, dir: dir, binary: filepath.Join(dir, "mozartosim"), began: time.Now(), load: loadAverage()}
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.binary, "./cmd/mozartosim").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	for _, c := range chosen {
		fmt.Printf("\n%s: %s\n", c.name, c.what)
		b.measured = append(b.measured, measured{benchCase: c})
		if err := c.run(b); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if err := b.print(); err != nil {
			return err
		}
	}
	if o.report {
		return b.writeReport()
	}
	return nil
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

// onBothCores runs a case on both cores, which everything that it starts shares with the load.
func onBothCores(run func(*bench) error) func(*bench) error {
	return func(b *bench) error {
		if os.Getenv("MOZARTOBENCH_PINNED") != "yes" {
			return run(b)
		}
		if err := pin("0,1", "no"); err != nil {
			return err
		}
		return errors.Join(run(b), pin("1", "yes"))
	}
}

// pin puts all threads of this process, and so what it starts, on these cores, and says whether servers are on the first.
func pin(cores, servers string) error {
	if out, err := exec.Command("taskset", "-a", "-c", "-p", cores, strconv.Itoa(os.Getpid())).CombinedOutput(); err != nil {
		return fmt.Errorf("taskset: %w\n%s", err, out)
	}
	return os.Setenv("MOZARTOBENCH_PINNED", servers)
}
