// Package clock is a company's time: real, scaled, or moved by hand.
//
// It is the only package that reads the machine's clock or waits on it. Everything else takes `now` as an argument or a *Clock, so
// that a test can take a payment through thirty days in a millisecond.
package clock
