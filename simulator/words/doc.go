// Package words writes for people: numbers with their nouns, times, durations, findings, and tables whose cells do nothing to a terminal.
package words
