// Command mozartobench measures the simulator as a whole process against a plain net/http handler that decodes and encodes
// the same bodies, in the same run: the servers on one core, the load on another, in turns, so that what else the machine does
// affects both alike. Its results are ratios; absolute figures depend on the machine.
//
//	go run ./cmd/mozartobench [-rounds 5] [-length 3s] [-connections 16]
package main
