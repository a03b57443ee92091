// Package requestlog keeps the calls of the public listener, refused ones above all: what came, what was answered, which stage
// refused it and why, in words, and which rule of the contract it broke.
//
// The call path hands a Call over and never waits: calls are masked, packed and written in batches, in the background, to the
// journal, which bounds them by count and bytes. What is read is complete nevertheless: a reader has the calls written that came
// before it. An accepted call has no body of its own; it refers to its payment.
//
//	call.go  a call as it is handed over, and as it is kept
//	log.go   the queue, and what writes it
//	read.go  one, a list, those that follow
//	har.go   an HTTP archive
package requestlog
