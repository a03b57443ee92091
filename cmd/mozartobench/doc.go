// Command mozartobench measures the simulator as a whole process against a plain net/http handler that decodes and encodes
// the same bodies, in the same run: the servers on one core, the load and the webhooks' receiver on another, in turns, so that
// what else the machine does affects both alike. Ratios and processor time travel; absolute figures depend on the machine.
//
//	go run ./cmd/mozartobench [-rounds 5] [-length 2s] [-connections 16] [-only webhooks] [-report]
//
// cases.go is the table of what is measured; with -report the medians, and the value of every round, become BENCHMARKS.md.
package main
