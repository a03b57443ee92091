// Package portable writes everything that a journal keeps to one file, and reads it back into another journal, of any
// kind: JSON, one line for each thing, so that a file is read and written piece by piece.
//
//	{"mozartosim":{"version":2,"program":"v0.1"}}          what it is
//	{"setting":{"company":"…","name":"clock","data":"…"}}  secrets in it stay sealed
//	{"company":{"id":"…","ordinal":7,…}}                   what follows is this company's, until the next
//	{"stream":{"id":"…","entries":[…],…}}                  a payment
//	{"job":{"id":"…","stream":"…","at":"…",…}}             a pending job, in the order in which they were scheduled
//	{"end":{"lines":9}}                                    nothing is missing
//
// Check says whether everything in a journal belongs together, down to each payment's events.
package portable
