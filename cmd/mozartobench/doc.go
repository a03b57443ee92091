// Command mozartobench measures the simulator as a whole process against a plain net/http handler that decodes and encodes
// the same bodies, in the same run: the servers on one core, the load and the webhooks' receiver on another, in turns, so that
// what else the machine does affects both alike. Ratios and processor time travel; absolute figures depend on the machine.
//
// Two cases use both cores: replicas, which starts a PostgreSQL if it is installed, and contract, which runs all features. Container
// gives the simulator 512 MiB by a cgroup, for which it must be root, and by GOMEMLIMIT elsewhere.
//
//	go run ./cmd/mozartobench [-rounds 5] [-length 2s] [-connections 16] [-only webhooks] [-report]
//
// cases.go is the table of what is measured, and of the aims; with -report the medians, whether they meet their aim, and the value
// of every round become BENCHMARKS.md.
package main
