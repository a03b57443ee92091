// Package words writes for people: numbers with their nouns, times, durations, and tables whose cells do nothing to a terminal.
package words
