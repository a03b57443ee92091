// Package report writes what a run of the harness saw in the formats that people, CI viewers and other tools read.
//
// Every format is made from an evidence.Run and nothing else. A scenario that was not run is shown as skipped, with its
// reason, where the format knows such a thing, and never as passed.
package report
