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

// TestReportSaysEveryRound makes sure that medians, aims and the values of all rounds are told.
func TestReportSaysEveryRound(t *testing.T) {
	t.Parallel()
	aims := map[string]aim{"ratio": {"≥", 0.60}, "p99": {"≤", 15}}
	b := &bench{measured: []measured{{benchCase: benchCase{name: "answers", aims: aims}}}}
	for _, v := range []float64{3, 1200, 20} {
		b.add("answers per second", "1/s", v)
		b.add("ratio", "of plain", v/20)
		b.add("p99", "ms", v)
	}
	got := b.table()
	for _, want := range []string{
		"| answers per second | 1/s | **20.0** |  | 3.00 · 1200 · 20.0 |",
		"| ratio | of plain | **1.00** | ≥ 0.6 | 0.15 · 60.0 · 1.00 |",
		"| p99 | ms | **20.0** | ≤ 15, not met | 3.00 · 1200 · 20.0 |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant a line %s", got, want)
		}
	}
	if got := b.aims(); got != "1 of 2" {
		t.Errorf("%s aims are met, want 1 of 2", got)
	}
	if got := b.median("answers", "answers per second"); got != "20.0" {
		t.Errorf("median %s, want 20.0", got)
	}
	if got := b.median("answers", "errors"); got != "?" {
		t.Errorf("a figure that was not measured is %s, want ?", got)
	}
}

// TestReportSaysWhatWasLeftOut makes sure that a case without figures has its reason, and no table or aim.
func TestReportSaysWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	b := &bench{measured: []measured{{benchCase: benchCase{name: "replicas", what: "two", aims: map[string]aim{"p99": {"≤", 1}}}}}}
	b.say("left out: no PostgreSQL")
	if got, want := b.table(), "\n### replicas\n\ntwo; left out: no PostgreSQL.\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := b.print(); err != nil || b.aims() != "0 of 0" {
		t.Errorf("%s aims are met, %v", b.aims(), err)
	}
	b.add("p50", "ms", 1)
	if err := b.print(); err == nil || !strings.Contains(err.Error(), "p99") {
		t.Errorf("an aim whose figure was not measured: %v", err)
	}
}
