// Package heap keeps the process within the memory that its container may use, and has the garbage collector leave room for what
// a simulator makes.
package heap
