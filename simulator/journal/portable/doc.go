// Package portable writes everything that a journal keeps to one file, and reads it back into another journal, of whatever
// kind: JSON, one line for each thing, so that a file is read and written piece by piece.
//
//	{"mozartosim":{"version":1,"program":"v0.1"}}          what it is
//	{"note":{"company":"…","name":"clock","data":"…"}}     how things are; secrets in it stay sealed
//	{"company":{"id":"…","ordinal":7,…}}                   what follows is this company's, until the next
//	{"stream":{"id":"…","entries":[…],…}}                  a payment
//	{"due":{"id":"…","stream":"…","at":"…",…}}             work that waits, in the order in which it began to
//	{"end":{"lines":9}}                                    nothing is missing
//
// Check holds a journal against itself, down to each payment's events.
package portable
