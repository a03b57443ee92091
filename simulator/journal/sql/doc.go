// Package sqljournal is a journal.Journal in SQL: in a SQLite file, which one process has for itself, or in a PostgreSQL
// database, which many processes share. What Append has accepted is on the disk.
//
//	journal.go    Journal: its parts, and what opens it
//	append.go     a batch of appends: each is judged alone, all are written together
//	batch.go      what a batch reads, changes and writes
//	drops.go      what is dropped because a limit was reached
//	read.go       entries, lists, the feed, counts
//	check.go      whether everything belongs together
//	jobs.go       claims: each job is handed out once over all processes
//	requests.go   the log of calls
//	settings.go   settings and ordinals
//	copy.go       export and import
//	database.go   what a dialect does, and the statements and transactions that are common to both
//	sqlite*.go    the dialect of SQLite
//	postgres*.go  the dialect of PostgreSQL
//	rows.go       the tables, and what a row holds
//	waiting.go    calls that share a transaction
//	pack.go       the bytes of a row, with a checksum; the names of streams
//
// A file uses those that stand below it.
//
// Every row that carries data carries a checksum, so that damage is an error and never a wrong answer, and the number of its
// encoding, so that a later version can pack data differently.
//
// The dialects differ in one thing beside their SQL: a stream is found by its id and its keys, which are scattered, and an
// index of them would cost SQLite half of its writing speed, since every commit would write a page for each. Its process has
// the file for itself, so it keeps that index in memory and reads it when it opens the file. Claims of jobs are in memory
// too; after a restart every job is pending again. PostgreSQL has tables for both.
package sqljournal
