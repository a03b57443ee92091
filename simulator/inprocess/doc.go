// Package inprocess calls the simulator's own handlers without a network, as the console, the demo shop and agents do.
package inprocess
