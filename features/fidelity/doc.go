// Package fidelity counts how the contract's rules are known, by provider and capability, which of them a feature executes, and which
// a real target was seen to follow or not.
package fidelity
