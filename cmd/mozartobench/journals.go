package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
)

// reportJournals compares a simulator with its journal in a file, and two that share a database, with one whose journal is in
// memory, under the same load in turns. Each payment is durable before its answer is sent.
func reportJournals(binary, dir string, o options) error {
	fmt.Println("\nthe journal in a file (SQLite, every payment durable) against the one in memory:")
	file := []string{"--data", filepath.Join(dir, "payments.db")}
	if err := compare(binary, o, [][]string{file}); err != nil || o.database == "" {
		return err
	}
	fmt.Println("\ntwo replicas on one PostgreSQL against one simulator with the journal in memory:")
	shared := []string{"--data", o.database, "--data-key", "bench"}
	return compare(binary, o, [][]string{shared, shared})
}

// compare measures simulators that share the connections with one whose journal is in memory.
func compare(binary string, o options, flags [][]string) error {
	memory, err := startSimulator(binary, "--clock", "manual")
	if err != nil {
		return err
	}
	defer memory.stop()
	var durable []*process
	for _, f := range flags {
		p, err := startSimulator(binary, append([]string{"--clock", "manual"}, f...)...)
		if err != nil {
			return err
		}
		defer p.stop()
		durable = append(durable, p)
	}
	var rates []float64
	for i := range o.rounds + 1 {
		a, errA := loadAll(durable, o)
		b, errB := load(memory, o)
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		if i == 0 { // warm-up
			continue
		}
		rates = append(rates, a/b.rate)
		fmt.Printf("round %d   %6.0f payments/s   in memory %6.0f/s   ratio %.2f\n", i, a, b.rate, a/b.rate)
	}
	summary("payments per second    %s of the journal in memory\n", rates)
	return nil
}

// loadAll shares the connections among processes and adds up their rates.
func loadAll(processes []*process, o options) (rate float64, err error) {
	o.connections /= len(processes)
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, p := range processes {
		all.Go(func() {
			got, failed := load(p, o)
			mu.Lock()
			defer mu.Unlock()
			rate += got.rate
			err = errors.Join(err, failed)
		})
	}
	all.Wait()
	return rate, err
}
