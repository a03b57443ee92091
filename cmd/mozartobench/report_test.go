package main

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeQuotesBenchmarks holds README.md's figures equal to those of BENCHMARKS.md.
func TestReadmeQuotesBenchmarks(t *testing.T) {
	t.Parallel()
	quotes := map[string]string{}
	for _, file := range []string{"README.md", "BENCHMARKS.md"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, begins := strings.Cut(string(text), quoteBegins)
		quote, _, ends := strings.Cut(rest, quoteEnds)
		if !begins || !ends || quote == "" {
			t.Fatalf("%s has no sentence between %s and %s", file, quoteBegins, quoteEnds)
		}
		quotes[file] = quote
	}
	if quotes["README.md"] != quotes["BENCHMARKS.md"] {
		t.Errorf("README.md quotes BENCHMARKS.md wrongly:\n%s\n%s\nrun make bench-report", quotes["README.md"], quotes["BENCHMARKS.md"])
	}
}

// TestReportSaysEveryRound makes sure that medians and the values of all rounds are told.
func TestReportSaysEveryRound(t *testing.T) {
	t.Parallel()
	b := &bench{measured: []measured{{benchCase: benchCase{name: "answers"}}}}
	for _, v := range []float64{3, 1200, 20} {
		b.add("answers per second", "1/s", v)
	}
	want := "| answers per second | 1/s | **20.0** | 3.00 · 1200 · 20.0 |"
	if got := b.table(); !strings.Contains(got, want) {
		t.Errorf("got %s\nwant a line %s", got, want)
	}
	if got := b.median("answers", "answers per second"); got != "20.0" {
		t.Errorf("median %s, want 20.0", got)
	}
	if got := b.median("answers", "p99"); got != "?" {
		t.Errorf("a figure that was not measured is %s, want ?", got)
	}
}
