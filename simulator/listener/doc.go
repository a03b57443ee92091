// Package listener makes the simulator's listeners and serves them: bounded in connections, plain or with TLS. No connection is
// free: a request's header and body have to arrive in time, an answer has to be taken in time, and one that is idle is closed. Large
// bodies and answers take as long as they need, while they move on. Readiness says whether calls are taken.
package listener
