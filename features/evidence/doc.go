// Package evidence is what a run of the harness saw, as data: which scenarios passed, what was sent and answered on the way,
// which webhooks came and when.
//
// The runner and the certifier write a Run; the reports show it, drift compares two of them. Data goes one way, and this is
// what it goes as: a Run is kept as one JSON file. The maker of a Run masks it first; nothing in it is a secret.
package evidence
