// Package cli is what the verbs of mozartosim share: wrong usage and flags from the environment, calls to a running
// simulator's admin API, names of providers and flows as people write them, what is printed.
package cli
