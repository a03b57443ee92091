// Package setup makes the files that a team starts with: contract.yaml, certify.yaml, mozartosim.yaml, a compose file and a CI job.
// Answers go in, as texts by the names of questions, and files come out; nothing is read, and Write alone writes.
package setup
