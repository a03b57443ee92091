// Package clock tells a company's time: real, scaled, or moved by hand.
//
// It is the only package that looks at the machine's clock or waits on it. Everything else takes `now` as an argument or
// asks a *Clock, so that a test can put a payment through thirty days in a millisecond.
package clock
