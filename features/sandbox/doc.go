// Package sandbox leads a person with credentials through a run against somebody else's target: a plan of what would be sent, made by a
// rehearsal on a simulator in this process; a pre-flight, whose calls can't become payments; the run, which can be stopped and gone on
// with; and a bundle of what was seen, without secrets and without personal data, for those who maintain the contract.
package sandbox
