// Package words writes what programs print: numbers with their nouns, times, durations, findings, tables whose cells do nothing to a
// terminal, and JSON for scripts.
package words
