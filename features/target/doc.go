// Package target is what features are run against: a simulator in this process, one that runs elsewhere, or the vendor's Sandbox as
// a profile (contract.yaml) describes it.
package target
