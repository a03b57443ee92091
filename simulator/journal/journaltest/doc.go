// Package journaltest holds what every journal.Journal must do, as a suite of tests.
//
// A store's own test calls Run with a function that opens an empty journal. What only that store does (dropping at
// a limit, surviving a restart) is tested beside it.
package journaltest
