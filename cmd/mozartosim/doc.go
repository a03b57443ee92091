// Command mozartosim is the one binary: the simulator of the Mozarto Cashier API and everything around it. One small file
// per verb; what several verbs share stands in these:
//
//	main.go     the root command, exit codes
//	usage.go    wrong usage, flags from the environment
//	names.go    provider and flow names as people write them
//	company.go  whose credentials: a file's, the demo's, or a running simulator's
//	mint.go     tokens
//	columns.go  text in columns
//	admin.go    a running simulator's admin API, for the verbs that use it
//	times.go    times and durations, read and written
//	complete.go words for the shell's completion
package main
