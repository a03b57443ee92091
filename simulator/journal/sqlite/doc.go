// Package sqlite is a journal.Journal in one file, for one process at a time: what Append has accepted is on the disk, and is
// there after a crash.
//
// Appends of callers who come at the same time are written in one transaction; each is refused or accepted by itself. A
// stream is one row, which holds its labels and where its entries stand, and one row for each append; every row carries a
// checksum, so that a damaged file is an error and never a wrong answer. Reading and writing go over one connection that has
// the file for itself. What is taken of the due work is known to the process alone: after a restart all that is not settled
// is due again.
package sqlite
