// Package observe learns from runs against a real target what it does differently: it turns the changes that drift finds between a
// run on the simulator and runs on the target into observations, and merges them with those that a file holds.
//
//	runs ──▶ drift.Changes ──▶ observations (learn.go, values.go, refusals.go, traffic.go) ──▶ merged (learn.go)
//
// What only a person can decide is listed, and no observation is made of it; so is what two runs say differently.
package observe
