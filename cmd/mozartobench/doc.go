// Command mozartobench measures the simulator as a whole process against a plain net/http handler that decodes and encodes
// the same bodies, in the same run: the servers on one core, the load on another, in turns, so that a machine's mood hits
// both alike. It states ratios; absolute figures belong to the machine.
//
//	go run ./cmd/mozartobench [-rounds 5] [-seconds 3] [-connections 16]
package main
