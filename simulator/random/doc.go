// Package random draws everything that looks random from named, seeded streams.
//
// A stream's seed is made of the company's seed and a name (which payment, what for), so that the same calls in the same
// order give the same ids, tokens and chances, and one payment's draws never shift another's.
package random
