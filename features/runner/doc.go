// Package runner runs features against a target and returns what it saw as an evidence.Run.
//
// Godog parses the features, matches their steps and runs them. The runner chooses which scenarios are run, because Godog's own
// filter knows neither "and", "or", "not" nor the rows of an outline; its hooks leave out what the target can't do, give each
// scenario a World and gather the evidence; what failed is given to Godog again as often as --retries says. One formatter of
// ours, the collector, takes what Godog passes to no hook.
//
//	read.go   features and scenarios as they are written;  list.go, tags.go  which of them
//	run.go    what is run, and again;  godog.go  one run of Godog;  trial.go  its hooks: one try of one scenario
package runner
