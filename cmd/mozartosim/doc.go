// Command mozartosim is the one binary: the simulator of the Mozarto Cashier API and everything around it. There is one file
// for each group of verbs; what verbs share is in package cli, and in these:
//
//	main.go      the root command, exit codes, versions
//	tokens.go    whose credentials: a file's, the demo company's or a running simulator's
//	requests.go  requests: generated ones, and recorded ones
package main
