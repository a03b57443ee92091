// Package listener makes the simulator's listeners: bounded in connections, plain or with TLS.
package listener
