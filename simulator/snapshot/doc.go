// Package snapshot copies everything of a company but its configuration to a JSON document, puts such a copy back, and resets a
// company. A document is written (write.go) and read (read.go) piece by piece, through a temporary file (spool.go): only one payment at a
// time is in memory.
package snapshot
